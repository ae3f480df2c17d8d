# Who connects to a socket of a job without being a wrapper, though the job's own user, and says what no wrapper would:
# the job goes on, and those who serve keep nothing of it. What other users can do is in other_user.bats, what each
# word does in tests/unit/agent, tests/unit/wire and tests/fuzz.

load lib

teardown() {
    as node1 rm -f end flooded up-0 up-1
    expect_nothing_left
}

# start_ring LAUNCHER...: a ring of two that waits for the file `end` before it begins.
start_ring() {
    start_as node1 "$@" mpi-podman "$image" sh -c ': >up-${OMPI_COMM_WORLD_RANK:-$PMIX_RANK}; until [ -e end ]; do sleep 0.1; done; exec ring'
    wait_until 60 eval "ended $started || on node1 test -e /home/mpi/up-0 -a -e /home/mpi/up-1"
}

end_ring() {
    as node1 touch end
    finish
    expect_healthy
    expect_ring 2 node1=2
}

open_files() { on node1 sh -c 'ls "/proc/$1/fd" | wc -l' sh "$1"; } # open_files PID

# hears_them PID SOCKET: the process that listens there.
hears_them() {
    local before how
    before=$(open_files "$1")
    for how in garbage half_frames other_versions descriptors; do
        run_as node1 python3 /src/tests/e2e/programs/peer.py "$2" "$how"
        expect_healthy
    done
    wait_until 10 eval "[[ \$(open_files '$1') == $before ]]"
    as node1 python3 /src/tests/e2e/programs/peer.py "$2" flood &
    wait_until 30 on node1 test -e /home/mpi/flooded
}

@test "peers of an agent that talk nonsense, send files, or only come" {
    start_ring mpirun --host node1:2 -np 2
    hears_them "$(on node1 pgrep -f '^/run/podman-init')" "$(on node1 find /tmp -type s -path '*/mpi-podman/*')"
    end_ring
    wait
}

@test "peers of a pmix-server that talk nonsense, send files, or only come" {
    start_ring mpiexec.hydra -n 2
    hears_them "$(on node1 pgrep -x pmix-server)" "$(on node1 find /home/mpi/.cache -name pmix-server.socket)"
    end_ring
    wait
}
