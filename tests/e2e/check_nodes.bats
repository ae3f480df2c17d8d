# --check --hostfile: every node is asked over ssh, and the odd one out is pointed at.

load lib

teardown_file() { remove_images; }

check_nodes() { run_as --cwd "$programs" node1 mpi-podman --check --hostfile "${file:-$hostfile}" "$@"; }

expect_page() {
    local text
    for text; do [[ $output == *"$text"* ]] || report "expected on the page: $text"; done
}

@test "both nodes can, and the command line over them runs" {
    check_nodes "$image" ring
    expect_healthy
    expect_page 'node1  0.1.0' 'node2  0.1.0' '65536 and 65536' 'Open MPI 4.1.4, MPICH 4.0.2' '/tmp, ' \
        '2 of 2 nodes can run it' "$ mpirun --hostfile $hostfile -np 2 mpi-podman $image ring"
    run_as node1 bash -c "$(sed -n 's/^\$ //p' <<<"$output")"
    expect_healthy
    expect_ring 2 node1=2
}

@test "as JSON" {
    run_as --cwd "$programs" node1 mpi-podman --check=json --hostfile "$hostfile" "$image" ring
    expect_healthy
    equal "$(python3 -c 'import json, sys
said = json.load(sys.stdin)
print(said["all_can"], *[n["node"] + ":" + n["podman"] for n in said["nodes"]], len(said["odd"]))' <<<"$output")" \
        "True node1:$(podman --version | sed 's/.* //') node2:$(podman --version | sed 's/.* //') 0"
}

@test "an image that is on one node only" {
    as node1 podman tag "$image" "$test_images/only-here"
    check_nodes "$test_images/only-here" ring
    expect_status 1
    expect_page "node2: cannot: image $test_images/only-here is not on this node; check the name" '1 of 2 nodes can run it'
    run_as node1 mpirun --host node2:1 -np 1 mpi-podman --pull=never "$test_images/only-here" true
    expect_status 125
}

@test "an image that is another on node2: the two differ, and both can" {
    as node1 podman tag "$image" "$test_images/two"
    as node2 podman tag localhost/mpi-podman/ring-openmpi-trixie "$test_images/two"
    check_nodes "$test_images/two" ring
    expect_status 0
    expect_page 'node1: image: ' 'node2: image: ' "and no value is most nodes'" '2 of 2 nodes can run it'
}

@test "a node that is not there, and one without ranges, in less than 20 s" {
    local began=$SECONDS
    as node1 sh -c 'printf "%s\n" "node1 slots=2" "10.71.0.99 slots=2" node2 no-such-node >my-hostfile'
    on node2 sed -i 's/^mpi:/nobody:/' /etc/subuid
    file=/home/mpi/my-hostfile check_nodes "$image" ring
    on node2 sed -i 's/^nobody:/mpi:/' /etc/subuid
    as node1 rm my-hostfile
    expect_status 1
    expect_page '10.71.0.99: cannot: ssh does not reach it' 'no-such-node: cannot: ssh does not reach it' \
        'node2: cannot: the user has no range in /etc/subuid' '1 of 4 nodes can run it'
    ((SECONDS - began < 20)) || fail "it took $((SECONDS - began)) s"
}

@test "a node that takes the connection and says nothing is given up after 10 s, the other is heard" {
    local began=$SECONDS
    on node2 sh -c 'kill -STOP $(cat /run/sshd.pid)'
    check_nodes "$image" ring
    on node2 sh -c 'kill -CONT $(cat /run/sshd.pid)'
    expect_status 1
    expect_page 'node1  0.1.0' 'node2: cannot: ssh does not reach it' 'timed out' '1 of 2 nodes can run it'
    ((SECONDS - began < 25)) || fail "it took $((SECONDS - began)) s"
}

@test "a node without mpi-podman, and one whose session directory is full" {
    on node2 mount -t tmpfs -o size=1m tmpfs /usr/local/bin
    check_nodes "$image" ring
    on node2 umount /usr/local/bin
    expect_status 1
    expect_page 'node2: cannot: mpi-podman is not installed there' '1 of 2 nodes can run it'
    on node2 mount -t tmpfs -o size=1m,mode=1777 tmpfs /tmp
    check_nodes "$image" ring
    on node2 umount /tmp
    expect_status 1
    expect_page "node2: cannot: /tmp, for the launcher's session directory, is full"
}

@test "a hostfile that is none is refused by file and line" {
    as node1 sh -c 'printf "%s\n" "node1 slots=2" "node2 slots=two" >my-hostfile'
    file=/home/mpi/my-hostfile check_nodes "$image" ring
    as node1 rm my-hostfile
    expect_refusal 2 "/home/mpi/my-hostfile:2: 'node2 slots=two' is no node of a hostfile"
    file=/no/hostfile check_nodes "$image" ring
    expect_refusal 2 'cannot read the hostfile: /no/hostfile'
}

@test "how far it is, on a terminal" {
    run_as node1 script -qec "mpi-podman --check --hostfile $hostfile $image ring" /dev/null
    expect_status 0
    expect_page 'asking 2 nodes: 0 have answered' 'asking 2 nodes: 1 have answered'
    check_nodes "$image" ring
    expect_silence
}
