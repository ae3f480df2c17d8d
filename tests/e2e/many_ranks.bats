# 256 ranks on one node, and what a native job takes beside it: printed, not judged. tests/run limits.

load lib

# shellcheck disable=SC2034  # lib.bash's
limit=1500
ranks=256

# More ranks than cores yield the core while they wait.
run_many() { # run_many WHAT MPIRUN_ARG...
    local what=$1 since=$EPOCHREALTIME
    shift
    run_as node1 mpirun --host "node1:$ranks" --oversubscribe --mca mpi_yield_when_idle 1 -np "$ranks" "$@"
    echo "# $ranks ranks, $what: $(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $since }") s" >&3
}

@test "a ring of $ranks ranks on one node, and natively" {
    run_many "native ring" "$programs/ring"
    expect_healthy
    expect_ring "$ranks" "node1=$ranks"
    run_many "ring" mpi-podman "$image" ring
    expect_healthy
    expect_ring "$ranks" "node1=$ranks"
}

@test "$ranks ranks that use no MPI" {
    run_many "printenv" mpi-podman "$image" printenv OMPI_COMM_WORLD_RANK
    expect_healthy
    equal "$(sort -n <<<"$output")" "$(seq 0 $((ranks - 1)))" ranks
}

@test "$ranks ranks in a container that lingers" {
    run_many "ring, first" mpi-podman --linger 100 "$image" ring
    expect_healthy
    expect_ring "$ranks" "node1=$ranks"
    run_many "ring, with --linger" mpi-podman --linger 100 "$image" ring
    expect_healthy
    expect_ring "$ranks" "node1=$ranks"
    as node1 mpi-podman --stop >/dev/null
}
