# shellcheck shell=bash disable=SC2034  # used by the files that read this one
# Shared by build, load and the lab: where the cache is, and what each image is made of.
# Who reads it names it by its whole path: a test runs the lab some hundred times, and each program it starts counts.

images_dir=${BASH_SOURCE[0]%/*}
repo_dir=${images_dir%/tests/images}
image_prefix=localhost/mpi-podman

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The cache is outside the checkout, so that a fresh clone finds what an older one built. ~/.cache/mpi-podman is the
# program's own, for jobs without a better place: it does not go where others may read.
cache_dir() {
    if [[ -n ${MPI_PODMAN_CACHE:-} ]]; then
        printf '%s\n' "$MPI_PODMAN_CACHE"
    elif [[ $(id -u) == 0 ]]; then
        printf '/var/cache/mpi-podman\n'
    else
        printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/mpi-podman-tests"
    fi
}

# The archive of an image, in one's own cache or, unless another was asked for, the machine's; fails if there is none.
find_archive() {
    local dir
    for dir in "$(cache_dir)" "${MPI_PODMAN_CACHE:-/var/cache/mpi-podman}"; do
        [[ ! -r $dir/images/$1.tar ]] || { printf '%s\n' "$dir/images/$1.tar"; return; }
    done
    return 1
}

# One value of /etc/os-release, or of the file named by os_release_file; empty if it has none.
os_release() { # os_release KEY
    # shellcheck disable=SC1090,SC1091
    (. "${os_release_file:-/etc/os-release}" && printf '%s\n' "${!1:-}")
}

# The Debian release with this system's Open MPI, or with one of the same series.
nearest_release() {
    local release
    release=$(os_release VERSION_CODENAME)
    if table_row "openmpi-$release" >/dev/null; then
        printf '%s\n' "$release"
    elif mpirun --version 2>/dev/null | grep -q 'Open MPI) 5'; then
        echo trixie
    else
        echo bookworm
    fi
}

resolve_name() { # resolve_name NAME: `ring` is the ring image that suits this system
    if [[ $1 == ring ]]; then
        printf 'ring-openmpi-%s\n' "$(nearest_release)"
    else
        printf '%s\n' "$1"
    fi
}

# The rest of the line that begins with NAME in a table; fails if there is none.
row_of() { # row_of NAME FILE
    awk -v name="$1" '$1 == name { $1 = ""; sub(/^ +/, ""); print; found = 1 } END { exit !found }' "$2"
}

table_row() { row_of "$1" "$images_dir/table"; } # table_row NAME: "RELEASE PACKAGE..." of an image

table_names() {
    awk '!/^#/ && NF { print $1 }' "$images_dir/table"
}

program_row() { row_of "$1" "$images_dir/programs"; } # program_row NAME: "SOURCE FLAG..." of a program

program_name() { printf '%s\n' "${1%%-*}"; } # program_name NAME: what it would have, if its first word is a program

has_program() { program_row "$(program_name "$1")" >/dev/null; } # has_program NAME

# The examples that have a Containerfile are images of their names, but for the ring, which is made for every MPI.
example_dir() { printf '%s\n' "$repo_dir/examples/$1"; } # example_dir NAME

is_example() { [[ $1 != */* && -e $(example_dir "$1")/Containerfile ]]; } # is_example NAME

example_names() {
    local file
    for file in "$repo_dir"/examples/*/Containerfile; do
        file=${file%/Containerfile}
        [[ ${file##*/} == ring ]] || printf '%s\n' "${file##*/}"
    done
}

example_release() { sed -n 's/^ARG RELEASE=//p' "$(example_dir "$1")/Containerfile"; } # example_release NAME

base_name() { # base_name NAME: the image of the table that it is made of
    if has_program "$1"; then
        printf '%s\n' "${1#*-}"
    elif is_example "$1"; then
        printf 'debian-%s\n' "$(example_release "$1")"
    else
        printf '%s\n' "$1"
    fi
}

# Which archive an image was made from; `load` compares it.
archive_label=mpi-podman.archive

# What `podman import` must be told, because a root file system does not say it itself.
import_changes() {
    printf '%s\n' 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        'CMD ["/bin/bash"]'
    ! has_program "$1" || printf '%s\n' "WORKDIR /opt/$(program_name "$1")"
}
