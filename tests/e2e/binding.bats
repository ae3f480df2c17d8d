# A rank runs on the cores that the launcher gave it, with the priority it gave it.

load lib

mine='echo "$OMPI_COMM_WORLD_RANK $(grep -E "^(Cpus|Mems)_allowed_list" /proc/self/status | cut -f2 | xargs)"'

# same MPIRUN_ARG...: every rank sees the same cores in a container as natively.
same() {
    local native
    run_as node1 mpirun "$@" sh -c "$mine"
    expect_healthy
    native=$(sort <<<"$output")
    run_as node1 mpirun "$@" mpi-podman "$image" sh -c "$mine"
    expect_healthy
    equal "$(sort <<<"$output")" "$native" 'cores'
}

@test "--bind-to core: one each" {
    same --host node1:2 -np 2 --bind-to core
    equal "$(cut -d' ' -f2 <<<"$output" | sort -u | wc -l)" 2 'different cores'
}

@test "--bind-to core on two nodes" { same --hostfile "$hostfile" --map-by node -np 4 --bind-to core; }

@test "--bind-to none" { same --host node1:2 -np 2 --bind-to none; }

@test "without a launcher: taskset, nice" {
    local outside
    outside=$(as node1 nice -n 5 nice)
    run_as node1 taskset -c 1 nice -n 5 mpi-podman "$image" sh -c 'grep Cpus_allowed_list /proc/self/status | cut -f2; nice'
    expect_healthy
    expect_output "1"$'\n'"$outside"
}
