# Something of a job is killed with SIGKILL, at a random moment of its life: mpirun returns, and nothing of ours is
# left on any node. CHAOS=n (default 15, so 210 in all) kills that often each of the 7 kinds of process, in two kinds of
# job; SEED=n repeats a run.

load lib

# Ranks that ignore what they can, with children and grandchildren in sessions of their own.
stubborn="trap '' TERM INT HUP; sleep 1000 & setsid sleep 1001 & setsid sh -c 'setsid sleep 1002 & wait' & exec $programs/hold"

# victim KIND: NODE and pgrep's arguments.
victim() {
    case $1 in
        mpirun) echo "node1 -x mpirun" ;;
        orted) echo "node2 -x orted" ;;
        sshd) echo "node2 -f sshd:.mpi@" ;;
        wrapper) echo "node$((RANDOM % 2 + 1)) -x mpi-podman" ;;
        agent) echo "node$((RANDOM % 2 + 1)) -f ^/run/podman-init" ;;
        podman) echo "node$((RANDOM % 2 + 1)) -x podman" ;;
        conmon) echo "node$((RANDOM % 2 + 1)) -x conmon" ;;
    esac
}

# What Open MPI leaves when it or its ranks are killed, natively too, is not ours.
ours_left() { leftovers | grep -Ev ': file (/tmp/ompi\.node|/dev/shm/(vader_segment|sm_segment)\.)'; }

nothing_of_ours_left() { [[ -z $(ours_left) ]]; }

clear_open_mpi() {
    local node
    for node in $(nodes); do on "$node" sh -c 'rm -rf /tmp/ompi.* /dev/shm/vader_segment.* /dev/shm/sm_segment.*'; done
}

# kill_one KIND DELAY CMD...: one process of that kind dies, so long after mpirun was started.
kill_one() {
    local kind=$1 delay=$2 node how pid
    shift 2
    start_as node1 mpirun --hostfile "$hostfile" --map-by node --oversubscribe -np 4 mpi-podman "$image" "$@"
    sleep "$delay" # the random moment itself; nothing waits for anything here
    read -r node how <<<"$(victim "$kind")"
    # shellcheck disable=SC2086  # pgrep's words
    pid=$(on "$node" pgrep $how | shuf -n 1 --random-source=<(yes "$RANDOM")) || true
    # Where it has not come yet, the job is ended the usual way; that is another test's subject, but no less true.
    if [[ -n $pid ]]; then
        on "$node" kill -KILL "$pid" || true
        killed=$((killed + 1))
    fi
    # Where the job goes on without it (a podman that has done its work), it is asked to end.
    wait_until 2 ended "$started" 2>/dev/null || on node1 pkill -TERM -x mpirun || true
    finish 60
    # What Open MPI tries shm_open(3) with, for a moment in MPI_Init; whoever is killed in it leaves it, natively too.
    for node in $(nodes); do on "$node" sh -c 'rm -f /dev/shm/open_mpi.*'; done
    wait_until 10 nothing_of_ours_left 2>/dev/null || {
        ours_left >&2
        return 1
    }
    clear_open_mpi
}

kill_many() { # kill_many KIND CMD...
    local kind=$1 seed=${SEED:-$RANDOM} delay i
    shift
    killed=0
    RANDOM=$seed
    for ((i = 0; i < ${CHAOS:-15}; i++)); do
        delay=$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))
        echo "seed $seed, $i: $kind after $delay s"
        kill_one "$kind" "$delay" "$@" || fail "in this job" "$(cat "$said/err")" || return
    done
    echo "# $kind: $killed killed" >&3
}

@test "mpirun dies: ranks that wait" { kill_many mpirun "$programs/hold"; }
@test "mpirun dies: ranks that ignore signals, with daemons" { kill_many mpirun sh -c "$stubborn"; }
@test "orted dies: ranks that wait" { kill_many orted "$programs/hold"; }
@test "orted dies: ranks that ignore signals, with daemons" { kill_many orted sh -c "$stubborn"; }
@test "sshd dies: ranks that wait" { kill_many sshd "$programs/hold"; }
@test "sshd dies: ranks that ignore signals, with daemons" { kill_many sshd sh -c "$stubborn"; }
@test "wrapper dies: ranks that wait" { kill_many wrapper "$programs/hold"; }
@test "wrapper dies: ranks that ignore signals, with daemons" { kill_many wrapper sh -c "$stubborn"; }
@test "agent dies: ranks that wait" { kill_many agent "$programs/hold"; }
@test "agent dies: ranks that ignore signals, with daemons" { kill_many agent sh -c "$stubborn"; }
@test "podman dies: ranks that wait" { kill_many podman "$programs/hold"; }
@test "podman dies: ranks that ignore signals, with daemons" { kill_many podman sh -c "$stubborn"; }
@test "conmon dies: ranks that wait" { kill_many conmon "$programs/hold"; }
@test "conmon dies: ranks that ignore signals, with daemons" { kill_many conmon sh -c "$stubborn"; }
