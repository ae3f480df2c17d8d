# --dry-run prints a podman command which, pasted into a shell, does what mpi-podman would have done.

load lib

setup_file() {
    need_lab
    install_counting_podman
}

@test "pasted into a shell, it runs the program of the current directory" {
    run_as --cwd "$programs" node1 bash -c 'mpi-podman --dry-run "$1" ./ring >../line && . ../line; rm ../line' bash "$image"
    expect_healthy
    expect_ring 1 node1=1
}

@test "pasted by every rank of a job, it is that job" {
    run_job -np 4 sh -c "eval \"\$(mpi-podman --dry-run $image ring)\""
    expect_healthy
    expect_ring 4 node1=2 node2=2
}

@test "arguments come out of the shell as they went in" {
    local words=("it's" 'a  b' '$HOME' '`id`' '*' '' $'two\nlines' '"quoted"' '\\n' '#' '~' '!!' ';' 'é')
    run_as node1 mpi-podman "$image" printf '<%s>' "${words[@]}"
    expect_output "$(printf '<%s>' "${words[@]}")"
    run_as node1 bash -c 'eval "$(mpi-podman --dry-run "$@")"' bash "$image" printf '<%s>' "${words[@]}"
    expect_healthy
    expect_output "$(printf '<%s>' "${words[@]}")"
}

@test "one for each rank of a job, each with its own name; nothing is started or pulled" {
    # mpirun hands on 4 KiB at a time, and a command may be longer: the lines of two nodes would mix.
    run_job -np 4 sh -c 'mpi-podman --podman counting-podman --dry-run "$0" ring | grep -E "^counting-podman|--name="' "$image"
    expect_healthy
    equal "$(grep -c '^counting-podman' <<<"$output")" 4
    equal "$(grep -o -- '--name=[^ ]*' <<<"$output" | sort -u | wc -l)" 4
    run_as node1 mpi-podman --podman counting-podman --dry-run no-such-image ring
    expect_healthy
    equal "$(asked node1 run) $(asked node2 run) $(asked node1 pull)" '0 0 0'
}

@test "it says how the image's MPI reaches the launcher" {
    run_here -np 1 mpi-podman --dry-run "$mpich_image" ring
    expect_healthy
    [[ $output == *'# PMI: the image has MPICH '*'offers PMIx: pmi-server speaks for it' ]] || report "expected the path"
}

@test "it refuses what mpi-podman would refuse" {
    run_here -np 2 env -u PMIX_RANK mpi-podman --dry-run "$image" ring
    expect_status 125
    expect_output ''
    expect_words 'PMIX_RANK missing'
}

@test "no value of a variable is in it, nor on the command line of anything that runs" {
    run_as node1 env PASSWORD=xyzzy mpi-podman --dry-run -e PASSWORD "$image" ring
    expect_healthy
    [[ $output == *--env=PASSWORD* && $output != *xyzzy* ]] || report "expected the name alone"
    # What every user sees of every process.
    as node1 mkfifo gate
    start_as node1 env PASSWORD=xyzzy bash -c 'unset OLDPWD; exec mpi-podman -e PASSWORD "$1" sh -c "echo \$PASSWORD; read -r line <gate"' \
        bash "$image"
    wait_until 30 grep -q xyzzy "$said/out"
    run_on node1 sh -c 'cat /proc/[0-9]*/cmdline | tr "\0" "\n" | grep "^[^ ]*xy*zzy"'
    expect_output ''
    as node1 sh -c 'echo go >gate; rm gate'
    finish
    expect_healthy
}
