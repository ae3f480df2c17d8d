# Many jobs in a row: none fails, and nothing that stays, on any node, is more than before. MPI_PODMAN_JOBS=n (default
# 1000) of each kind; tests/run limits.

load lib

jobs=${MPI_PODMAN_JOBS:-1000}
# shellcheck disable=SC2034  # lib.bash's
limit=$((60 + jobs * 10))

setup_file() {
    need_lab
    install_tool in-a-row <<'END'
#!/bin/bash
# in-a-row JOBS OPTION...: runs a ring of two ranks so often; a line for each that was not as it should be
expected=$'rank 0 of 2 on node1\nrank 1 of 2 on node1\nring complete: 2 ranks'
jobs=$1
shift
for ((i = 1; i <= jobs; i++)); do
    output=$(mpirun --host node1:2 -np 2 mpi-podman "$@" localhost/mpi-podman/ring ring 2>errors </dev/null)
    status=$?
    [[ $status == 0 && ! -s errors && $(sort <<<"$output") == "$expected" ]] || echo "job $i: status $status: $output $(<errors)"
done
rm -f errors
END
}

teardown() {
    as node1 mpi-podman --stop >/dev/null
    expect_nothing_left --ask-podman
}

standing() {
    local node
    for node in $(nodes); do on "$node" bash /src/tests/e2e/standing | sed "s/\t/\t$node: /"; done
}

# What a keeper freed AddressSanitizer keeps, to find whoever uses it all the same: it is not to grow by that.
in_a_row() { run_as node1 env ASAN_OPTIONS=quarantine_size_mb=0:thread_local_quarantine_size_kb=0 in-a-row "$@"; }

# expect_no_more BEFORE AFTER: of anything; memory and files that podman keeps come in pages. Of keys, a session's
# keyring of each container's, the kernel counts those of this user on other nodes and in other labs too, and those of
# processes that ended a moment ago; 200 it allows.
expect_no_more() {
    local was is what before=$1 more=() allowed
    while IFS=$'\t' read -r is what; do
        was=$(grep -F $'\t'"$what" <<<"$before" | cut -f1)
        allowed=0
        case $what in
            *': kB of '*) allowed=256 ;;
            *': keys of the user') allowed=20 ;;
        esac
        echo "# $what: $was before, $is after" >&3
        ((is <= was + allowed)) || more+=("$what: $was before, $is after")
    done <<<"$2"
    [[ ${#more[@]} == 0 ]] || fail "more than before:" "${more[@]}"
}

at_rest() { # at_rest OPTION...: what there is when only what lingers, if that, is left
    if [[ $# == 0 ]]; then wait_until 10 nothing_left; else wait_until 10 lingers; fi
    standing
}

lingers() { [[ $(on node1 find /home/mpi/.cache/mpi-podman -path '*/lingering/*' -name '*+*' ! -name '*+*+*' | wc -l) == 1 ]]; }

jobs_leave_nothing() { # jobs_leave_nothing OPTION...
    local before after since
    in_a_row 20 "$@" # what is made once, as podman's own runtime directories
    expect_output ''
    before=$(at_rest "$@")
    since=$SECONDS
    in_a_row "$jobs" "$@"
    echo "# $jobs jobs in $((SECONDS - since)) s, $(grep -c '^job ' <<<"$output") failed" >&3
    expect_output ''
    after=$(at_rest "$@")
    expect_no_more "$before" "$after"
}

@test "$jobs jobs in a row, a container each" { jobs_leave_nothing; }

@test "$jobs jobs in a row, in one container that lingers" { jobs_leave_nothing --linger 600; }
