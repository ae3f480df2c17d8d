# The main job: `mpirun --hostfile hf mpi-podman IMAGE ./ring`, as an ordinary user over ssh. Run once in
# each lab: Open MPI 4.1 on this machine's system, Open MPI 5 on Debian trixie.

load lib

@test "ring of 4 over two nodes: one job, two ranks each, not a word from anybody else" {
    run_as node1 printenv XDG_RUNTIME_DIR
    expect_status 1
    run_job -np 4 mpi-podman "$image" ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
}

@test "the same with ./ring of the image's working directory, from a directory that has none" {
    as node1 mkdir -p empty
    run_as --cwd /home/mpi/empty node1 mpirun --hostfile "$hostfile" --map-by node -np 4 mpi-podman "$image" ./ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
}

@test "a program of one's own in the current directory, compiled outside" {
    run_as --cwd "$programs" node1 mpirun --hostfile "$hostfile" --map-by node -np 4 mpi-podman "$image" ./ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
    # It was ours that ran, not the image's of the same name.
    as --cwd "$programs" node1 cp end own-end
    run_as --cwd "$programs" node1 mpirun --hostfile "$hostfile" --map-by node -np 4 mpi-podman "$image" ./own-end exit 0
    expect_healthy
    expect_output ''
}

@test "absolute paths: in the image, and below the current directory" {
    run_job -np 2 mpi-podman "$image" /opt/ring/ring
    expect_healthy
    expect_ring 2 node1=1 node2=1
    run_job -np 2 mpi-podman "$image" "$programs/ring"
    expect_healthy
    expect_ring 2 node1=1 node2=1
}

@test "8 ranks on two nodes of 2 slots" {
    run_as node1 mpirun --hostfile "$hostfile" --map-by node:OVERSUBSCRIBE -np 8 mpi-podman "$image" ring
    expect_healthy
    expect_ring 8 node1=4 node2=4
}

@test "ranks on the other node only" {
    run_as node1 mpirun --host node2:2 -np 2 mpi-podman "$image" ring
    expect_healthy
    expect_ring 2 node2=2
}

@test "the image's own command, where none is given" {
    run_job -np 2 mpi-podman "$image" </dev/null
    # bash, at once at the end of its input
    expect_healthy
    expect_output ''
}

@test "two jobs at the same time on the same nodes" {
    start_as node1 mpirun --hostfile "$hostfile" --map-by node -np 2 mpi-podman "$image" ring
    run_job -np 2 mpi-podman "$image" ring
    expect_healthy
    expect_ring 2 node1=1 node2=1
    finish
    expect_healthy
    expect_ring 2 node1=1 node2=1
}

@test "no launcher: a job of one" {
    run_as node1 mpi-podman "$image" ring
    # Open MPI 5 leaves it without a container too.
    on node1 sh -c 'rm -f /dev/shm/sm_segment.*'
    expect_healthy
    expect_ring 1 node1=1
}

@test "a program that is not MPI, one of each rank" {
    run_job -np 4 mpi-podman "$image" sh -c 'echo "$OMPI_COMM_WORLD_RANK of $OMPI_COMM_WORLD_SIZE"'
    expect_healthy
    equal "$(sort <<<"$output")" $'0 of 4\n1 of 4\n2 of 4\n3 of 4'
}

start_session() { on node1 install -d -m 0700 -o mpi -g mpi /run/user/7411; }

end_session() {
    on node1 sh -c 'mv /run/user/7411 /run/user/ended; kill $(cat /run/user/ended/libpod/tmp/pause.pid) || true'
    on node1 rm -rf /run/user
}

@test "with XDG_RUNTIME_DIR set, as in a login session" {
    start_session
    run_as node1 env XDG_RUNTIME_DIR=/run/user/7411 mpirun -np 2 --host node1:2 mpi-podman "$image" ring
    end_session
    expect_healthy
    expect_ring 2 node1=2
    wait_until 30 nothing_left # where the session ended before podman had removed its container: as below
}

@test "with XDG_RUNTIME_DIR set, in a session that ends under the job" {
    as node1 rm -f up-0 up-1 end
    start_session
    start_as node1 env XDG_RUNTIME_DIR=/run/user/7411 mpirun -np 2 --host node1:2 \
        mpi-podman "$image" sh -c 'touch up-$OMPI_COMM_WORLD_RANK; until [ -e end ]; do sleep 0.1; done; ring'
    wait_until 60 on node1 sh -c 'test -e /home/mpi/up-0 && test -e /home/mpi/up-1'
    end_session
    as node1 touch end
    finish
    as node1 rm up-0 up-1 end
    expect_healthy
    expect_ring 2 node1=2
    wait_until 30 nothing_left # podman's conmon is not told, and the job's janitor waits for it first
}

@test "with another node's XDG_RUNTIME_DIR, which Slurm brings along" {
    on node1 test ! -e /run/user/7411
    run_as node1 env XDG_RUNTIME_DIR=/run/user/7411 mpirun -np 2 --host node1:2 mpi-podman "$image" ring
    expect_healthy
    expect_ring 2 node1=2
}

@test "root in the node, as root's jobs are" {
    on node1 bash /src/tests/images/load ring >/dev/null
    # In a virtual machine root may lack CAP_SYS_RESOURCE, and cgroup2 the pids controller: crun needs neither so.
    run_on node1 mpirun --allow-run-as-root -np 2 --host localhost:2 \
        mpi-podman --podman-arg=--privileged --podman-arg=--pids-limit=0 "$image" ring
    expect_healthy
    expect_ring 2 node1=2
}

# MPICH 4.2 (trixie's) tells each of these placements in a way of its own, 4.0 in one way.
@test "under this system's mpiexec.hydra: one rank, unlike numbers on two nodes, by turns" {
    run_as node1 mpiexec.hydra -n 1 mpi-podman "$image" ring
    expect_healthy
    expect_ring 1 node1=1
    run_as node1 mpiexec.hydra -hosts node1:3,node2:1 -n 4 mpi-podman "$image" ring
    expect_healthy
    expect_ring 4 node1=3 node2=1
    run_as node1 mpiexec.hydra -hosts node1,node2 -ppn 1 -n 4 mpi-podman "$image" ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
}
