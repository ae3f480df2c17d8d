# shellcheck shell=bash disable=SC2154  # common.sh sets the names in small letters
# What the machine must have before a lab can be brought up; each lack is one plain line.

check_root() {
    [[ $EUID == 0 ]] || die "run it as root: nodes are made of mounts and network links"
}

check_kernel() {
    unshare --mount --uts --ipc --net --pid --cgroup --fork true 2>/dev/null ||
        die "this kernel, or the container around us, refuses new linux namespaces: use a real or virtual machine"
    grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
        die "the kernel has no overlay file system"
    grep -qw cgroup2 /proc/filesystems || die "the kernel has no cgroup2 file system"
    [[ $(cat /proc/sys/kernel/unprivileged_userns_clone 2>/dev/null || echo 1) == 1 ]] ||
        die "users may not make user namespaces here: sysctl kernel.unprivileged_userns_clone=1"
    [[ $(cat /proc/sys/user/max_user_namespaces) != 0 ]] ||
        die "users may not make user namespaces here: sysctl user.max_user_namespaces=10000"
}

# check_tools ROOT: what this machine needs to make nodes, and what the nodes' system needs.
check_tools() {
    local tool missing=()
    for tool in unshare nsenter ip ssh ssh-keygen setpriv flock; do
        [[ -n $(command -v "$tool") ]] || missing+=("$tool")
    done
    for tool in bin/bash usr/sbin/sshd usr/bin/podman usr/bin/crun usr/bin/newuidmap usr/bin/mpirun; do
        [[ -e $1/$tool ]] || missing+=("${tool##*/}${1:+ (in $1)}")
    done
    [[ ${#missing[@]} == 0 ]] || die "missing: $(printf '%s, ' "${missing[@]}" | sed 's/, $//'); .ci/install installs it"
}

check_checkout() {
    setpriv --reuid="$lab_uid" --regid="$lab_uid" --clear-groups test -r /dev/fd/3 3<"$repo_dir" ||
        die "$repo_dir is not readable by other users, so the lab's user could not see it: chmod -R o+rX it"
}
