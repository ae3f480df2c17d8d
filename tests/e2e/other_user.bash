# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What the .bats files about other users of the node load behind lib.bash: such a user, a place of theirs, and a job
# with a secret that waits while something is tried.

secret=xyzzy
theirs=/tmp/theirs # a place of the other user's, in /tmp as anybody may have
session=/tmp/ompi.node1.7411 # mpirun's

setup_file() {
    need_lab
    install_counting_podman
    # Where podman keeps its own state is another matter.
    install_tool usual-podman <<<$'#!/bin/sh\nunset XDG_RUNTIME_DIR\nexec podman "$@"'
}

as_other() { # as_other NODE CMD...
    on "$1" setpriv --reuid=other --regid=other --clear-groups "${@:2}"
}

run_as_other() { captured as_other "$@"; }

teardown() {
    on node1 rm -rf "$theirs" "$session" /home/mpi/up-0 /home/mpi/up-1 /home/mpi/end
    expect_nothing_left
}

# try_job COMMAND...: a job of one or two ranks on node1, which wait until end_job. Fails where it ended instead.
try_job() {
    on node1 sh -c 'cd /home/mpi; rm -f up-* end'
    start_as node1 "$@" sh -c 'touch "up-${OMPI_COMM_WORLD_RANK:-0}"; until [ -e end ]; do sleep 0.1; done; echo "$SECRET"'
    wait_until 60 came_up
    on node1 test -e /home/mpi/up-0
}

came_up() { ended "$started" || on node1 sh -c 'cd /home/mpi; test -e up-0 && { test -e up-1 || ! pgrep -x mpirun; }'; }

start_job() { try_job "$@" || { finish; report "expected the job to run"; }; }

end_job() {
    on node1 touch /home/mpi/end
    finish
}

secret_job() { start_job env SECRET="$secret" mpirun --host node1:2 -np 2 mpi-podman "$@" "$image"; }

expect_secret() {
    end_job
    expect_healthy
    expect_output "$secret"$'\n'"$secret"
}

agent_socket() { on node1 find /tmp /run /home/mpi -type s -path '*/mpi-podman/*'; }

expect_closed() { # expect_closed DIRECTORY: of the job; and its files, which root can name
    local path
    equal "$(on node1 stat -c '%a %U' "$1")" '700 mpi'
    run_as_other node1 ls "$1"
    expect_words 'Permission denied'
    for path in $(on node1 find "$1"); do
        run_as_other node1 cat "$path"
        expect_words 'Permission denied'
        [[ -z $output ]] || report "expected to read nothing"
        run_as_other node1 touch "$path/new"
        expect_words 'Permission denied'
    done
}
