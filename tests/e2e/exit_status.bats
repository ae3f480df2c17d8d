# What the launcher, or the shell, sees of the rank's end is what it sees without a container. The cases
# of MPI programs are run natively too: nothing that mpirun has the say in is written down by hand alone.

load lib

# The status, and what mpirun says of a signal; its help texts are left out, because Open MPI 4.1 garbles
# them now and then, without a container too.
end_of() { # end_of MPIRUN_ARG...
    run_as --cwd "$programs" node1 mpirun "$@"
    printf '%s %s' "$status" "$(grep -Eo 'exited on signal [0-9]+' <<<"$stderr")"
}

same_on() { # same_on 'MPIRUN_ARG...' 'END' COMMAND...: END is what it must be, both ways
    local where native contained expected=$2
    read -ra where <<<"$1"
    shift 2
    native=$(end_of "${where[@]}" -np 2 "$@")
    contained=$(end_of "${where[@]}" -np 2 mpi-podman "$image" "$@")
    equal "$contained" "$native" "the end of '$*' in a container and natively"
    equal "$native" "$expected" "the native end of '$*'"
}

same() { same_on '--host node1:2' "$@"; }

@test "exit 0" { same '0 ' ./end exit 0; }
@test "exit 3" { same '3 ' ./end exit 3; }
@test "exit without MPI_Finalize" { same '3 ' ./end early 3; }
@test "SIGSEGV: 139" { same '139 exited on signal 11' ./end segv; }
@test "SIGKILL" { same '137 exited on signal 9' ./end kill 9; }
@test "SIGTERM" { same '143 exited on signal 15' ./end kill 15; }
@test "MPI_Abort(7)" { same '7 ' ./end abort 7; }
@test "a shell whose command is not found: 127" { same '127 ' sh -c 'exec 2>&-; no-such-command'; }
@test "exit 3 on another node" { same_on "--hostfile $hostfile --map-by node" '3 ' ./end exit 3; }

# What a shell sees as $? of ranks without a launcher: shell_sees 'sh command with $n' NUMBER...
shell_sees() {
    as --cwd "$programs" node1 bash -c 'for n in "${@:3}"; do
        mpi-podman "$1" sh -c "${2/\$n/$n}"; echo "$n $?"; done 2>/dev/null' bash "$image" "$@"
}

@test "without a launcher: every kind of exit status" {
    # 128 + n is what podman makes of signal n, so what a rank itself says from there on is worth a look;
    # of 145 to 156 some are signals that stop a process, and some that it ignores.
    equal "$(shell_sees 'exit $n' 1 125 126 127 128 137 145 147 148 149 156 193 255)" \
        "$(printf '%s\n' 1 125 126 127 128 137 145 147 148 149 156 193 255 | sed 's/.*/& &/')"
}

@test "without a launcher: death by signals" {
    equal "$(shell_sees 'kill -$n $$' 1 2 3 6 9 10 11 13 14 15)" \
        "$(for n in 1 2 3 6 9 10 11 13 14 15; do echo "$n $((128 + n))"; done)"
}

@test "the wrapper dies by the rank's signal itself, and leaves no core file beside the rank's" {
    run_as node1 bash -c 'ulimit -c unlimited; mkdir -p cores; cd cores; perl -e '\''
        system @ARGV; printf "signal %d, core %d, status %d\n", $? & 127, $? >> 7 & 1, $? >> 8'\'' "$@"; ls; cd; rm -rf cores' \
        bash mpi-podman --no-cwd "$image" sh -c 'ulimit -c 0; kill -SEGV $$'
    expect_output 'signal 11, core 0, status 0'
}
