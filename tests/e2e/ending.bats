# mpirun is told to end, at any moment of a job's life: no container, process or directory is left on
# either node. Every moment is drawn from a seed that is printed; SEED=n repeats a run.

load lib

# What remains where mpirun of Open MPI 4 waits for ever, natively too, as a rank was ended amid its first words to
# PMIx (tests/chaos/README.md, "Bounds"): it says so, and all of ours has ended.
only_mpirun_waits() {
    local of_mpirun='process [0-9]+ \(.\): (mpirun |/usr/bin/ssh |(/usr/bin/)?orted |sshd: mpi|bash -c )'
    of_mpirun+='|file /(tmp/(ompi\.|pmix-)|dev/shm/vader_segment\.)'
    grep -Eq 'PMIX ERROR: UNREACHABLE in file \S*/ptl_base_connection_hdlr\.c' "$said/err" &&
        ! leftovers | grep -Ev "^node[12]: ($of_mpirun)"
}

end_mpirun() {
    local node
    echo "mpirun waits for a rank that it lost amid its first words: it is killed"
    on node1 sh -c 'kill -KILL $(cat /home/mpi/launcher)'
    for node in $(nodes); do
        on "$node" pkill -KILL -x -u mpi orted || true
        equal "$(on "$node" find /tmp -path '/tmp/ompi.*' -name 'mpi-podman*')" '' "what is ours in mpirun's directory" || return
        on "$node" sh -c 'rm -rf /tmp/ompi.* /tmp/pmix-* /dev/shm/vader_segment.*'
    done
}

# end_job SIGNAL DELAY CMD...: a job of 4 on two nodes whose mpirun gets the signal after so long.
end_job() {
    local signal=$1 delay=$2
    shift 2
    start_as node1 bash -c 'echo $$ >launcher; exec mpirun "$@"' bash --hostfile "$hostfile" --map-by node -np 4 \
        mpi-podman "$image" "$@"
    wait_until 30 on node1 test -s /home/mpi/launcher
    sleep "$delay" # the random moment itself; nothing waits for anything here
    # A job that ended by itself before leaves nothing to signal.
    on node1 sh -c "kill -$signal \$(cat /home/mpi/launcher)" || true
    wait_until 40 ended "$started" || ! only_mpirun_waits || end_mpirun || return
    on node1 rm -f /home/mpi/launcher
    finish
    expect_nothing_left
}

# end_jobs SIGNAL CMD...: five times.
end_jobs() {
    local signal=$1 seed=${SEED:-$RANDOM} delay i
    shift
    RANDOM=$seed
    for i in {1..5}; do
        delay=$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))
        echo "seed $seed, $i: SIG$signal after $delay s"
        end_job "$signal" "$delay" "$@" || fail "in this job" "$(cat "$BATS_TEST_TMPDIR/err")" || return
    done
}

# Ranks that ignore what they can, and have started others that belong to no process group or session of
# theirs.
stubborn="trap '' TERM INT HUP; sleep 1000 & setsid sleep 1001 & setsid sh -c 'setsid sleep 1002 & wait' & exec $programs/hold"

@test "SIGTERM, 5 times: ranks that talk and wait" { end_jobs TERM "$programs/hold"; }
@test "SIGINT, 5 times: ranks that talk and wait" { end_jobs INT "$programs/hold"; }
@test "SIGTERM, 5 times: ranks that ignore it, with children in sessions of their own" { end_jobs TERM sh -c "$stubborn"; }
@test "SIGINT, 5 times: ranks that ignore it, with children in sessions of their own" { end_jobs INT sh -c "$stubborn"; }

@test "podman finds no memory to remove the container: it goes all the same" {
    start_as node1 mpirun --host node1:2 mpi-podman "$image" "$programs/hold"
    wait_until 30 on node1 pgrep -x hold
    as node1 prlimit --as=9000000 --pid "$(on node1 pgrep -u mpi -x conmon)"
    on node1 pkill -x hold
    finish
    expect_nothing_left --ask-podman
}
