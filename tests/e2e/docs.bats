# What the pages tell readers to type is typed here, but for the examples' own (examples.bats): as the user in a lab with
# the images, then as root, where the pages bring up labs themselves. tests/docs/README.md says how.

load lib
load slurm

run_pages() { /usr/bin/python3 -BEs "$repo/tests/docs/run.py" "$@"; }

# The examples' pages are run by examples.bats.
pages() {
    (cd "$repo" && find . \( -path './build*' -o -path './.git' \) -prune -o -name '*.md' -print) | sed 's|^\./||' |
        grep -Ev '^examples/(mpi4py|hdf5|fortran|hybrid|slurm|lammps)/' | sort
}

@test "the commands of the pages, as the user" {
    mapfile -t pages < <(pages)
    run_pages "${pages[@]}"
    as node1 podman rmi localhost/my-image
}

# The last: the lab is another one afterwards.
@test "the commands of the pages, as root" { run_pages --as-root "${MPI_PODMAN_BUILD:-$repo/build-tests}"; }
