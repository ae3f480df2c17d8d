# Signals to mpi-podman, or to mpirun, reach the rank as if nothing stood between.

load lib

# start_alone CMD...: a rank without a launcher; sets wrapper to the pid of mpi-podman on node1.
start_alone() {
    start_as node1 bash -c 'echo $$ >wrapper; exec mpi-podman "$@"' bash "$@"
    wait_until 30 on node1 test -s /home/mpi/wrapper
    wrapper=$(on node1 cat /home/mpi/wrapper)
    as node1 rm wrapper
}

send() { on node1 kill "-$1" "$wrapper"; }

# The state of the one process of node1 with these words, as in /proc/PID/stat: S, T, ...
state_of() { on node1 pgrep -xf -r "$2" "$1" >/dev/null; }

no_process() { ! on node1 pgrep -xf "$1"; } # no_process WORDS

has_line() { as node1 grep -qx "$1" "$2"; }

@test "each signal reaches a rank that catches it" {
    local name
    as node1 rm -f got stop
    start_alone "$image" sh -c '
        for name in TERM INT HUP QUIT USR1 USR2 CONT TSTP; do trap "echo $name >>got" $name; done
        sleep 1000 & echo ready >>got
        until [ -e stop ]; do wait $!; done; exit 0'
    wait_until 30 has_line ready got
    for name in TERM INT HUP QUIT USR1 USR2; do
        send "$name"
        wait_until 10 has_line "$name" got
    done
    # SIGTSTP stops mpi-podman too, for whoever waits for it to see; SIGCONT wakes both.
    send TSTP
    wait_until 10 has_line TSTP got
    wait_until 10 state_of "$wrapper_words $image .*" T
    send CONT
    wait_until 10 has_line CONT got
    as node1 touch stop
    send USR1
    finish 20
    expect_healthy
    equal "$(as node1 sort got | uniq -c | awk '$1 > 1' | grep -v USR1)" '' 'signals that came twice'
    as node1 rm got stop
}

@test "SIGTSTP stops a rank that does not catch it, SIGCONT resumes it" {
    start_alone "$image" sleep 1000
    wait_until 30 state_of 'sleep 1000' S
    send TSTP
    wait_until 10 state_of 'sleep 1000' T
    wait_until 10 state_of "$wrapper_words $image sleep 1000" T
    send CONT
    wait_until 10 state_of 'sleep 1000' S
    send TERM
    finish 20
}

@test "a rank that does not catch it dies by it, and so does mpi-podman" {
    local name
    for name in TERM INT HUP QUIT USR1 USR2; do
        # A shell would have it ignore SIGINT and SIGQUIT, as it has everything behind `&`.
        # shellcheck disable=SC2016  # perl's
        start_as node1 perl -e 'my $pid = fork; exec @ARGV if !$pid; open my $to, ">", "wrapper"; print $to $pid; close $to;
            waitpid $pid, 0; print $? & 127 ? 128 + ($? & 127) : $? >> 8, "\n"' mpi-podman "$image" sleep 1000
        wait_until 30 state_of 'sleep 1000' S
        wrapper=$(on node1 cat /home/mpi/wrapper)
        send "$name"
        finish 20
        expect_output $((128 + $(kill -l "$name")))
    done
    as node1 rm wrapper
}

@test "what the launcher ignored, as nohup does, the rank never sees" {
    # shellcheck disable=SC2016  # for the shell there
    start_as node1 bash -c 'trap "" HUP; echo $$ >wrapper; exec mpi-podman "$@"' bash "$image" sleep 1000
    wait_until 30 state_of 'sleep 1000' S
    wrapper=$(as node1 sh -c 'cat wrapper; rm wrapper')
    send HUP
    send USR1
    finish 20
    equal "$status" 255 # ssh's for a signal
}

@test "a signal that comes before the rank does" {
    local seed=${SEED:-$RANDOM} delay
    RANDOM=$seed
    for _ in 1 2 3 4 5; do
        delay=$(printf '0.%03d' $((RANDOM % 600)))
        echo "seed $seed, after $delay s"
        start_alone "$image" sleep 1000
        sleep "$delay" # the random moment itself; nothing waits for anything here
        send TERM
        finish 20
        expect_status 255 # ssh's for a signal
        expect_silence
        expect_nothing_left
    done
}

@test "SIGUSR1 to mpirun reaches the ranks of both nodes" {
    as node1 rm -f got-0 got-1
    start_as node1 bash -c 'echo $$ >launcher; exec mpirun "$@"' bash --hostfile "$hostfile" --map-by node -np 2 \
        mpi-podman "$image" sh -c 'trap "echo USR1 >>got-$OMPI_COMM_WORLD_RANK; exit 0" USR1
            sleep 1000 & echo ready >>got-$OMPI_COMM_WORLD_RANK; wait'
    wait_until 30 has_line ready got-0
    wait_until 30 has_line ready got-1
    wrapper=$(as node1 cat launcher)
    send USR1
    finish 30
    expect_status 0
    has_line USR1 got-0
    has_line USR1 got-1
    as node1 rm got-0 got-1 launcher
}

# ---- A rank that is stopped alone ----

in_state() { on "$1" pgrep -xf -r "$2" "$3"; } # in_state NODE STATE WORDS: prints the pids

# stop_and_continue NODE WORDS: the one rank there that these are, by its own pid.
stop_and_continue() {
    local pid
    pid=$(on "$1" pgrep -xf "$2")
    on "$1" kill -STOP "$pid"
    wait_until 10 in_state "$1" T "$2"
    ! ended "$started" || fail "expected the job to wait"
    on "$1" kill -CONT "$pid"
}

# take_turns [mpi-podman IMAGE]: a job on two nodes, one rank of which is stopped from outside and continued.
take_turns() {
    as node1 rm -f over over.begun
    start_as node1 mpirun --hostfile "$hostfile" --map-by node -np 2 "$@" "$programs/turns" over
    wait_until 60 as node1 test -e over.begun
    stop_and_continue node1 "$programs/turns over"
    stop_and_continue node2 "$programs/turns over"
    as node1 touch over
    finish
    as node1 rm over over.begun
    expect_healthy
    expect_output '2 ranks to the end'
}

@test "a rank that is stopped from outside, and continued, goes on: natively" { take_turns; }

@test "a rank that is stopped from outside, and continued, goes on" { take_turns mpi-podman "$image"; }

# stop_self [mpi-podman IMAGE]: the last rank of two stops itself; its exit status tells that it went on.
stop_self() {
    start_as node1 mpirun --host node1:2 -np 2 "$@" "$programs/end" kill 19
    wait_until 60 in_state node1 T "$programs/end kill 19"
    on node1 kill -CONT "$(in_state node1 T "$programs/end kill 19")"
    finish
    expect_status 19
}

@test "a rank that stops itself, and is continued, goes on: natively" { stop_self; }

@test "a rank that stops itself, and is continued, goes on" { stop_self mpi-podman "$image"; }

# ---- What no program can catch ----

start_held_job() { # two ranks, one on each node, that came up and wait
    as node1 rm -f up
    start_as node1 mpirun --hostfile "$hostfile" --map-by node -np 2 mpi-podman "$image" "$programs/hold" up
    wait_until 30 as node1 test -e up
    as node1 rm up
}

used() { on node1 cut -d ' ' -f 1 "/proc/$wrapper/schedstat"; } # the wrapper's CPU time

sleeps() { # the wrapper: it takes none for half a second
    local before
    before=$(used)
    sleep 0.5
    [[ $(used) == "$before" ]]
}

@test "mpi-podman sleeps while its rank runs, though its directory is gone, as a session's may be: --per-rank" {
    local mode=(--per-rank)
    [[ $system != per-rank ]] || mode=() # it is so by itself
    start_alone "${mode[@]}" "$image" sh -c 'trap "exit 5" TERM; sleep 1000 & wait'
    wait_until 30 state_of 'sleep 1000' S
    wait_until 10 sleeps
    as node1 find /home/mpi/.cache /run/user /tmp -name 'rank-[0-9]*' -path '*mpi-podman*' -exec rm -r '{}' + 2>/dev/null || true
    equal "$(as node1 find /home/mpi/.cache /run/user /tmp -name 'rank-[0-9]*' 2>/dev/null)" ''
    wait_until 10 sleeps
    send TERM
    finish 20
    expect_status 5
}

@test "SIGKILL to mpi-podman without a launcher: the rank and what it started are gone" {
    start_alone "$image" sh -c 'setsid sleep 1000 & sleep 1001 & echo $! >pids; wait'
    wait_until 30 as node1 test -s pids
    send KILL
    finish 20
    expect_nothing_left
    as node1 rm pids
}

@test "SIGKILL to one mpi-podman of a job: the job ends, nothing is left on either node" {
    start_held_job
    on node2 pkill -KILL -xf "$wrapper_words $image $programs/hold up"
    finish
    expect_status 137
    expect_nothing_left
}

@test "SIGKILL to a rank itself" {
    start_held_job
    on node2 pkill -KILL -xf "$programs/hold up"
    finish
    expect_status 137
    expect_words 'exited on signal 9'
}

@test "SIGKILL to what holds the container: one line says so, nothing is left" {
    start_alone "$image" sleep 1000
    wait_until 30 state_of 'sleep 1000' S
    if [[ $system == per-rank ]]; then
        on node1 pkill -KILL -P "$wrapper" podman
        finish 30
        expect_refusal 125 'podman was killed by signal 9'
    else
        on node1 pkill -KILL -f '^/run/podman-init'
        finish 30
        expect_refusal 125 "the node's container was killed, and the rank in it"
    fi
}

@test "SIGKILL to what holds the container: a rank says so whose neighbour is slow to see it" {
    local wrappers why="the node's container was killed, and the rank in it"
    as node1 rm -f up
    start_as node1 mpirun --host node1:2 -np 2 mpi-podman "$image" "$programs/hold" up
    wait_until 30 on node1 test -e /home/mpi/up
    read -ra wrappers <<<"$(on node1 pgrep -xf "$wrapper_words $image $programs/hold up" | xargs)"
    # Both, so that the one sees at once that the agent ended and that its rank did, as on a busy node; the other keeps
    # the agent from being gone.
    on node1 kill -STOP "${wrappers[@]}"
    if [[ $system == per-rank ]]; then
        why='podman was killed by signal 9'
        on node1 pkill -KILL -P "${wrappers[0]}" podman
    else
        on node1 pkill -KILL -f '^/run/podman-init'
        wait_until 10 no_process "$programs/hold up"
    fi
    on node1 kill -CONT "${wrappers[0]}"
    finish 30
    expect_refusal 125 "$why"
}

@test "a rank that ended while its mpi-podman was stopped, which never saw it: what it started ends too" {
    local mode=(--per-rank)
    [[ $system != per-rank ]] || mode=() # it is said already
    install_tool stopping-podman <<'END'
#!/bin/sh
case " $* " in *" run "*) kill -STOP "$PPID" ;; esac
exec podman "$@"
END
    start_alone "${mode[@]}" --podman stopping-podman "$image" sh -c 'setsid sleep 1000 <>/dev/null >&0 2>&0 &'
    wait_until 30 on node1 sh -c "grep -q '^State:.Z' /proc/\$(pgrep -x -P $wrapper podman)/status"
    wait_until 10 state_of 'sleep 1000' S
    send CONT
    finish 30
    expect_healthy
    expect_nothing_left
}

@test "SIGKILL to mpirun: no rank survives it" {
    start_held_job
    on node1 pkill -KILL -x mpirun
    finish
    wait_until 10 only_session_directory_left || leftovers
    only_session_directory_left
    on node1 rm -r /tmp/ompi.node1.7411
}

# mpirun's own, which it leaves natively too.
only_session_directory_left() { [[ $(leftovers) == 'node1: file /tmp/ompi.node1.7411' ]]; }
