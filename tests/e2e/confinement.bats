# A rank that joined its node's container is confined as podman confines a process that it puts there itself, in the
# same linux namespaces; and the ranks of a node can read each other's memory, by which Open MPI copies once.

load lib

setup_file() {
    need_lab
    build_image second <<<$'FROM localhost/mpi-podman/ring\nENV FROM_IMAGE=second'
}

teardown_file() { remove_images; }

# /proc/PID/status without what is each process's own: numbers, memory, what it has used, where it is bound
# (binding.bats).
own='(Pid|Tgid|Ngid|PPid|NStgid|NSpid|NSpgid|NSsid|FDSize|SigQ|Vm[A-Za-z]*|Rss[A-Za-z]*|HugetlbPages|[a-z_]*ctxt_switches|(Cpus|Mems)_allowed(_list)?)'
confinement="grep -Ev '^$own:' /proc/self/status"
namespaces='for name in /proc/self/ns/*; do echo "$name $(readlink "$name")"; done'
maps='cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups'

wanted_fields=(Uid Gid Groups CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp SigBlk SigIgn)

# A rank writes down what it is, and waits until end_ranks.
as_it_is="{ $confinement; $namespaces; $maps; } >going-\$\$; mv going-\$\$ went-\${OMPI_COMM_WORLD_RANK:-0}; until [ -e end ]; do sleep 0.1; done"

# same_as_podman RANKS COMMAND...: each of so many ranks is what `podman exec` makes in their container. Sets output,
# what they are.
same_as_podman() {
    local ranks=$1 rank seen=() made field
    shift
    on node1 sh -c 'cd /home/mpi; rm -f went-* end'
    start_as node1 "$@" "$image" sh -c "$as_it_is"
    for ((rank = 0; rank < ranks; rank++)); do wait_until 60 eval "ended $started || on node1 test -e /home/mpi/went-$rank"; done
    made=$(as node1 bash -c 'podman exec "$(podman ps --quiet)" sh -c "$1"' bash "$confinement; $namespaces; $maps")
    for ((rank = 0; rank < ranks; rank++)); do seen+=("$(on node1 cat "/home/mpi/went-$rank")"); done
    on node1 touch /home/mpi/end
    finish
    on node1 sh -c 'cd /home/mpi; rm went-* end'
    expect_healthy
    for field in "${wanted_fields[@]}"; do
        grep -q "^$field:" <<<"$made" || fail "podman exec shows no $field" "$made"
    done
    for ((rank = 0; rank < ranks; rank++)); do equal "${seen[rank]}" "$made" "rank $rank and what podman exec makes"; done
    output=$made
}

expect_field() { grep -qx "$1:"$'\t'"$2" <<<"$output" || report "expected $1 to be $2"; }

@test "as podman exec: by default" {
    same_as_podman 2 mpirun --host node1:2 -np 2 mpi-podman
    expect_field Seccomp 2
    expect_field CapEff 0000000000000000
    # Its own linux namespaces, but for net, ipc and uts: those are the node's.
    local name native
    native=$(as node1 bash -c "$namespaces")
    for name in user mnt pid cgroup; do
        [[ $(grep "/$name " <<<"$output") != "$(grep "/$name " <<<"$native")" ]] || report "expected another $name"
    done
    for name in net ipc uts; do
        equal "$(grep "/$name " <<<"$output")" "$(grep "/$name " <<<"$native")"
    done
}

@test "as podman exec: no capability at all" {
    same_as_podman 1 mpi-podman --podman-arg=--cap-drop=all
    expect_field CapBnd 0000000000000000
}

@test "as podman exec: no seccomp filter" {
    same_as_podman 1 mpi-podman --security-opt seccomp=unconfined
    expect_field Seccomp 0
}

@test "as podman exec: no new privileges" {
    same_as_podman 1 mpi-podman --security-opt no-new-privileges
    expect_field NoNewPrivs 1
    expect_field Seccomp 2
}

@test "as podman exec: a seccomp profile of one's own, and it holds" {
    as node1 tee profile.json >/dev/null <<'END'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}
END
    same_as_podman 1 mpi-podman --security-opt seccomp=/home/mpi/profile.json
    expect_field Seccomp 2
    run_as node1 mpi-podman --security-opt seccomp=/home/mpi/profile.json "$image" mkdir /home/mpi/made
    as node1 rm profile.json
    expect_status 1
    expect_words 'Operation not supported'
}

@test "as podman exec: --pid=host, --privileged" {
    same_as_podman 1 mpi-podman --pid=host --podman-arg=--privileged
    equal "$(grep '/pid ' <<<"$output")" "$(as node1 bash -c "$namespaces" | grep '/pid ')"
}

@test "as podman exec: an ipc linux namespace of the container's own" {
    same_as_podman 1 mpi-podman --podman-arg=--ipc=private
    [[ $(grep '/ipc ' <<<"$output") != "$(as node1 bash -c "$namespaces" | grep '/ipc ')" ]] || report "expected another ipc"
}

# ---- Single copies ----

# copied SIZE MPIRUN_ARG...: each rank could read each other, and Open MPI warned of nothing.
copied() {
    local size=$1
    shift
    run_as --cwd "$programs" node1 mpirun --host node1:4 "$@"
    expect_healthy
    equal "$(sort <<<"$output")" "$(for ((i = 0; i < size; i++)); do
        echo "rank $i read $((size - 1)) of $((size - 1)), message whole"
    done)" 'what the ranks could read'
}

@test "ranks read each other's memory" { copied 4 -np 4 mpi-podman "$image" ./single_copy; }

@test "ranks read each other's memory: --pid=host" { copied 4 -np 4 mpi-podman --pid=host "$image" ./single_copy; }

@test "ranks read each other's memory: two images in one job" {
    copied 4 -np 2 mpi-podman "$image" ./single_copy : -np 2 mpi-podman "$test_images/second" ./single_copy
}

@test "ranks read each other's memory: two images in one job, --pid=host" {
    # shellcheck disable=SC2034  # lib.bash's
    limit=20 # two user linux namespaces make Open MPI wait for ever
    copied 4 -np 2 mpi-podman --pid=host "$image" ./single_copy : -np 2 mpi-podman --pid=host "$test_images/second" ./single_copy
}

@test "ranks in containers of their own cannot: so looks what the tests above must not see" {
    run_as --cwd "$programs" node1 mpirun --host node1:4 -np 2 mpi-podman --per-rank "$image" ./single_copy
    expect_status 0
    [[ $(grep -c '^rank [01] read 0 of 1, message whole' <<<"$output") == 2 ]] || report "expected no rank to read the other"
}
