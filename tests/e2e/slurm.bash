# shellcheck shell=bash disable=SC2034,SC2154
# What the .bats files with Slurm's and Hydra's launchers load behind lib.bash: their images, their lab, how they
# start four ranks, and what they expect of those.

mpich_ring=localhost/mpi-podman/ring-mpich-bookworm
# For two nodes: MPICH before 4.1 hangs there in MPI_Finalize, natively too (tests/lab/README.md).
mpich_4_2_ring=localhost/mpi-podman/ring-mpich-trixie

setup_file() {
    need_lab
    "$lab" slurm
}

# Slurm knows a job a little longer than its processes are there.
teardown() {
    wait_until 10 no_jobs || { as node1 scancel --user mpi; return 1; }
    expect_nothing_left
}

no_jobs() { [[ -z $(as node1 squeue --noheader) ]]; }

# --quiet: not a word where a job has to wait for one that Slurm is still clearing away.
srun_1() { run_as node1 srun --quiet -N1 -n4 "$@"; }

srun_2() { run_as node1 srun --quiet -N2 --ntasks-per-node=2 "$@"; }

hydra_1() { run_as node1 mpiexec.hydra -n 4 "$@"; }

hydra_2() { run_as node1 mpiexec.hydra -hosts node1,node2 -ppn 2 -n 4 "$@"; }

expect_ring_of_one_node() { expect_healthy && expect_ring 4 node1=4; }

expect_ring_of_two_nodes() { expect_healthy && expect_ring 4 node1=2 node2=2; }
