# shellcheck shell=bash disable=SC2154  # common.sh sets the names in small letters
# `lab up` and `lab down`: makes the shared parts and starts the nodes; ends them and clears away.

node_names() {
    [[ ! -d $lab_dir/nodes ]] || ls -v "$lab_dir/nodes"
}

# The pid of a process we started, if it is still that process: it must be in the linux namespace it
# was started in, so that a reused pid is never taken for it.
live_pid() { # live_pid FILE
    is_live "$1" && printf '%s\n' "$pid"
}

is_live() { # is_live FILE: sets pid
    local netns
    [[ -r $1 ]] && read -r pid netns <"$1" && [[ $(readlink "/proc/$pid/ns/net") == "$netns" ]]
}

node_pid() { live_pid "$lab_dir/nodes/$1/pid"; }

# One `up` or `down` at a time. Nothing that is started may inherit the lock.
take_lock() {
    mkdir -p "$(cache_dir)"
    exec {lock}<"$(cache_dir)"
    flock -w 120 "$lock" || die "another lab up or down is at work"
}

make_keys() { # make_keys COUNT
    local i secret=$lab_dir/secret
    mkdir -m 0700 "$secret"
    ssh-keygen -q -t ed25519 -N '' -C mpi-podman-lab -f "$secret/host_key"
    ssh-keygen -q -t ed25519 -N '' -C "$lab_user" -f "$secret/user_key"
    printf 'node*,%s.* %s\n' "$subnet" "$(<"$secret/host_key.pub")" >"$secret/known_hosts"
    cat >"$secret/config" <<-END
		Host node*
		    User $lab_user
		    IdentityFile $secret/user_key
		    IdentitiesOnly yes
		    GlobalKnownHostsFile /dev/null
		    UserKnownHostsFile $secret/known_hosts
		    BatchMode yes
		    LogLevel ERROR
	END
    for ((i = 1; i <= $1; i++)); do
        printf 'Host node%d\n    HostName %s\n' "$i" "$(node_address "node$i")" >>"$secret/config"
    done
}

make_home() {
    local home=$lab_dir/home/$lab_user
    mkdir -p "$home/.ssh" "$home/.local/share/containers"
    cp "$lab_dir/secret/user_key" "$home/.ssh/id_ed25519"
    cp "$lab_dir/secret/user_key.pub" "$home/.ssh/authorized_keys"
    chmod 0700 "$home/.ssh"
    chown -R "$lab_uid:$lab_uid" "$home"
}

# The image stores outlive the lab: loading an image takes longer than everything else here.
make_stores() { # make_stores COUNT
    local i store
    mkdir -p "$(cache_dir)/images"
    for ((i = 1; i <= $1; i++)); do
        store=$(store_dir "node$i")
        mkdir -p "$store/root" "$store/user"
        chown "$lab_uid:$lab_uid" "$store/user"
    done
}

# The bridge is in a network namespace of its own, held by one sleeping process: the host's
# interfaces, addresses and firewall are neither touched nor in the way.
start_switch() {
    local pid netns
    unshare --net -- sleep infinity </dev/null >/dev/null 2>&1 {lock}<&- &
    pid=$!
    disown
    until netns=$(readlink "/proc/$pid/ns/net") && [[ $netns != "$(readlink /proc/self/ns/net)" ]]; do
        kill -0 "$pid"
        sleep 0.01
    done
    printf '%s %s\n' "$pid" "$netns" >"$lab_dir/switch"
    nsenter --target "$pid" --net -- ip link add lab type bridge
    nsenter --target "$pid" --net -- ip link set lab up
}

start_node() { # start_node NODE COUNT
    local dir
    dir=$(node_dir "$1")
    mkdir -p "$dir"
    mkfifo -m 0600 "$dir/go" "$dir/ready"
    env -i PATH="$PATH" MPI_PODMAN_CACHE="$(cache_dir)" MPI_PODMAN_LAB="$MPI_PODMAN_LAB" \
        unshare --mount --uts --ipc --net --pid --fork -- bash "$lab_src/node" "$1" "$2" \
        </dev/null >"$dir/log" 2>&1 {lock}<&- &
    # The shell is not to report how it ended, should it have to be killed.
    disown
    echo "$!" >"$dir/parent"
}

# await NODE WORD: the node writes each word when it has got so far.
await() {
    local dir fd word='' tries=40
    dir=$(node_dir "$1")
    # Opened for writing too, or this would wait for ever for a node that died first.
    exec {fd}<>"$dir/ready"
    until read -r -t 0.5 -u "$fd" word; do
        if ! ((--tries)) || ! kill -0 "$(<"$dir/parent")" 2>/dev/null; then break; fi
    done
    exec {fd}<&-
    [[ $word == "$2" ]] && return
    cat "$dir/log" >&2
    die "$1 did not start (its messages are above)"
}

plug_in() { # plug_in NODE: a cable from the node to the switch
    local pid switch port=port${1#node}
    pid=$(node_pid "$1")
    switch=$(live_pid "$lab_dir/switch")
    ip link add "$port" netns "$switch" type veth peer name eth0 netns "$pid"
    nsenter --target "$switch" --net -- ip link set "$port" master lab up
    echo go >"$(node_dir "$1")/go"
}

parse_up() {
    while [[ $# -gt 0 ]]; do
        [[ $# -ge 2 ]] || usage
        case $1 in
            --nodes) count=$2 ;;
            --root)
                root=$(readlink -e -- "$2") || die "no such directory: $2"
                [[ -d $root ]] || die "not a directory: $2"
                ;;
            *) usage ;;
        esac
        shift 2
    done
    [[ $count =~ ^[1-9][0-9]?$ ]] || die "--nodes: a number from 1 to 99"
}

# /usr/local is on the disk, as users have it: Linux maps a program's pages in larger pieces from there than from a
# tmpfs, and each rank's mpi-podman starts by a twentieth sooner.
make_local() { # make_local DIRECTORY
    rm -rf -- "${1:?}"
    mkdir -p "$1/bin"
    mount --bind "$1" "$lab_dir/local"
}

# All else of a lab is in this tmpfs: it can hold the upper halves of overlays whatever the host's
# /run is made of, and is gone with one umount.
make_state() { # make_state ROOT
    local cache
    mkdir -p "$lab_dir"
    mount -t tmpfs -o mode=0755,nosuid,nodev "$lab_name" "$lab_dir"
    mount --make-private "$lab_dir"
    printf '%s\n' "$1" >"$lab_dir/root"
    mkdir -p "$lab_dir/nodes" "$lab_dir/local" "$lab_dir/cgroup"
    cache=$(cache_dir)
    make_local "$cache/local/$lab_name"
    mount -t cgroup2 cgroup2 "$lab_dir/cgroup"
    mkdir -p "$cgroup_dir"
}

start_nodes() { # start_nodes COUNT
    local i count=$1
    for ((i = 1; i <= count; i++)); do start_node "node$i" "$count"; done
    for ((i = 1; i <= count; i++)); do await "node$i" started; plug_in "node$i"; done
    for ((i = 1; i <= count; i++)); do await "node$i" ready; done
}

cmd_up() {
    local count=2 root=''
    parse_up "$@"
    check_kernel
    check_tools "$root"
    check_checkout
    take_lock
    remove_lab
    # A lab that did not come up whole leaves as little behind as one that was taken down.
    trap remove_lab EXIT
    make_state "$root"
    make_keys "$count"
    make_home
    make_stores "$count"
    start_switch
    start_nodes "$count"
    trap - EXIT
}

# kill_and_wait FILE: ends the process (and with a node's pid 1, all of the node) and sees it gone.
kill_and_wait() {
    local pid
    pid=$(live_pid "$1") || return 0
    kill -KILL "$pid" 2>/dev/null || true
    while live_pid "$1" >/dev/null; do sleep 0.02; done
}

# A node's first process loses its linux namespaces, by which kill_and_wait knows it, before the kernel has ended all
# others in the node: until then their cgroups are busy.
remove_cgroups() {
    local tries=500
    [[ -d $cgroup_dir ]] || return 0
    until grep -q '^populated 0' "$cgroup_dir/cgroup.events" || ((--tries == 0)); do sleep 0.02; done
    find "$cgroup_dir" -depth -type d -exec rmdir -- {} +
}

remove_lab() {
    local node
    for node in $(node_names); do kill_and_wait "$(node_dir "$node")/pid"; done
    kill_and_wait "$lab_dir/switch"
    if mountpoint -q "$lab_dir"; then
        remove_cgroups
        umount -R "$lab_dir" || umount -R -l "$lab_dir"
    fi
    [[ ! -d $lab_dir ]] || rmdir -- "$lab_dir"
}

cmd_down() {
    [[ $# == 0 ]] || usage
    take_lock
    remove_lab
}
