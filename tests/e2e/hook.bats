# mpi-podman-hook as an OCI hook of rootless podman's. The host is Debian bookworm with Open MPI 4.1.4 and MPICH 4.0.2.

load lib

hooks=/usr/local/hooks.d
libexec=/usr/local/libexec/mpi-podman
libraries=/usr/lib/x86_64-linux-gnu
plugins=BIND_MOUNTS=$libraries/openmpi
trixie=localhost/mpi-podman/ring-openmpi-trixie
trixies=$libraries/libmpi.so.40.40.7 # the file that the host's covers
bullseye=localhost/mpi-podman/ring-openmpi-bullseye
open_mpi=(MPI_LIBS="$libraries/libmpi.so.40:$libraries/libmpi_mpifh.so.40"
    MPI_DEPENDENCY_LIBS="$libraries/libopen-rte.so.40:$libraries/libopen-pal.so.40$(printf ":$libraries/%s" libmca_common_sm.so.40 \
        libmca_common_monitoring.so.50 libpsm_infinipath.so.1 libinfinipath.so.4)")
mpich=(MPI_LIBS="$libraries/libmpich.so.12:$libraries/libmpichfort.so.12")

setup_file() {
    need_lab
    build_image no-mpi <<END
FROM $image AS whole
FROM scratch
COPY --from=whole /bin/true /bin/
COPY --from=whole /etc/ld.so.cache /etc/
COPY --from=whole /lib64/ld-linux-x86-64.so.2 /lib64/
COPY --from=whole /lib/x86_64-linux-gnu/libc.so.6 /lib/x86_64-linux-gnu/
END
}

teardown_file() {
    remove_images
    on node1 rm -rf "$hooks"
}

# configure TYPE STAGE NAME=VALUE...: a hook configuration, as a site has it. Of a variable given twice the last counts.
configure() {
    local type=$1 stage=$2 variable env='"HOOK_ROOTLESS=true"'
    shift 2
    [[ " $*" == *" LDCONFIG_PATH="* ]] || set -- LDCONFIG_PATH=/sbin/ldconfig "$@"
    for variable; do env+=", \"$variable\""; done
    on node1 mkdir -p "$hooks"
    on node1 tee "$hooks/$type.json" >/dev/null <<END
{"version": "1.0.0",
 "hook": {"path": "$libexec/mpi-podman-hook", "env": [$env]},
 "when": {"annotations": {"^com.hooks.mpi.enabled$": "^true$", "^com.hooks.mpi.type$": "^$type$"}},
 "stages": ["$stage"]}
END
}

# run_hooked TYPE PODMAN_ARG...: `podman run` with the hook of that type. Sets `words` as well: the hook's own, which
# podman does not show.
run_hooked() {
    local type=$1
    shift
    as node1 rm -f hook.log
    run_as --cwd "$programs" node1 podman run --rm --userns=keep-id --hooks-dir "$hooks" \
        --annotation com.hooks.mpi.enabled=true --annotation "com.hooks.mpi.type=$type" \
        --annotation run.oci.hooks.stderr=/home/mpi/hook.log -v "$programs:$programs" -w "$programs" "$@"
    words=$(as node1 cat hook.log 2>/dev/null || true)
    as node1 rm -f hook.log
}

# run_hooked_job TYPE IMAGE COMMAND...: the same of two ranks that mpirun starts.
run_hooked_job() {
    local type=$1
    shift
    as node1 rm -f hook.log
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --podman-arg="--hooks-dir=$hooks" \
        --podman-arg=--annotation=com.hooks.mpi.enabled=true "--podman-arg=--annotation=com.hooks.mpi.type=$type" \
        --podman-arg=--annotation=run.oci.hooks.stderr=/home/mpi/hook.log "$@"
    words=$(as node1 cat hook.log 2>/dev/null || true)
    as node1 rm -f hook.log
}

# The hook refuses: one line that matches, and podman starts nothing.
expect_hook_refusal() { # expect_hook_refusal PATTERN
    expect_status 126
    expect_words "error executing hook"
    [[ $words =~ ^mpi-podman-hook:\ [^$'\n']*$ ]] || report "expected one line of the hook's: $words"
    grep -Eq -- "$1" <<<"$words" || report "expected of the hook: $1; it said: $words"
    equal "$output" ''
}

# What `library` says of a job of so many ranks.
expect_library() { # expect_library SIZE VERSION PATH
    [[ $status == 0 && -z $stderr ]] || report "expected a healthy job; the hook: $words"
    equal "$(grep -c "^rank [0-9]* of $1: $2.*, sum $(($1 * ($1 - 1) / 2))\$" <<<"$output")" "$1" "ranks with $2"
    equal "$(grep '^mapped' <<<"$output")" "mapped $3" libraries
}

inode_of_hosts() { stat -Lc %i "$libraries/$1"; }

@test "bookworm's Open MPI over the image's own, by every name" {
    configure open-mpi createContainer "${open_mpi[@]}"
    run_hooked open-mpi "$image" ./library
    expect_library 1 'Open MPI v4.1.4' "$libraries/libmpi.so.40.30.4"
    equal "$words" ''
    run_hooked open-mpi "$image" stat -Lc %i "$libraries/libmpi.so.40" /usr/lib/libmpi.so /lib64/libmpi.so.40.30
    equal "$output" "$(for _ in 1 2 3; do inode_of_hosts libmpi.so.40; done)" 'the files of libmpi'
    run_hooked open-mpi "$image" grep -c " $libraries/libmpi.so.40.30.4 ro," /proc/self/mountinfo
    equal "$output" 1 'a mount, read-only'
}

@test "an image that is newer: trixie's with bookworm's Open MPI, by major, full and strict" {
    configure open-mpi createContainer "${open_mpi[@]}" "$plugins" MPI_COMPATIBILITY_TYPE=major
    run_hooked_job open-mpi "$trixie" ./library
    expect_library 2 'Open MPI v4.1.4' "$trixies"
    equal "$words" ''
    configure open-mpi createContainer "${open_mpi[@]}" "$plugins" MPI_COMPATIBILITY_TYPE=full
    run_hooked_job open-mpi "$trixie" ./library
    expect_library 2 'Open MPI v4.1.4' "$trixies"
    [[ $words == "mpi-podman-hook: libmpi.so.40 of the host is older than the image's: the host's is 40.30.4, the image's 40.40."* ]] ||
        report "expected a warning: $words"
    configure open-mpi createContainer "${open_mpi[@]}" "$plugins" MPI_COMPATIBILITY_TYPE=strict
    run_hooked open-mpi "$trixie" true
    expect_hook_refusal 'the host.s is 40\.30\.4, the image.s 40\.40\.[0-9]* \(ABI check: strict\)'
}

@test "the container's ld.so.cache has what was added, the image's has not" {
    configure open-mpi createContainer "${open_mpi[@]}" "$plugins"
    run_hooked open-mpi "$trixie" ldconfig -p
    expect_status 0
    grep -q 'libopen-rte\.so\.40 .* => .*/libopen-rte\.so\.40$' <<<"$output" || report "expected libopen-rte.so.40"
    grep -q 'libc\.so\.6 .* => /lib/x86_64-linux-gnu/libc\.so\.6$' <<<"$output" || report "expected all the others"
    run_as node1 podman run --rm "$trixie" ldconfig -p
    expect_status 0
    ! grep -q 'libopen-rte' <<<"$output" || report "expected the image as it was"
}

@test "MPICH: the image's own program with the host's" {
    configure mpich createContainer "${mpich[@]}" MPI_COMPATIBILITY_TYPE=strict
    run_hooked mpich "$mpich_image" ./library-mpich
    expect_library 1 'MPICH Version:' "$libraries/libmpich.so.12.2.2"
    run_hooked mpich "$mpich_image" stat -Lc %i "$libraries/libmpich.so.12"
    equal "$output" "$(inode_of_hosts libmpich.so.12)" 'the file of libmpich'
}

@test "a job that is refused says where the hook's words are to be had" {
    configure open-mpi createContainer "${open_mpi[@]}" MPI_COMPATIBILITY_TYPE=strict
    run_hooked_job open-mpi "$trixie" ./library
    expect_refusal 125 'error executing hook .*; its own words: .*run\.oci\.hooks\.stderr'
    [[ $words == *'ABI check: strict'* ]] || report "the hook: $words"
}

@test "at prestart, the stage of older configurations" {
    configure open-mpi prestart "${open_mpi[@]}" "$plugins"
    run_hooked_job open-mpi "$trixie" ./library
    expect_library 2 'Open MPI v4.1.4' "$trixies"
    equal "$words" ''
    run_on node1 sh -c 'grep -c libopen-rte /proc/*/mountinfo | grep -v ":0$"'
    equal "$output" '' 'mounts elsewhere'
}

@test "without the annotation, or with another type, nothing is done" {
    configure open-mpi createContainer "${open_mpi[@]}"
    run_as node1 podman run --rm --hooks-dir "$hooks" "$image" grep -c libmpi /proc/self/mountinfo
    equal "$output" 0 'mounts without the annotation'
    run_hooked other "$image" grep -c libmpi /proc/self/mountinfo
    equal "$output" 0 'mounts with another type'
}

@test "refused: an image without MPI, with another family, with too old a C library; a library nobody brings" {
    configure open-mpi createContainer "${open_mpi[@]}"
    run_hooked open-mpi "$test_images/no-mpi" true
    expect_hook_refusal "no MPI library in the container's ld.so.cache"
    run_hooked open-mpi "$mpich_image" true
    expect_hook_refusal 'the container has libmpich\.so\.12 of MPICH, the host.s MPI_LIBS are Open MPI'
    run_hooked open-mpi "$bullseye" true
    expect_hook_refusal 'needs GLIBC_2\.3[0-9] of libc\.so\.6; the image has glibc 2\.31'
    configure open-mpi createContainer MPI_LIBS="$libraries/libmpi.so.40"
    run_hooked open-mpi "$trixie" true
    expect_hook_refusal 'libopen-(rte|pal)\.so\.40 is not in the image.*MPI_DEPENDENCY_LIBS'
}

@test "refused: a configuration that is wrong" {
    configure open-mpi createContainer MPI_LIBS=
    run_hooked open-mpi "$image" true
    expect_hook_refusal 'MPI_LIBS is not set'
    configure open-mpi createContainer MPI_LIBS=/opt/nowhere/libmpi.so.40
    run_hooked open-mpi "$image" true
    expect_hook_refusal 'MPI_LIBS names /opt/nowhere/libmpi\.so\.40, which is not there'
    configure open-mpi createContainer "${open_mpi[@]}" LDCONFIG_PATH=/no/ldconfig
    run_hooked open-mpi "$image" true
    expect_hook_refusal 'ld\.so\.cache cannot be made anew.*LDCONFIG_PATH'
}

@test "bind mounts: a directory, a file, a device" {
    configure open-mpi createContainer "${open_mpi[@]}" BIND_MOUNTS=/etc/openmpi:/etc/ssh/ssh_known_hosts:/dev/fuse
    run_hooked open-mpi "$image" sh -c 'cat /etc/ssh/ssh_known_hosts /etc/openmpi/openmpi-mca-params.conf; test -c /dev/fuse'
    expect_status 0
    equal "$output" "$(on node1 cat /etc/ssh/ssh_known_hosts /etc/openmpi/openmpi-mca-params.conf)" 'the files'
}

@test "a container that is read-only keeps the names it has, and nothing can be added" {
    configure open-mpi createContainer "${open_mpi[@]}"
    run_hooked open-mpi --read-only "$image" ./library
    expect_library 1 'Open MPI v4.1.4' "$libraries/libmpi.so.40.30.4"
    run_hooked open-mpi --read-only "$trixie" true
    expect_hook_refusal 'Read-only file system; .*--read-only'
}

# commit_image NAME SCRIPT: $image as SCRIPT leaves it.
commit_image() {
    as node1 podman run --name changed "$image" sh -c "$2"
    as node1 podman commit -q changed "$test_images/$1"
    as node1 podman rm changed
}

@test "an image cannot lead the hook to write in the user's directory" {
    as node1 mkdir -p volume
    commit_image steers-ldconfig 'rm -rf /etc/ld.so.conf /var/cache/ldconfig && ln -s /volume/trap.so /usr/lib/libmpi.so &&
        ln -s /volume/ld.so.conf /etc/ld.so.conf && ln -s /volume /var/cache/ldconfig'
    configure open-mpi createContainer "${open_mpi[@]}"
    run_hooked open-mpi -v /home/mpi/volume:/volume "$test_images/steers-ldconfig" ./library
    expect_library 1 'Open MPI v4.1.4' "$libraries/libmpi.so.40.30.4"
    equal "$(as node1 ls -A volume)" '' 'what was written'
    # Its loader in the volume, or there would be nothing to look at.
    as node1 cp /lib64/ld-linux-x86-64.so.2 volume
    commit_image steers-links 'rm -rf /usr/lib64 && /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 /bin/ln -s /volume /usr/lib64'
    run_hooked open-mpi -v /home/mpi/volume:/volume "$test_images/steers-links" true
    expect_hook_refusal "which is not the container's own"
    equal "$(as node1 ls -A volume)" ld-linux-x86-64.so.2 'what was written'
    as node1 rm -r volume
}

@test "the image and the host are as they were" {
    configure open-mpi createContainer "${open_mpi[@]}" "$plugins"
    local before
    fingerprint() {
        as node1 podman image inspect --format '{{.Id}} {{.Size}}' "$trixie"
        as node1 podman run --rm "$trixie" sh -c 'find /usr/lib /etc -xdev -ls | grep -v " /etc\(/hosts\|/hostname\|/resolv.conf\|/mtab\)*\( -> .*\)*$" | sort -k 11'
        on node1 ls -lR "$libraries/openmpi"
    }
    before=$(fingerprint)
    [[ $before == */libopen-pal.so* ]] || fail "a fingerprint"
    run_hooked_job open-mpi "$trixie" ./library
    expect_library 2 'Open MPI v4.1.4' "$trixies"
    equal "$(fingerprint)" "$before" 'the image and the host'
}

@test "the examples of the installation are configurations that podman takes" {
    local type library
    for type in open-mpi mpich; do
        run_on node1 cat "/usr/local/share/mpi-podman/hooks.d/$type.json"
        expect_healthy
        [[ $output == *'/libexec/mpi-podman/mpi-podman-hook"'* ]] || report "expected the hook's path"
        # The lab is installed under another path than it is used at.
        on node1 mkdir -p "$hooks"
        on node1 sed 's|"path": ".*/libexec/|"path": "/usr/local/libexec/|' \
            "/usr/local/share/mpi-podman/hooks.d/$type.json" | on node1 tee "$hooks/$type.json" >/dev/null
        library=$(sed -n 's|.*"MPI_LIBS=\([^:"]*\).*|\1|p' <<<"$output")
        # The hook that runs is this one, and says that the example's libraries are not on this host.
        run_hooked "$type" "$image" true
        expect_hook_refusal "MPI_LIBS names $library, which is not there"
    done
}
