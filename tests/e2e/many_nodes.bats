# Eight nodes. tests/run limits.

load lib

# shellcheck disable=SC2034  # lib.bash's
limit=300

setup_file() {
    need_lab
    nodes | sed 's/$/ slots=2/' | as node1 tee eight >/dev/null
}

teardown_file() { as node1 rm eight; }

places() { # places RANKS: NODE=RANKS of each node, for expect_ring
    nodes | sed "s/\$/=$1/"
}

@test "there are eight nodes" { equal "$(nodes | wc -l)" 8 nodes; }

@test "16 ranks on eight nodes: a ring" {
    run_as node1 mpirun --hostfile eight --map-by node -np 16 mpi-podman "$image" ring
    expect_healthy
    # shellcheck disable=SC2046  # a word for each node
    expect_ring 16 $(places 2)
}

@test "16 ranks on eight nodes, with --per-rank: a ring" {
    run_as node1 mpirun --hostfile eight --map-by node -np 16 mpi-podman --per-rank "$image" ring
    expect_healthy
    # shellcheck disable=SC2046
    expect_ring 16 $(places 2)
}

@test "an error is one line for each of eight nodes" {
    local all
    mapfile -t all < <(nodes)
    run_as node1 mpirun --hostfile eight --map-by node -np 16 mpi-podman "$image" no-such-command
    expect_refusal 127 'no-such-command was not found' "${all[@]}"
}

@test "--check of eight nodes" {
    run_as node1 mpi-podman --check --hostfile eight "$image" ring
    expect_status 0
    equal "$(grep -Eo '\bnode[1-8]\b' <<<"$output" | sort -u | wc -l)" 8 "nodes on the page"
}
