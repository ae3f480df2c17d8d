#!/usr/bin/env bats
# fds that the programs leave open when they end, and that those would be found.

here=$BATS_TEST_DIRNAME

# Of the test programs: LeakSanitizer needs ptrace(2) for itself. They run without this too, with it.
export ASAN_OPTIONS=detect_leaks=0

@test "an fd that is left open is found, in a process and in what it forks" {
    run "$here/fds" --of "$(basename "$(readlink -f /usr/bin/python3)")" /usr/bin/python3 -c '
import os
if os.fork() == 0:
    os.open("/dev/zero", os.O_RDONLY)
    os._exit(0)
os.wait()'
    echo "$output"
    [[ $status == 1 && $output == *"came with "*"left open: "*" (/dev/zero)"*"2 processes, 1 left fds open" ]]
}

@test "nothing is found where nothing was looked at" {
    run "$here/fds" true
    echo "$output"
    [[ $status == 1 && $output == "fds: 0 processes, 0 left fds open" ]]
}

@test "mpi-podman and what it forks leave none open, whatever happens to a rank" {
    "$here/fds" "$MPI_PODMAN_BUILD/tests/unit-wrapper"
}

@test "the agent leaves none open" {
    "$here/fds" "$MPI_PODMAN_BUILD/tests/unit-agent"
}
