# An image whose MPI does not speak what the launcher does: pmi-server and pmix-server speak for it.

load lib
load slurm

# ---- The main job ----

@test "MPICH under mpirun and srun --mpi=pmix" {
    run_here -np 4 mpi-podman "$mpich_ring" ring
    expect_ring_of_one_node
    run_job -np 4 mpi-podman "$mpich_4_2_ring" ring
    expect_ring_of_two_nodes
    srun_1 --mpi=pmix mpi-podman "$mpich_ring" ring
    expect_ring_of_one_node
    srun_2 --mpi=pmix mpi-podman "$mpich_4_2_ring" ring
    expect_ring_of_two_nodes
}

@test "Open MPI under mpiexec.hydra and srun --mpi=pmi2" {
    hydra_1 mpi-podman "$image" ring
    expect_ring_of_one_node
    hydra_2 mpi-podman "$image" ring
    expect_ring_of_two_nodes
    hydra_2 -pmi-port mpi-podman "$image" ring
    expect_ring_of_two_nodes
    srun_1 --mpi=pmi2 mpi-podman "$image" ring
    expect_ring_of_one_node
    srun_2 --mpi=pmi2 mpi-podman "$image" ring
    expect_ring_of_two_nodes
}

@test "the same with a container for each rank" {
    run_job -np 4 mpi-podman --per-rank "$mpich_4_2_ring" ring
    expect_ring_of_two_nodes
    hydra_2 mpi-podman --per-rank "$image" ring
    expect_ring_of_two_nodes
}

@test "the same in a container that lingers" {
    for _ in 1 2; do
        run_here -np 4 mpi-podman --linger 60 "$mpich_ring" ring
        expect_ring_of_one_node
        hydra_1 mpi-podman --linger 60 "$image" ring
        expect_ring_of_one_node
    done
    as node1 mpi-podman --stop
}

@test "an image without /tmp, in which Open MPI keeps its session directory, gets one" {
    as node1 sh -c "podman run --name bare $image rmdir /tmp && podman commit --quiet bare $test_images/bare; podman rm bare" \
        >/dev/null
    local mode
    for mode in --per-rank=no --per-rank --linger=60 --linger=60; do
        hydra_1 mpi-podman "$mode" "$test_images/bare" ring
        expect_ring_of_one_node
    done
    run_as node1 mpi-podman --stop
    [[ $(wc -l <<<"$output") == 1 ]] || report 'one container for both jobs'
    remove_images
}

@test "two such jobs at the same time" {
    start_as node1 mpiexec.hydra -n 4 mpi-podman "$image" ring
    hydra_1 mpi-podman "$image" ring
    expect_ring_of_one_node
    finish
    expect_ring_of_one_node
}

@test "a script around the program, and programs without MPI" {
    run_here -np 2 mpi-podman "$mpich_ring" sh -c 'ring; exit 0'
    expect_healthy
    expect_ring 2 node1=2
    run_here -np 2 mpi-podman "$mpich_ring" sh -c 'echo hello'
    expect_healthy
    expect_output $'hello\nhello'
    run_as node1 mpiexec.hydra -n 2 mpi-podman "$image" sh -c 'echo hello'
    expect_healthy
    expect_output $'hello\nhello'
}

@test "a program without MPI has no pmi-server" {
    start_as node1 mpirun --host node1:4 -np 2 mpi-podman "$mpich_ring" sleep 1000
    wait_until 30 sleeps 2
    ! on node1 pgrep -x pmi-server || fail "a pmi-server runs for nobody"
    on node1 pkill -TERM -x mpirun
    finish
}

sleeps() { [[ $(on node1 pgrep -c -xf 'sleep 1000') == "$1" ]]; }

@test "MPICH under a launcher that tells the number of ranks over PMIx alone, as prterun does" {
    local quiet=(env -u OMPI_COMM_WORLD_SIZE -u OMPI_UNIVERSE_SIZE -u OMPI_COMM_WORLD_LOCAL_SIZE)
    run_here -np 4 "${quiet[@]}" mpi-podman "$mpich_ring" ring
    expect_ring_of_one_node
    run_job -np 4 "${quiet[@]}" mpi-podman "$mpich_4_2_ring" ring
    expect_ring_of_two_nodes
    run_here -np 2 "${quiet[@]}" mpi-podman "$mpich_ring" sh -c 'echo $PMI_SIZE'
    expect_healthy
    expect_output $'2\n2'
}

# ---- Two families of MPI in one job ----

two_families='one job cannot have ranks of two families of MPI: that of .*/ring speaks PMIx .*, that of .*/ring-mpich'

@test "Open MPI and MPICH in one job are refused, under each launcher" {
    run_here -np 2 mpi-podman "$image" ring : -np 2 mpi-podman "$mpich_ring" ring
    expect_refusal 125 "$two_families"
    run_as node1 mpiexec.hydra -n 2 mpi-podman "$image" ring : -n 2 mpi-podman "$mpich_ring" ring
    [[ $status != 0 ]] || report "expected a failure" # Hydra's is that of a rank it killed, or ours
    expect_refusal "$status" "$two_families"
    # shellcheck disable=SC2016  # for the rank's shell
    local either='if [ $SLURM_PROCID -lt 2 ]; then image=$0; else image=$1; fi; exec mpi-podman $image ring'
    srun_1 --mpi=pmi2 sh -c "$either" "$image" "$mpich_ring"
    expect_refusal "$status" "$two_families"
    srun_1 --mpi=pmix -K sh -c "$either" "$image" "$mpich_ring"
    expect_refusal "$status" "$two_families"
    remove_shared_memory
}

@test "the same on two nodes: a rank says what is missing, and the job ends" {
    run_job -np 2 mpi-podman "$image" ring : -np 2 mpi-podman "$mpich_4_2_ring" ring
    [[ $status != 0 ]] || report "expected a failure"
    expect_words 'mpi-podman: node'
    run_as node1 mpiexec.hydra -hosts node1,node2 -ppn 2 -n 2 mpi-podman "$image" ring : \
        -n 2 mpi-podman "$mpich_4_2_ring" ring
    expect_refusal 125 'do all ranks of the job use images with Open MPI, on every node'
    remove_shared_memory
}

# What MPICH leaves natively too where a rank is killed. Open MPI's is removed behind killed ranks, by the pmix-server as
# by Open MPI's own launcher.
remove_shared_memory() {
    local node
    for node in node1 node2; do as "$node" sh -c 'rm -f /dev/shm/mpich_shar_tmp*'; done
}

@test "programs without MPI may use images of both, and of none" {
    run_here -np 1 mpi-podman "$image" sh -c 'echo hello' : -np 1 mpi-podman "$mpich_ring" sh -c 'echo hello'
    expect_healthy
    expect_output $'hello\nhello'
    run_as node1 mpiexec.hydra -n 1 mpi-podman "$image" sh -c 'echo hello' : \
        -n 1 mpi-podman "$mpich_ring" sh -c 'echo hello'
    expect_healthy
    expect_output $'hello\nhello'
}

# ---- Ends ----

# same STATUS IMAGE PROGRAM NATIVE_PROGRAM WORDS -- LAUNCHER...: with a bridge, and natively with the launcher's MPI
same() {
    local expected=$1 its_image=$2 program=$3 native_program=$4 native words
    read -ra words <<<"$5"
    shift 6
    run_as --cwd "$programs" node1 "$@" "$native_program" "${words[@]}"
    native=$status
    run_as --cwd "$programs" node1 "$@" mpi-podman "$its_image" "$program" "${words[@]}"
    equal "$status" "$native" "the status of '${words[*]}' over a bridge and natively"
    equal "$native" "$expected" "the native status of '${words[*]}'"
}

@test "exit statuses of MPICH under mpirun" {
    local mpirun=(mpirun --host node1:4 -np 2)
    same 3 "$mpich_ring" ./end-mpich ./end 'exit 3' -- "${mpirun[@]}"
    same 7 "$mpich_ring" ./end-mpich ./end 'abort 7' -- "${mpirun[@]}"
    same 137 "$mpich_ring" ./end-mpich ./end 'kill 9' -- "${mpirun[@]}"
    same 139 "$mpich_ring" ./end-mpich ./end 'segv' -- "${mpirun[@]}"
    same 5 "$mpich_ring" ./end-mpich ./end 'early 5' -- "${mpirun[@]}"
}

@test "exit statuses of Open MPI under mpiexec.hydra" {
    local hydra=(mpiexec.hydra -n 2)
    same 3 "$image" ./end ./end-mpich 'exit 3' -- "${hydra[@]}"
    same 7 "$image" ./end ./end-mpich 'abort 7' -- "${hydra[@]}"
    same 9 "$image" ./end ./end-mpich 'kill 9' -- "${hydra[@]}"
    same 11 "$image" ./end ./end-mpich 'segv' -- "${hydra[@]}"
}

@test "an abort under srun --mpi=pmi2 is not explained by a line of ours" {
    for _ in 1 2 3 4 5; do
        run_as --cwd "$programs" node1 srun --quiet -N1 -n4 --mpi=pmi2 mpi-podman "$image" ./end abort 7
        [[ $status != 0 ]] || report "expected a failure"
        [[ $stderr != *mpi-podman:* ]] || report "expected mpi-podman to be silent"
    done
}

# ---- Kills ----

start_mpich() { start_as --cwd "$programs" node1 mpirun --host node1:4 -np 2 mpi-podman "$mpich_ring" "$@"; }

start_open_mpi() { start_as --cwd "$programs" node1 mpiexec.hydra -n 2 mpi-podman "$image" "$@"; }

# All ranks are in MPI: before that MPICH's shared memory has a name, and stays where it is killed, natively too.
waits() { grep -q waiting "$said/out"; }

@test "SIGKILL to a pmi-server ends its rank, and the job, with a line that says so" {
    start_mpich ./end-mpich wait
    wait_until 30 waits
    on node1 pkill -KILL -o -x pmi-server
    finish 20
    [[ $status != 0 ]] || report "expected a failure"
    expect_words 'the rank lost its launcher: pmi-server was ended by Killed'
}

@test "SIGKILL to the pmix-server ends its ranks, and the job, with a line that says so" {
    start_open_mpi ./end wait
    wait_until 30 waits
    on node1 pkill -KILL -x pmix-server
    finish 20
    [[ $status != 0 ]] || report "expected a failure"
    expect_words 'the PMIx server of this node is gone'
    # Open MPI's shared memory, which stays natively too where the daemon that is to remove it was killed.
    as node1 sh -c 'rm -f /dev/shm/vader_segment.*'
}

@test "SIGKILL to the launcher, or to a wrapper: nothing is left" {
    start_mpich ./end-mpich wait
    wait_until 30 waits
    on node1 pkill -KILL -x mpirun
    finish 20
    as node1 sh -c 'rm -rf /tmp/ompi.*' # mpirun's own session directory, which it leaves then natively too
    expect_nothing_left
    start_open_mpi ./end wait
    wait_until 30 waits
    on node1 pkill -KILL -x mpiexec.hydra
    finish 20
    expect_nothing_left
    start_open_mpi ./end wait
    wait_until 30 waits
    on node1 pkill -KILL -o -f "^$wrapper_words $image"
    finish 20
}

# ---- What a rank may say ----

@test "a rank that asks before init, or says what is no PMI, gets an answer and hurts only itself" {
    run_here -np 2 mpi-podman "$mpich_ring" bash -c '
        echo "cmd=get kvsname=x key=y" >&$PMI_FD; read -r answer <&$PMI_FD; echo "$answer"
        echo "cmd=dance" >&$PMI_FD; read -r answer <&$PMI_FD; echo "$answer"'
    expect_healthy
    equal "$(sort -u <<<"$output")" "$(printf '%s\n' 'cmd=dance_result rc=-1 msg=unknown_request' \
        'cmd=get_result rc=-1 msg=asked_before_init')" answers
    # One of four speaks nonsense before it ends; the others are not in its way.
    run_here -np 1 mpi-podman "$mpich_ring" bash -c 'head -c 100000 /dev/zero >&$PMI_FD' : \
        -np 3 mpi-podman "$mpich_ring" sh -c 'echo fine'
    equal "$(grep -c '^fine$' <<<"$output")" 3 'ranks that are fine'
}

@test "a rank that never stops putting is told that it has enough" {
    run_here -np 2 mpi-podman "$mpich_ring" bash -c '
        ask() { echo "cmd=$1" >&$PMI_FD; read -r answer <&$PMI_FD; }
        ask "init pmi_version=1 pmi_subversion=1"
        for number in {1..4097}; do ask "put kvsname=x key=$number value=1"; done
        echo "$answer"; ask finalize'
    expect_healthy
    equal "$(sort -u <<<"$output")" 'cmd=put_result rc=-1 msg=there_are_4096_keys_already' answers
}

# ---- MPI_Comm_spawn ----

@test "MPI_Comm_spawn: what a rank starts is in the image too, where mpirun is told so" {
    run_as --cwd "$programs" node1 mpirun --host node1:4 --mca orte_fork_agent "/usr/local/bin/mpi-podman $image" \
        -np 1 ./spawn
    # A job of Open MPI 4.1 with a fork agent ends by SIGPIPE now and then, when all is done: with /usr/bin/env too, and
    # where the machine is busy nearly always.
    [[ $status == 141 ]] || expect_healthy
    equal "$(sort <<<"$output")" "$(printf '%s\n' 'child 1 of 3 in a container' 'child 2 of 3 in a container' \
        'parent 0 of 3 in a container')" processes
}
