# --linger: a container that waits for the next job, which must find it as if it were new; and --stop.

load lib

teardown() {
    local node
    for node in $(nodes); do as "$node" mpi-podman --stop >/dev/null; done
    remove_images
    expect_nothing_left
}

container() { as "$1" podman ps --format '{{.ID}}'; }

waiting() { # waiting NODE: how many containers wait for a job there
    on "$1" find /home/mpi/.cache/mpi-podman -path "*/$1/lingering/*" -name '*+*' ! -name '*+*+*' 2>/dev/null | wc -l
}

waits() { [[ $(waiting "$1") == "$2" ]]; }

one_waits() { (($(waiting node1) > 0)); }

gone() { [[ -z $(container "$1") ]]; }

lingering_job() { # lingering_job WORDS...: of two ranks on node1
    run_here -np 2 mpi-podman --linger 100 "$image" "$@"
}

@test "the next jobs have the same container, on both nodes, and their own session directories" {
    local first second
    run_job -np 4 mpi-podman --linger 100 "$image" ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
    wait_until 10 waits node1 1
    wait_until 10 waits node2 1
    first="$(container node1) $(container node2)"
    for _ in 1 2 3; do
        run_job -np 4 mpi-podman --linger 100 "$image" ring
        expect_healthy
        expect_ring 4 node1=2 node2=2
        wait_until 10 waits node1 1
        wait_until 10 waits node2 1
    done
    second="$(container node1) $(container node2)"
    equal "$second" "$first" containers
}

@test "signals that go to all a job started, as Slurm's do, do not end what keeps its container" {
    local first name
    lingering_job ring
    expect_healthy
    wait_until 10 waits node1 1
    first=$(container node1)
    for name in USR1 USR2 QUIT ALRM PIPE; do on node1 pkill "-$name" -u mpi -x container-keepe; done
    lingering_job ring
    expect_healthy
    equal "$(container node1)" "$first" containers
}

@test "podman is asked once for several jobs" {
    install_counting_podman
    for _ in 1 2 3; do
        run_here -np 2 mpi-podman --podman counting-podman --linger 100 "$image" ring
        expect_healthy
        wait_until 10 waits node1 1
    done
    equal "$(asked node1 run)" 1 "podman run"
    # The container-keeper asks for both ids at once.
    equal "$(asked node1 inspect)" 1 "podman inspect"
    equal "$(asked node1 '(pull|exists)')" 0 "podman, about the image"
}

@test "a podman that hangs is not waited for when nobody is left to wait: as the container is started" {
    install_tool hanging-podman <<'END'
#!/bin/sh
case " $* " in *" run "*) exec perl -e '$SIG{TERM} = "IGNORE"; sleep 1000 while 1' -- "$@"; esac
exec podman "$@"
END
    start_as node1 mpirun --host node1:2 -np 2 mpi-podman --podman hanging-podman --linger 100 "$image" ring
    wait_until 20 on node1 pgrep -f '^perl .* run '
    on node1 pkill -KILL -u mpi -f '^mpi-podman --podman hanging-podman'
    finish 20
    ((status != 0)) || report "expected a failure"
    wait_until 30 nothing_left
}

@test "nothing of a job is seen by the next: environment, session directory, fds, processes, mounts" {
    # shellcheck disable=SC2016
    local look='{ env | grep -E "^(OF_THE_FIRST|http_proxy)="; ls -d /tmp/ompi.*/*; ls -l /proc/self/fd | sed "s/.* //"
        cut -d " " -f 5 /proc/self/mountinfo | grep -v -e /containers/storage/ -e "/mpi-podman\$" | sort; ls -d /proc/[0-9]*; } | sed "s/[0-9][0-9]*/N/g"'
    local first_session
    run_here -np 1 mpi-podman "$image" sh -c "$look"
    expect_healthy
    local cold=$output
    run_here -np 1 -x OF_THE_FIRST=secret -x http_proxy=http://first.invalid mpi-podman --linger 100 "$image" \
        sh -c 'setsid sleep 1000 & ls -d /tmp/ompi.*/*'
    expect_healthy
    first_session=$output
    wait_until 10 waits node1 1
    run_here -np 1 mpi-podman --linger 100 "$image" sh -c "ls -d /tmp/ompi.*/*"
    [[ $output != "$first_session" && $output == /tmp/ompi.node1.* ]] || report "expected another session directory"
    wait_until 10 waits node1 1
    run_here -np 1 mpi-podman --linger 100 "$image" sh -c "$look"
    expect_healthy
    expect_output "$cold"
    wait_until 10 waits node1 1
    # Neither does one see it that looks into the container by itself.
    run_as node1 podman exec "$(container node1)" sh -c 'ls /tmp; ps -e 2>/dev/null | grep sleep'
    expect_output ''
}

@test "what a job writes in the container's own files is not there for the next" {
    run_here -np 1 mpi-podman --linger 100 "$image" sh -c 'echo mine >/tmp/of-the-first; mkdir -p /var/tmp/mine'
    expect_status 0
    wait_until 20 gone node1
    run_here -np 1 mpi-podman --linger 100 "$image" sh -c 'cat /tmp/of-the-first /var/tmp/mine 2>&1; exit 0'
    [[ $output == *"/tmp/of-the-first: No such file"* ]] || report "expected a new container"
    wait_until 10 waits node1 1
    local before
    before=$(container node1)
    run_here -np 1 mpi-podman --linger 100 "$image" sh -c 'exit 0'
    wait_until 10 waits node1 1
    equal "$(container node1)" "$before" container
    [[ -n $before ]]
}

@test "what a job writes in a volume without a name is not there for the next" {
    build_image volume <<<"FROM $image
VOLUME /data"
    for _ in 1 2; do
        run_here -np 1 mpi-podman --linger 100 "$test_images/volume" sh -c 'ls /data; echo mine >/data/mine'
        expect_healthy
        expect_output ''
        wait_until 20 gone node1
    done
}

@test "a volume from the current directory is each job's own" {
    local name
    as node1 mkdir -p one two
    for name in one two; do
        as node1 sh -c "echo $name >$name/file"
        run_as --cwd "/home/mpi/$name" node1 mpi-podman --linger 100 --no-cwd -v .:/data "$image" cat /data/file
        expect_healthy
        expect_output "$name"
    done
    as node1 rm -r one two
}

@test "what is written over a volume, and kept from it, is not there for the next" {
    as node1 mkdir -p data
    for _ in 1 2; do
        run_here -np 1 mpi-podman --linger 100 -v /home/mpi/data:/data:O "$image" sh -c 'ls /data; echo mine >/data/mine'
        expect_healthy
        expect_output ''
        wait_until 20 gone node1
    done
    as node1 rmdir data
}

@test "an image built anew is the next job's" {
    build_image changing <<<"FROM $image
ENV BUILT=first"
    run_here -np 1 mpi-podman --linger 100 "$test_images/changing" printenv BUILT
    expect_output first
    wait_until 10 waits node1 1
    build_image changing <<<"FROM $image
ENV BUILT=second"
    run_here -np 1 mpi-podman --linger 100 "$test_images/changing" printenv BUILT
    expect_output second
    wait_until 10 waits node1 1
}

@test "a directory removed and made again, or put in another's place, is the next job's" {
    local change
    for change in 'rm -rf run; mkdir run' 'mv run run.old; mkdir run'; do
        as node1 rm -rf run run.old
        as node1 mkdir run
        run_as --cwd /home/mpi/run node1 mpirun -np 1 mpi-podman --linger 100 "$image" touch of-the-first
        expect_healthy
        wait_until 10 waits node1 1
        as node1 sh -c "$change; touch run/of-the-second"
        run_as --cwd /home/mpi/run node1 mpirun -np 1 mpi-podman --linger 100 "$image" ls
        expect_healthy
        expect_output of-the-second
        as node1 mpi-podman --stop
    done
}

@test "two jobs at once, two options, two images: never one container" {
    start_as node1 mpirun -np 1 mpi-podman --linger 100 "$image" sleep 1000
    wait_until 20 on node1 pgrep -x sleep
    lingering_job ring
    expect_healthy
    run_here -np 1 mpi-podman --linger 100 -v /opt:/mnt "$image" true
    expect_healthy
    run_here -np 1 mpi-podman --linger 99 "$image" true
    expect_healthy
    run_here -np 1 mpi-podman --linger 100 --pmi=none "$mpich_image" true
    expect_healthy
    on node1 pkill -x sleep
    finish
    wait_until 10 waits node1 5
}

@test "two images in one job, twice" {
    for _ in 1 2; do
        run_here -np 1 mpi-podman --linger 100 "$image" ring : -np 1 mpi-podman --linger 100 -v /opt:/mnt "$image" ring
        expect_healthy
        expect_ring 2 node1=2
        wait_until 10 one_waits # the first to come: the other lives in its pid linux namespace, for this job alone
    done
}

@test "it ends after its time" {
    run_here -np 1 mpi-podman --linger 1 "$image" true
    expect_healthy
    wait_until 20 nothing_left
}

@test "--stop ends those that wait, and those in use with their job" {
    run_as node1 mpi-podman --stop
    expect_healthy
    expect_output ''
    lingering_job ring
    wait_until 10 waits node1 1
    start_as node1 mpirun -np 1 mpi-podman --linger 50 "$image" sleep 1000
    wait_until 20 on node1 pgrep -x sleep
    run_as node1 mpi-podman --stop
    expect_healthy
    [[ $(grep -c ' ended$' <<<"$output") == 1 ]] || report "expected one that ended"
    [[ $(grep -c ' is in use and ends with its job$' <<<"$output") == 1 ]] || report "expected one in use"
    on node1 pgrep -x sleep
    on node1 pkill -x sleep
    finish
    expect_nothing_left
}

@test "whatever dies, the next job runs, and nothing stays" {
    local victim
    for victim in '-f ^container-keeper' '-f ^/run/podman-init' '-x conmon'; do
        lingering_job ring
        wait_until 10 waits node1 1
        # shellcheck disable=SC2086  # pgrep's words
        on node1 pkill -KILL $victim
        wait_until 20 on node1 sh -c '! pgrep -f ^/run/podman-init'
        lingering_job ring
        expect_healthy
        expect_ring 2 node1=2
        as node1 mpi-podman --stop
        expect_nothing_left
    done
}

@test "a job that is killed leaves a container that is as good as new, or none" {
    start_as node1 mpirun -np 2 mpi-podman --linger 100 "$image" sh -c "trap '' TERM; setsid sleep 1000 & sleep 1001"
    wait_until 20 on node1 pgrep -xf 'sleep 1000'
    on node1 pkill -KILL -x mpirun
    finish
    wait_until 10 on node1 sh -c '! pgrep -x sleep'
    on node1 sh -c 'rm -rf /tmp/ompi.*'
    lingering_job ring
    expect_healthy
    expect_ring 2 node1=2
}

@test "a job whose launcher dies before its ranks run ends, and leaves a container or none" {
    local delay
    for delay in 0 0.05 0.1 0.2; do
        start_as node1 mpirun -np 2 mpi-podman --linger 100 "$image" sh -c "trap '' TERM; sleep 1001"
        wait_until 20 on node1 pgrep -x mpi-podman
        sleep "$delay" # the moment itself
        on node1 pkill -KILL -x mpirun
        finish
        wait_until 10 on node1 sh -c '! pgrep -x "mpi-podman|sleep|rank-keeper|job-janitor"'
        on node1 sh -c 'rm -rf /tmp/ompi.*'
        as node1 mpi-podman --stop
    done
}

@test "without a launcher too" {
    for _ in 1 2; do
        run_as node1 mpi-podman --linger 100 "$image" hostname
        expect_healthy
        expect_output node1
        wait_until 10 waits node1 1
    done
}

@test "nothing stays of a job that never had a container" {
    run_as node1 mpi-podman --linger 5 --pull=always localhost/no-such-image true
    expect_refusal 125 "no-such-image"
    expect_nothing_left
}

@test "bad input" {
    run_as node1 mpi-podman --linger soon "$image" true
    expect_refusal 2 "--linger=soon"
    run_as node1 mpi-podman --linger 5 --per-rank "$image" true
    expect_refusal 2 "--per-rank"
    run_as node1 mpi-podman --stop "$image"
    expect_refusal 2 "--stop"
    run_as node1 mpi-podman --linger 5 localhost/no-such-image true
    expect_refusal 125 "no-such-image"
}
