# --distribute: an image on every node, of which only what is missing moves, and most of it from node to node.

load lib

name=$test_images/spread
id=
size=${MPI_PODMAN_DISTRIBUTE_MB:-60} # MB of random bytes in the image
newest=$((size / 3)) # MB of them in its last layer
home=/home/mpi
all=$home/all-nodes # a hostfile
staged=$home/.local/share/containers/storage/mpi-podman

setup_file() {
    need_lab
    [[ $(nodes | wc -l) == 4 ]] || fail "four nodes are needed: tests/e2e/prepare four"
    as node1 sh -c 'printf "node%d slots=1\n" 1 2 3 4 >all-nodes'
    clear_staging
    make_image 1
}

# What a test that failed left is not the next one's.
clear_staging() {
    local node
    for node in $(nodes); do on "$node" rm -rf "$staged"; done
}

teardown_file() {
    remove_images
    as node1 rm -rf all-nodes layers
}

teardown() {
    local node left=
    for node in $(nodes); do
        on "$node" rm -f /etc/ssh/ssh_config.d/lonely.conf
        left+=$(on "$node" find "$staged" -printf "$node: %p %s\n" 2>/dev/null || true)
    done
    clear_staging
    [[ -z $left ]] || fail "left in podman's graphroot: $left"
    rm -f "$("$lab" prefix)"/bin/{ssh,slow-podman}
    as node1 rm -f slow
    if [[ $BATS_TEST_NUMBER == "${#BATS_TEST_NAMES[@]}" ]]; then expect_nothing_left --ask-podman; else expect_nothing_left; fi
}

# make_image NUMBER: on node1 alone, a shell and random bytes in two of its layers; those of another NUMBER differ in the last.
make_image() {
    as node1 sh -c "mkdir -p layers && cd layers && test -e first || head -c $((size - newest))MB /dev/urandom >first
        test -e last-$1 || head -c ${newest}MB /dev/urandom >last-$1"
    as node1 podman build --quiet --tag "$name" --file - layers >/dev/null <<END
FROM $image AS whole
FROM scratch
COPY --from=whole /bin/sh /bin/sh
COPY --from=whole /lib64/ld-linux-x86-64.so.2 /lib64/
COPY --from=whole /lib/x86_64-linux-gnu/libc.so.6 /lib/x86_64-linux-gnu/
COPY first /first
COPY last-$1 /last
END
}

# From the stores of all nodes but node1, at once.
forget_image() {
    local node forgetting=()
    id=$(id_on node1)
    for node in node2 node3 node4; do
        { as "$node" podman rmi --force "$id" "$name" || true; as "$node" podman image prune --force; } \
            </dev/null >/dev/null 2>&1 3>&- &
        forgetting+=("$!")
    done
    wait "${forgetting[@]}"
}

distribute() { run_as node1 mpi-podman --distribute --hostfile "${file:-$all}" "$@"; }

id_on() { as "$1" podman image inspect --format '{{.Id}}' "$name"; }

expect_on() { # expect_on NODE...: the image of node1, that runs
    local node ran
    id=$(id_on node1)
    for node; do
        equal "$(id_on "$node")" "$id" "ids of node1 and $node"
        # By its status: of a container that ends at once podman may lose the output.
        as "$node" podman run --rm --network=none "$name" sh -c 'exit 17' && ran=0 || ran=$?
        equal "$ran" 17 "status of a container of it on $node"
    done
}

expect_lines() { # expect_lines REGEX...: each is that of one whole line of stdout
    local regex
    for regex; do [[ $(grep -Exc "$regex" <<<"$output") == 1 ]] || report "expected one line on stdout: $regex"; done
}

# Bytes that were moved, as the last line says, in kB.
moved() {
    local number unit
    read -r number unit < <(tail -n1 <<<"$output" | sed 's/.*; moved //')
    case $unit in
        bytes) echo $((number / 1000)) ;;
        kB) echo "$number" ;;
        MB) echo $((number * 1000)) ;;
        *) fail "no amount: $output" ;;
    esac
}

expect_moved() { # expect_moved LEAST MOST: kB
    local kilobytes
    kilobytes=$(moved)
    ((kilobytes >= $1 && kilobytes <= $2)) || report "expected from $1 to $2 kB to be moved"
}

# What a run takes node1's podman for; it keeps `pull` waiting as long as ~/slow is there.
install_slow_podman() {
    install_tool slow-podman <<'END'
#!/bin/sh
if [ "$1" = pull ]; then while [ -e /home/mpi/slow ]; do sleep 0.1; done; fi
exec podman "$@"
END
}

# An ssh that passes on a third of the image and then no more, as long as ~/slow is there.
install_slow_ssh() {
    install_tool ssh <<END
#!/usr/bin/python3
import os, subprocess, sys, time
if not os.path.exists("/home/mpi/slow"):
    os.execv("/usr/bin/ssh", sys.argv)
ssh = subprocess.Popen(["/usr/bin/ssh"] + sys.argv[1:], stdin=subprocess.PIPE)
left = $size * 1000000 // 3
while left > 0 and (got := os.read(0, min(left, 65536))):
    ssh.stdin.write(got)
    ssh.stdin.flush()
    left -= len(got)
while left == 0 and os.path.exists("/home/mpi/slow"):
    time.sleep(0.1)
while got := os.read(0, 65536):
    ssh.stdin.write(got)
ssh.stdin.close()
sys.exit(ssh.wait())
END
}

kill_origin() {
    on node1 pkill -KILL --oldest -u mpi -f 'mpi-podman --distribute --'
    finish || true
    wait_until 10 nothing_left
}

@test "to four nodes: each gets it once, one of them from another" {
    forget_image
    distribute "$name"
    expect_healthy
    expect_lines 'node1: has it' "4 of 4 nodes have $name:latest, id $(id_on node1 | cut -c1-12); moved .* MB"
    [[ $(grep -c ' in 5 layers, from node' <<<"$output") == 3 ]] || report "expected three nodes to be sent five layers"
    expect_moved $((size * 3000)) $((size * 3000 + 20000))
    expect_on node2 node3 node4
}

@test "where it is everywhere, nothing moves" {
    distribute "$name"
    expect_healthy
    expect_lines 'node1: has it' 'node2: has it' 'node3: has it' 'node4: has it'
    expect_moved 0 0
}

@test "a node that has it by another name, or by none, gets the name alone" {
    as node2 podman untag "$(id_on node1)"
    as node3 podman tag "$name" "$test_images/other"
    as node3 podman untag "$(id_on node1)" "$name"
    distribute "$name"
    expect_healthy
    expect_moved 0 0
    expect_on node2 node3
}

@test "of an image one layer newer, that layer moves" {
    distribute "$name"
    make_image 2
    distribute "$name"
    expect_healthy
    [[ $(grep -c ' in 1 layer, from node' <<<"$output") == 3 ]] || report "expected three nodes to be sent one layer"
    expect_moved $((newest * 3000)) $((newest * 3000 + 1000))
    expect_on node2 node3 node4
    make_image 1
}

@test "killed while nodes take it in, and begun again: what came whole is not sent again" {
    forget_image
    install_slow_podman
    as node1 touch slow
    start_as node1 mpi-podman --distribute --hostfile "$all" --podman slow-podman "$name"
    for node in node2 node3 node4; do wait_until 60 on "$node" pgrep -f 'slow-podman pull'; done
    kill_origin
    as node1 rm slow
    # Its last layer is no more what it was.
    last=$(as node1 podman image inspect --format '{{range .RootFS.Layers}}{{println .}}{{end}}' "$name" |
        sed -n 's/^sha256://p' | tail -n1)
    on node2 sh -c "echo x | dd of=$staged/$(id_on node1)/$last bs=1 seek=1000 conv=notrunc 2>&1"
    distribute "$name"
    expect_healthy
    expect_moved $((newest * 1000)) $((newest * 1000 + 1000))
    expect_on node2 node3 node4
}

@test "killed half way, and begun again: what is there of a layer stays" {
    forget_image
    install_slow_ssh
    as node1 touch slow
    start_as node1 mpi-podman --distribute --hostfile "$all" "$name"
    for node in node2 node3; do
        wait_until 60 on "$node" sh -c "find $staged -name '*.part' -size +$((size * 250))k | grep ."
    done
    kill_origin
    as node1 rm slow
    distribute "$name"
    expect_healthy
    # The first two had a quarter of it at least.
    expect_moved $((size * 2300)) $((size * 2550))
    expect_on node2 node3 node4
}

@test "a node that is down is named, the others get it" {
    forget_image
    as node1 sh -c 'printf "%s\n" node1 10.71.0.99 node2 node3 >with-one-down'
    file=$home/with-one-down distribute "$name"
    as node1 rm with-one-down
    expect_status 1
    expect_silence
    expect_lines '10.71.0.99: cannot: ssh does not reach it: .*' 'node2: .* in 5 layers, from node[13]' \
        'node3: .* in 5 layers, from node[12]' '3 of 4 nodes have .*'
    expect_on node2 node3
}

@test "a node whose podman does not take it is named, the others get it" {
    forget_image
    on node3 sh -c 'cd /etc/containers && cp policy.json kept && echo "{\"default\": [{\"type\": \"reject\"}]}" >policy.json'
    distribute "$name"
    on node3 mv /etc/containers/kept /etc/containers/policy.json
    expect_status 1
    expect_lines 'node3: cannot: .*rejected by policy.*' '3 of 4 nodes have .*'
    expect_on node2 node4
    distribute "$name" # what node3 kept goes
    expect_healthy
    expect_on node3
}

@test "nodes that cannot reach each other get it from here" {
    forget_image
    for node in node2 node3 node4; do
        on "$node" sh -c 'printf "Host *\n    ProxyCommand false\n" >/etc/ssh/ssh_config.d/lonely.conf'
    done
    distribute "$name"
    expect_healthy
    [[ $(grep -c ' in 5 layers, from node1' <<<"$output") == 3 ]] || report "expected node1 to send to all of them"
    expect_moved $((size * 3000)) $((size * 3000 + 20000))
    expect_on node2 node3 node4
}

@test "a node with an additional store that has it gets nothing" {
    forget_image
    as node1 sh -c "mkdir -p .config/containers
        podman save --quiet --format oci-archive --output shared.tar '$name'
        podman --root $home/shared-images load --quiet --input shared.tar && rm shared.tar" >/dev/null
    # The home is shared, and node3 alone is to have this.
    on node3 mount -t tmpfs tmpfs "$home/.config/containers"
    on node3 tee "$home/.config/containers/storage.conf" >/dev/null <<END
[storage]
driver = "overlay"
[storage.options]
additionalimagestores = ["$home/shared-images"]
END
    distribute "$name"
    run_by_node3=$(as node3 mpi-podman "$name" sh -c 'echo it runs')
    on node3 umount "$home/.config/containers"
    as node1 podman unshare rm -rf "$home/shared-images" "$home/.config"
    expect_healthy
    expect_lines 'node3: has it' 'node2: .* in 5 layers, from node1' 'node4: .* in 5 layers, from node[12]'
    expect_moved $((size * 2000)) $((size * 2000 + 20000))
    equal "$run_by_node3" 'it runs'
}

@test "two nodes with one store get it once" {
    forget_image
    for node in node3 node4; do
        on "$node" sed -i "/^\[storage\]/a rootless_storage_path = \"$home/one-store\"" /etc/containers/storage.conf
    done
    distribute "$name"
    as node4 podman image exists "$name"
    for node in node3 node4; do on "$node" sed -i '/^rootless_storage_path/d' /etc/containers/storage.conf; done
    as node1 sh -c "ls $home/one-store" >"$BATS_TEST_TMPDIR/store"
    as node1 podman unshare rm -rf "$home/one-store"
    expect_healthy
    expect_lines 'node2: .* in 5 layers, from node1' 'node3: .* in 5 layers, from node[12]' \
        'node4: has it, in the store of node3'
    expect_moved $((size * 2000)) $((size * 2000 + 20000))
    equal "$(grep -c mpi-podman "$BATS_TEST_TMPDIR/store")" 0
}

@test "an image that is not here, and command lines that are none" {
    run_as node1 mpi-podman --distribute --hostfile "$all" --pull=never localhost/no-such
    expect_refusal 125 'image localhost/no-such is not on this node'
    run_as node1 mpi-podman --distribute "$name"
    expect_refusal 2 '--distribute needs to know the nodes'
    run_as node1 mpi-podman --distribute --hostfile "$all" "$name" ring
    expect_refusal 2 '--distribute takes no COMMAND'
}

@test "how far it is, on a terminal" {
    forget_image
    run_as node1 script -qec "mpi-podman --distribute --hostfile $all $name" /dev/null
    expect_status 0
    [[ $output == *'node2: begins, from node1'*$'\e['*'A'*'4 of 4 nodes have'* ]] || report "expected lines that are drawn again"
    [[ $(tail -n1 <<<"$output") == *$'\e[K4 of 4 nodes have '* ]] || report "expected the sum at the end"
}
