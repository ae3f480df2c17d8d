# srun and mpiexec.hydra in mpirun's place. What the launcher has the say in is run natively as well.

load lib
load slurm

# ---- The main job ----

@test "srun --mpi=pmix: a ring of Open MPI, on one node and on two" {
    srun_1 --mpi=pmix mpi-podman "$image" ring
    expect_ring_of_one_node
    srun_2 --mpi=pmix mpi-podman "$image" ring
    expect_ring_of_two_nodes
}

@test "srun --mpi=pmi2: a ring of MPICH, on one node and on two" {
    srun_1 --mpi=pmi2 mpi-podman "$mpich_ring" ring
    expect_ring_of_one_node
    srun_2 --mpi=pmi2 mpi-podman "$mpich_4_2_ring" ring
    expect_ring_of_two_nodes
}

@test "mpiexec.hydra: a ring of MPICH, on one node and on two" {
    hydra_1 mpi-podman "$mpich_ring" ring
    expect_ring_of_one_node
    hydra_2 mpi-podman "$mpich_4_2_ring" ring
    expect_ring_of_two_nodes
}

@test "mpiexec.hydra -pmi-port: a port instead of an inherited fd" {
    hydra_2 -pmi-port mpi-podman "$mpich_4_2_ring" ring
    expect_ring_of_two_nodes
}

@test "in an allocation: srun twice, then mpirun and mpiexec.hydra, which start their daemons with srun" {
    run_as node1 salloc --quiet -N2 --ntasks-per-node=1 bash -c '
        for _ in 1 2; do srun --quiet --mpi=pmix mpi-podman "$1" ring || exit; done' bash "$image"
    expect_healthy
    equal "$(grep -c '^ring complete: 2 ranks$' <<<"$output")" 2 rings
    # Where the allocation ends with mpirun, Slurm kills an orted that is slow to remove its session directory, which
    # stays, natively too.
    run_as node1 salloc --quiet -N2 --ntasks-per-node=2 bash -c '
        mpirun mpi-podman "$1" ring || exit
        while ssh node2 pgrep --exact --uid mpi orted >/dev/null; do sleep 0.1; done' bash "$image"
    expect_ring_of_two_nodes
    run_as node1 salloc --quiet -N2 --ntasks-per-node=2 mpiexec.hydra mpi-podman "$mpich_4_2_ring" ring
    expect_ring_of_two_nodes
}

@test "two jobs at the same time on the same nodes" {
    local srun=(srun --quiet -N2 --ntasks-per-node=1 --mpi=pmix)
    start_as node1 "${srun[@]}" mpi-podman "$image" ring
    run_as node1 "${srun[@]}" mpi-podman "$image" ring
    expect_healthy
    expect_ring 2 node1=1 node2=1
    finish
    expect_healthy
    expect_ring 2 node1=1 node2=1
}

@test "srun without --mpi: refused, instead of four jobs of one" {
    srun_2 --mpi=none mpi-podman "$image" ring
    expect_refusal 125 'its ranks would run as separate jobs' node1 node2
    expect_output ''
}

# ---- Ends ----

same() { # same STATUS LAUNCHER... -- COMMAND...: it ends a job so, natively and in $image_of_it
    local expected=$1 launcher=() native
    shift
    while [[ $1 != -- ]]; do launcher+=("$1"); shift; done
    shift
    run_as --cwd "$programs" node1 "${launcher[@]}" "$@"
    native=$status
    run_as --cwd "$programs" node1 "${launcher[@]}" mpi-podman "$image_of_it" "$@"
    equal "$status" "$native" "the status of '$*' in a container and natively"
    equal "$native" "$expected" "the native status of '$*'"
}

@test "exit statuses under srun --mpi=pmix" {
    local srun=(srun -N2 --ntasks-per-node=1 --mpi=pmix) image_of_it=$image
    same 0 "${srun[@]}" -- ./end exit 0
    same 3 "${srun[@]}" -- ./end exit 3
    same 7 "${srun[@]}" -- ./end abort 7
    same 137 "${srun[@]}" -- sh -c 'kill -KILL $$'
    same 139 "${srun[@]}" -- sh -c 'kill -SEGV $$'
    # The highest: that of the other rank, which Slurm ends by SIGTERM. Without -K it would wait for the one that is gone.
    same 143 "${srun[@]}" -K -- ./end kill 9
}

@test "exit statuses under srun --mpi=pmi2" {
    local srun=(srun -N2 --ntasks-per-node=1 --mpi=pmi2) image_of_it=$mpich_ring
    same 3 "${srun[@]}" -- sh -c 'exit 3'
    same 137 "${srun[@]}" -- sh -c 'kill -KILL $$'
    same 143 "${srun[@]}" -- sh -c 'kill -TERM $$'
}

@test "exit statuses under mpiexec.hydra" {
    local image_of_it=$mpich_ring
    # One rank: of two that end at once, with 3 or by SIGKILL, Hydra makes that or 255.
    same 3 mpiexec.hydra -hosts node2 -n 1 -- sh -c 'exit 3'
    same 9 mpiexec.hydra -n 1 -- sh -c 'kill -KILL $$'
    same 15 mpiexec.hydra -n 1 -- sh -c 'kill -TERM $$'
}

# Hydra itself would let the other rank wait for ever, as it does for one that natively ends before MPI_Init.
@test "mpiexec.hydra ends the job where mpi-podman cannot start one of its ranks" {
    local pmi
    install_tool here-only-podman <<<$'#!/bin/sh\n[ "$(hostname)" = node1 ] || exit 125\nexec podman "$@"'
    for pmi in '' -pmi-port; do
        # shellcheck disable=SC2086  # none or one
        run_as node1 mpiexec.hydra $pmi -hosts node1,node2 -ppn 1 -n 2 mpi-podman --podman here-only-podman "$mpich_4_2_ring" ring
        expect_refusal 125 'podman (failed|--version failed|ended with status 125)|here-only-podman' node2
        expect_nothing_left
    done
}

# What the bridge would say of a rank that never spoke PMIx, that it has ended well, must not be before.
@test "mpiexec.hydra ends a job of Open MPI's of which one rank cannot be started" {
    local mode
    for mode in '' --per-rank; do
        # shellcheck disable=SC2086  # none or one
        run_as node1 mpiexec.hydra -n 1 mpi-podman $mode "$image" ring : -n 1 mpi-podman $mode "$image" no-such-program
        expect_refusal 127 'no-such-program' node1
        expect_nothing_left
    done
}

# ---- Kills ----

# start_held LAUNCHER...: two ranks, one on each node, that ignore SIGTERM, and what each of them started.
start_held() {
    start_as node1 "$@" sh -c 'trap "" TERM; setsid sleep 1000 & sleep 1001 & wait'
    wait_until 30 sleeps_on node1 node2
}

sleeps_on() {
    local node
    for node; do [[ $(on "$node" pgrep -c -xf 'sleep 100[01]') == 2 ]] || return; done
}

held_by_srun() { start_held srun -N2 --ntasks-per-node=1 --mpi=pmix mpi-podman "$image"; }

held_by_hydra() { start_held mpiexec.hydra -hosts node1,node2 -ppn 1 -n 2 mpi-podman "$mpich_ring"; }

@test "SIGKILL to srun: nothing is left" {
    held_by_srun
    # srun has a second process, which tells Slurm when the first one is dead.
    on node1 pkill -KILL -o -x srun
    finish
    expect_nothing_left
}

@test "SIGTERM to srun: nothing is left" {
    held_by_srun
    on node1 pkill -TERM -o -x srun
    finish
    expect_nothing_left
}

@test "scancel: nothing is left" {
    held_by_srun
    as node1 scancel --user mpi
    finish
    expect_nothing_left
}

@test "SIGKILL to mpiexec.hydra, or to one of its proxies: nothing is left" {
    held_by_hydra
    on node1 pkill -KILL -x mpiexec.hydra
    finish
    expect_nothing_left
    held_by_hydra
    on node2 pkill -KILL -x hydra_pmi_proxy
    finish
    expect_nothing_left
}

# ---- What Slurm sees and sends ----

# The pids of node1 that Slurm takes for the step's.
step_pids() { on node1 scontrol listpids | awk 'NR > 1 { print $1 }'; }

@test "the ranks, and what they start, are in Slurm's step" {
    local pid
    held_by_srun
    for pid in $(on node1 pgrep -xf 'sleep 1001'); do
        step_pids | grep -qx "$pid" || fail "pid $pid of a rank is not among:" "$(on node1 scontrol listpids)"
    done
    as node1 scancel --user mpi
    finish
}

# Slurm signals every process of the step: the sleep ignores it, for a shell whose last child has gone may end before
# its own signal comes. Both mpi-podman and Slurm bring it, once to each rank.
@test "scancel --signal reaches the ranks of both nodes" {
    as node1 rm -f got-0 got-1
    start_as node1 srun -N2 --ntasks-per-node=1 --mpi=pmix mpi-podman "$image" \
        sh -c 'trap "" USR1; sleep 1000 & trap "echo USR1 >>got-$SLURM_PROCID; exit 0" USR1
            echo ready >>got-$SLURM_PROCID; wait'
    wait_until 30 as node1 grep -qx ready got-0
    wait_until 30 as node1 grep -qx ready got-1
    as node1 scancel --user mpi --signal USR1
    finish
    expect_status 0
    equal "$(as node1 sort got-0 got-1 | uniq -c | xargs)" '2 USR1 2 ready'
    as node1 rm got-0 got-1
}
