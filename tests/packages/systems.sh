# shellcheck shell=bash disable=SC2154,SC2016  # `run` sets the names; what stands in quotes is for other shells
# Two systems for each release: one with compilers, which is this machine or its root of tests/lab with what is written to
# it apart, and a minimal one to install the package into.

is_this_machines() { [[ $1 == "$(os_release VERSION_CODENAME)" ]]; }

# chrooted DIR CWD COMMAND...: with the kernel's file systems, and the network as it is here; mounted for it alone.
chrooted() {
    unshare --mount --propagation private bash -e -c '
        dir=$1 cwd=$2
        shift 2
        mount -t proc proc "$dir/proc"
        mount --rbind /dev "$dir/dev"
        cp --remove-destination -L /etc/resolv.conf "$dir/etc/resolv.conf"
        exec chroot "$dir" env -i HOME=/root DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            sh -c "cd \"\$0\" && exec \"\$@\"" "$cwd" "$@"' chrooted "$@"
}

# In the copy of the checkout, with a home directory of its own.
in_build_system() {
    local dir=$work/$release
    mkdir -p "$dir/home"
    if is_this_machines "$release"; then
        (cd "$dir/src" && HOME=$dir/home "$@")
        return
    fi
    mkdir -p "$dir/upper" "$dir/overlay" "$dir/merged"
    unshare --mount --propagation private bash -e -c '
        root=$1 dir=$2
        shift 2
        mount -t overlay -o "lowerdir=$root,upperdir=$dir/upper,workdir=$dir/overlay" overlay "$dir/merged"
        mkdir -p "$dir/merged/src"
        mount --bind "$dir/src" "$dir/merged/src"
        "$@"' system "$("$repo/tests/lab/root" "$release" | tail -n 1)" "$dir" \
        bash -c "$(declare -f chrooted); chrooted \"\$@\"" chrooted "$dir/merged" /src "$@"
}

# What the lab and the test want of a machine besides the package; no documentation is left out.
bootstrap_system() {
    mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
        --include=openssh-server,iproute2,procps,passwd,netbase,openmpi-bin,man-db,bash-completion,zsh,fish \
        "$release" "$root" ${MPI_PODMAN_MIRROR:+"$MPI_PODMAN_MIRROR"}
    # No questions, nothing that the package does not depend on, no daemon.
    printf '%s "%s";\n' APT::Get::Assume-Yes true APT::Install-Recommends false quiet 1 Dpkg::Use-Pty 0 >"$root/etc/apt/apt.conf.d/90test"
    install -m 0755 /dev/stdin "$root/usr/sbin/policy-rc.d" <<<$'#!/bin/sh\nexit 101'
}

in_new_system() { chrooted "$root" /packages "$@"; }
