# Whatever a job does, mpi-podman leaves no fd open on the host when it ends, nor does what it forks there
# (tests/analysis/fds; the same for each way to fail, and for the agent, is tested without a lab).

load lib

looked=/src/tests/analysis/fds # runs the words behind it

# expect_none_left PROCESSES: by each rank's wrapper and what it forked, at least so many.
expect_none_left() {
    local line
    while read -r line; do
        [[ $line =~ ^'fds: '([0-9]+)' processes, 0 left fds open'$ && ${BASH_REMATCH[1]} -ge $1 ]] || report "expected: nothing left open"
    done <<<"$stderr"
}

@test "of a job whose ranks share a container" {
    run_here -np 2 "$looked" mpi-podman "$image" ring
    expect_status 0
    expect_ring 2 node1=2
    expect_none_left 1
}

@test "of a job with a container for each rank, that fails" {
    run_as node1 "$looked" mpi-podman --per-rank "$image" sh -c 'exit 3'
    expect_status 3
    expect_none_left 2
}

@test "of an image that is not there, a verdict, and what would be done" {
    run_as node1 "$looked" mpi-podman --pull=never localhost/none true
    expect_status 125
    expect_words 'localhost/none' ' 0 left fds open'
    run_as node1 "$looked" mpi-podman --check "$image" ring
    expect_status 0
    expect_none_left 1
    run_as node1 "$looked" mpi-podman --dry-run "$image" ring
    expect_status 0
    expect_none_left 1
}
