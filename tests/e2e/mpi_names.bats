# --mpi=host:NAME: one of several host MPIs that the site configured. Open MPI 4.1.4 and MPICH 4.0.2, each in a place of
# its own.

load lib

inside=/run/mpi-podman/host-mpi/lib
mpis=/home/mpi/mpis

setup_file() {
    need_lab
    local libraries=/usr/lib/x86_64-linux-gnu
    as node1 mkdir -p "$mpis/open-mpi/lib" "$mpis/mpich/lib"
    as node1 sh -c "cp -a $libraries/libmpi.so.40* $libraries/libopen-rte.so.40* $libraries/libopen-pal.so.40* $mpis/open-mpi/lib
        cp -a $libraries/libmpich.so.12* $mpis/mpich/lib"
}

teardown_file() {
    as node1 rm -rf "$mpis"
    unconfigure_site
}

both() {
    configure_site node1 node2 <<END
# Of this site.
[mpi open-mpi]
prefix = $mpis/open-mpi
default = ${1:-no}

[mpi mpich]
prefix = $mpis/mpich
END
}

expect_library() { # expect_library SIZE VERSION SONAME
    expect_healthy
    equal "$(grep -c "^rank [0-9]* of $1: $2.*, sum $(($1 * ($1 - 1) / 2))\$" <<<"$output")" "$1" "ranks with $2"
    equal "$(grep '^mapped' <<<"$output")" "mapped $inside/$3" "libraries"
}

# Where the container would have libmpi from.
source_of() { # source_of NAME SONAME PROGRAM IMAGE
    run_as --cwd "$programs" node1 mpi-podman "--mpi=$1" --dry-run "$4" "./$3"
    sed -n "s|.*--volume=\([^:]*\):$inside/$2:ro.*|\1|p" <<<"$output"
}

@test "each by its name" {
    both
    run_as --cwd "$programs" node1 mpirun --hostfile "$hostfile" --map-by node -np 4 mpi-podman --mpi=host:open-mpi "$image" ./library
    expect_library 4 'Open MPI v4.1.4' libmpi.so.40
    run_as --cwd "$programs" node1 mpiexec.hydra -np 2 mpi-podman --mpi=host:mpich "$mpich_image" ./library-mpich
    expect_library 2 'MPICH Version:' libmpich.so.12
    equal "$(source_of host:open-mpi libmpi.so.40 library "$image")" "$mpis/open-mpi/lib/libmpi.so.40.30.4"
    equal "$(source_of host:mpich libmpich.so.12 library-mpich "$mpich_image")" "$mpis/mpich/lib/libmpich.so.12.2.2"
}

@test "one of another family than the program is refused, as with its prefix" {
    both
    run_as --cwd "$programs" node1 mpi-podman --mpi=host:mpich "$image" ./library
    expect_refusal 125 'linked with libmpi.so.40, of Open MPI'
}

@test "--mpi=host alone: the site's default, or else what the host's loader finds" {
    both yes
    equal "$(source_of host libmpi.so.40 library "$image")" "$mpis/open-mpi/lib/libmpi.so.40.30.4"
    both no
    equal "$(source_of host libmpi.so.40 library "$image")" /usr/lib/x86_64-linux-gnu/libmpi.so.40.30.4
}

@test "a name that is not known is refused with those that are, once for the job and node" {
    both
    run_here -np 4 mpi-podman --mpi=host:intel "$image" ring
    expect_refusal 2 '--mpi=host:intel: no MPI of that name is configured on this node; use one of: open-mpi, mpich'
    on node1 rm "$site_config"
    run_here -np 4 mpi-podman --mpi=host:intel "$image" ring
    expect_refusal 2 'none is: no configuration file has \[mpi NAME\]'
}

@test "a mistake in the file is told by its line" {
    configure_site node1 node2 <<<$'[mpi open-mpi]\nprefix = opt/open-mpi'
    run_here -np 2 mpi-podman --mpi=host:open-mpi "$image" ring
    expect_refusal 125 '/etc/mpi-podman/config:2: prefix = opt/open-mpi'
}
