# What a rank can try that is not content with its container: to read and write what the host's side of its job goes by,
# to trace or end what holds it, to type into the user's terminal, to be there when the job is not.

load lib

setup_file() {
    need_lab
    as node1 sh -c 'printf "#!/bin/sh\necho \"\$@\" >>/home/mpi/escaped\n" >evil; chmod +x evil'
}

teardown() {
    as node1 rm -rf up-0 up-1 end escaped page.html work
    expect_nothing_left
}

teardown_file() { as node1 rm -f evil; }

# ---- The files of the host's side ----

# Each directory of ours that a rank comes across, and what it can do there: the names in it, and whether it can make
# one; and what would have the host's side run a program of its choice, or write a file of its choice, if it could.
# shellcheck disable=SC2016  # the rank's
pries='find /tmp /home /seen /run -type d -name mpi-podman 2>/dev/null | while read -r d; do
        echo "$d: $(find "$d" -mindepth 1 | wc -l)"
        for f in "$d"/*/members "$d"/new "$d"/*/start.lock; do
            printf "/home/mpi/evil\tx\n/home/mpi/evil\ty\n" >>"$f" && echo "wrote $f"
            echo "report {\"file\":\"/home/mpi/escaped\",\"record\":\"{}\"}" >>"$f"
        done
    done 2>/dev/null; true'

# finds_nothing PLACES COMMAND...: so many directories of ours are seen, all of them empty and not to be written.
finds_nothing() {
    local places=$1
    shift
    run_as node1 "$@" sh -c "$pries"
    expect_healthy
    [[ $output != *wrote* ]] || report 'expected nothing to be written'
    [[ $(wc -l <<<"$output") == "$places" ]] || report "expected $places places of ours"
    ! grep -v ': 0$' <<<"$output" || report 'expected no name in them'
    expect_nothing_left
    run_as node1 ls escaped
    expect_words 'No such file'
}

@test "a rank does not see its job's directory: below mpirun's session directory" {
    finds_nothing 1 mpirun --host node1:4 -np 1 mpi-podman "$image"
    finds_nothing 1 mpirun --host node1:4 -np 1 mpi-podman --per-rank "$image"
}

@test "a rank does not see its job's directory: in the home directory, by two ways" {
    finds_nothing 1 mpi-podman "$image"
    finds_nothing 2 mpi-podman -v /home:/seen "$image"
    finds_nothing 2 mpi-podman --per-rank -v /home:/seen "$image"
}

@test "a rank does not see its job's directory: of the second container of a job" {
    run_as node1 mpirun --host node1:4 -np 1 mpi-podman "$image" sh -c "$pries" : \
        -np 1 mpi-podman -v /home:/seen "$image" sh -c "$pries"
    expect_healthy
    [[ -n $output && $output != *wrote* ]] || report 'expected nothing to be written'
    ! grep -v ': 0$' <<<"$output" || report 'expected no name in them'
}

@test "a rank does not see its job's directory, nor those of containers that linger" {
    # The second job finds the container that the first one had made.
    for _ in 1 2; do
        finds_nothing_lingering mpirun --host node1:4 -np 1 mpi-podman --linger 60 "$image"
        finds_nothing_lingering mpi-podman --linger 60 "$image"
    done
    run_as node1 mpi-podman --stop
    [[ $(wc -l <<<"$output") == 1 ]] || report 'expected one container to be used by all of them'
    expect_nothing_left
}

finds_nothing_lingering() {
    run_as node1 "$@" sh -c "$pries"
    expect_healthy
    [[ -n $output && $output != *wrote* ]] || report 'expected nothing to be written'
    ! grep -v ': 0$' <<<"$output" || report 'expected no name in them'
}

# ---- The processes that hold it ----

# two_ranks SCRIPT: rank 0 does this, and then says up-0; rank 1 says up-1; both wait for `end`.
two_ranks() {
    start_as node1 mpirun --host node1:2 -np 2 mpi-podman "$image" sh -c "
        if [ \"\$OMPI_COMM_WORLD_RANK\" = 0 ]; then $1
        fi
        : >up-\$OMPI_COMM_WORLD_RANK; until [ -e end ]; do sleep 0.1; done"
    wait_until 60 eval "ended $started || on node1 test -e /home/mpi/up-0 -a -e /home/mpi/up-1"
}

@test "a rank cannot look into agent and rank-keeper" {
    two_ranks 'for p in 1 $PPID; do cat /proc/$p/environ /proc/$p/mem /proc/$p/maps /proc/$p/auxv; ls /proc/$p/fd /proc/$p/root/ /proc/$p/cwd/
        readlink /proc/$p/exe; done 2>&1 | grep -v "Permission denied"; ls -d /proc/1 /proc/$PPID >&2'
    as node1 touch end
    finish
    expect_status 0
    expect_output ''
    equal "$(wc -l <<<"$stderr")" 2 'the two that it looked for are there'
}

@test "no signal of a rank ends, stops or wakes the agent" {
    two_ranks 'for s in TERM INT HUP QUIT KILL STOP TSTP CHLD USR1 ABRT SEGV; do kill -$s 1; done'
    as node1 touch end
    finish
    expect_healthy
}

@test "a rank that kills its keeper dies with it, and takes nobody along" {
    two_ranks 'kill -KILL $PPID; sleep 1000'
    finish
    expect_status 137
}

@test "a rank that stops its keeper, and its job, is ended with the job" {
    two_ranks 'setsid sleep 1000 & : >up-0; kill -STOP $PPID; trap "" TERM INT; sleep 1000'
    on node1 pkill -TERM -x mpirun
    finish
    [[ $status != 0 ]] || report 'expected the job to be ended'
}

@test "nothing of a rank outlives it: daemons, in sessions of their own" {
    run_as node1 mpirun --host node1:2 -np 2 mpi-podman "$image" sh -c '
        setsid sh -c "trap \"\" TERM HUP; setsid sleep 1001 & sleep 1002" >/dev/null 2>&1 & nohup sleep 1003 >/dev/null 2>&1 & sleep 0.1'
    expect_healthy
    expect_nothing_left
}

# shellcheck disable=SC2016  # the rank's
@test "nothing of a rank outlives it: in linux namespaces that it made, --per-rank" {
    run_as node1 mpirun --host node1:2 -np 2 mpi-podman --per-rank "$image" sh -c '
        unshare --user --map-root-user --mount sh -c "echo apart; exec setsid sleep 1001 >/dev/null 2>&1" & sleep 0.5'
    expect_healthy
    expect_output $'apart\napart'
    expect_nothing_left
}

# ---- What it is given ----

@test "a rank has the fds of a native one, and no other" {
    # shellcheck disable=SC2016  # the rank's
    local look='for fd in /proc/$$/fd/*; do echo "$OMPI_COMM_WORLD_RANK ${fd##*/} $(readlink "$fd" | sed "s/[0-9:\[].*//")"; done' native
    # Its own, by which the shell reads a script, is above all.
    native=$(as node1 mpirun --host node1:2 -np 2 sh -c "$look" | sort)
    run_as node1 mpirun --host node1:2 -np 2 mpi-podman "$image" sh -c "$look"
    expect_healthy
    equal "$(sort <<<"$output")" "$native" 'fds'
    native=$(as node1 sh -c 'sh -c "$1" 7</dev/null' sh "$look" | sort)
    run_as node1 sh -c 'mpi-podman "$@" 7</dev/null' sh "$image" sh -c "$look"
    expect_healthy
    equal "$(sort <<<"$output")" "$native" 'fds'
}

@test "no capability that podman does not give, none in effect, and no setuid program of ours" {
    local seen
    seen=$(as node1 podman run --rm --userns=keep-id "$image" grep -E '^Cap(Bnd|Amb|Inh)' /proc/self/status)
    run_as node1 mpi-podman "$image" grep -E '^Cap' /proc/self/status
    expect_healthy
    equal "$(grep -E '^Cap(Bnd|Amb|Inh)' <<<"$output")" "$seen"
    equal "$(grep -E '^Cap(Prm|Eff)' <<<"$output" | cut -f2 | sort -u)" 0000000000000000
    equal "$(find "$("$lab" prefix)" -perm /6000)" '' 'setuid or setgid programs'
    equal "$(getcap -r "$("$lab" prefix)" 2>/dev/null)" '' 'file capabilities'
    equal "$(find "$("$lab" prefix)" ! -type l -perm /0022)" '' 'files that others may write to'
}
