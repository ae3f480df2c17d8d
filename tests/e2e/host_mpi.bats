# --mpi=host: the host's MPI in the image's place. The host is Debian bookworm with Open MPI 4.1.4 and MPICH 4.0.2.

load lib

inside=/run/mpi-podman/host-mpi/lib

setup_file() {
    need_lab
    build_image_without_mpi
}

teardown_file() { remove_images; }

# What the program `library` says: every rank of SIZE this version, and MPI's library from where the host's is.
expect_library() { # expect_library SIZE VERSION SONAME [WHERE]
    expect_healthy
    equal "$(grep -c "^rank [0-9]* of $1: $2.*, sum $(($1 * ($1 - 1) / 2))\$" <<<"$output")" "$1" "ranks with $2"
    equal "$(grep '^mapped' <<<"$output")" "mapped ${4-$inside}/$3" "libraries"
}

release_of() { # release_of SONAME: the version the host has, as its file is called
    basename "$(readlink -f "/usr/lib/x86_64-linux-gnu/$1")"
}

@test "an image with the same Open MPI runs with the host's" {
    run_as --cwd "$programs" node1 mpirun --hostfile "$hostfile" --map-by node -np 4 mpi-podman --mpi=host "$image" ./library
    expect_library 4 'Open MPI v4.1.4' libmpi.so.40
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --per-rank --mpi=host "$image" ./library
    expect_library 2 'Open MPI v4.1.4' libmpi.so.40
    run_job -np 4 mpi-podman --mpi=host "$image" ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
}

@test "the image's own is untouched, and is what runs without the option" {
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman "$image" ./library
    expect_library 2 'Open MPI v4.1.4' "$(release_of libmpi.so.40)" /usr/lib/x86_64-linux-gnu
}

@test "mpi4py of the image takes the host's" {
    local python=localhost/mpi-podman/mpi4py-bookworm with_programs=/src/tests/e2e/programs:/programs:ro
    run_job -np 4 mpi-podman --mpi=host --volume "$with_programs" "$python" python3 /programs/library.py
    expect_library 4 'Open MPI v4.1.4' libmpi.so.40
    run_job -np 2 mpi-podman --volume "$with_programs" "$python" python3 /programs/library.py
    expect_library 2 'Open MPI v4.1.4' "$(release_of libmpi.so.40)" /usr/lib/x86_64-linux-gnu
}

@test "an image without MPI runs a program of the host's" {
    run_as --cwd "$programs" node1 mpirun --hostfile "$hostfile" --map-by node -np 4 \
        mpi-podman --mpi=host "$test_images/no-mpi" ./library
    expect_library 4 'Open MPI v4.1.4' libmpi.so.40
}

@test "an image that is newer: trixie's ring with bookworm's Open MPI" {
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --mpi=host localhost/mpi-podman/ring-openmpi-trixie ./library
    expect_library 2 'Open MPI v4.1.4' libmpi.so.40
    run_here -np 4 mpi-podman --mpi=host localhost/mpi-podman/ring-openmpi-trixie ring
    expect_healthy
    expect_ring 4 node1=4
}

@test "an image whose C library is older than the host's gets that too: bullseye" {
    run_as --cwd "$programs" node1 mpirun --hostfile "$hostfile" --map-by node -np 4 \
        mpi-podman --mpi=host localhost/mpi-podman/ring-openmpi-bullseye ./library
    expect_library 4 'Open MPI v4.1.4' libmpi.so.40
    run_here -np 4 mpi-podman --mpi=host localhost/mpi-podman/ring-openmpi-bullseye ring
    expect_healthy
    expect_ring 4 node1=4
    # Every process of the container has it, also one that LD_LIBRARY_PATH does not reach.
    run_as node1 mpi-podman --mpi=host localhost/mpi-podman/ring-openmpi-bullseye \
        env -i /bin/sh -c '/lib/x86_64-linux-gnu/libc.so.6 | head -n 1; printf "\351\n" | iconv -f latin1 -t utf-8'
    expect_healthy
    [[ $output == "GNU C Library (Debian GLIBC 2.36"*$'\né' ]] || report "the host's C library and its character sets"
    # And without the option they have their own.
    run_as node1 mpi-podman localhost/mpi-podman/ring-openmpi-bullseye /lib/x86_64-linux-gnu/libc.so.6
    [[ $output == "GNU C Library (Debian GLIBC 2.31"* ]] || report "the image's C library"
}

@test "--abi=none starts what is refused otherwise" {
    as node1 sh -c 'cd programs && echo "int nothing;" | gcc -shared -x c -o libnothing.so - &&
        mpicc -o lost /src/tests/e2e/programs/library.c -Wl,--no-as-needed -L. -lnothing && rm libnothing.so'
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --mpi=host "$image" ./lost
    expect_refusal 125 'libnothing.so is not in the image'
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --mpi=host --abi=none "$image" ./lost
    expect_status 127
    expect_words 'libnothing.so: cannot open shared object file'
    run_here -np 2 mpi-podman --mpi=host --abi=none --mpi-prefix=/opt/nothing "$image" ring
    expect_refusal 125 'no MPI was found.*--mpi-prefix'
    as node1 rm programs/lost
}

@test "MPICH under its own launcher" {
    run_as --cwd "$programs" node1 mpiexec.hydra -np 4 mpi-podman --mpi=host "$mpich_image" ./library-mpich
    expect_library 4 'MPICH Version:' libmpich.so.12
    run_as node1 mpiexec.hydra -np 4 mpi-podman --mpi=host localhost/mpi-podman/ring-mpich-bookworm ring
    expect_healthy
    expect_ring 4 node1=4
}

@test "a program of MPICH's takes the host's MPICH under Open MPI's launcher too" {
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --mpi=host "$mpich_image" ./library-mpich
    expect_library 2 'MPICH Version:' libmpich.so.12
}

@test "a program with an RPATH to the image's MPI gets the host's all the same" {
    build_image rpath <<END
FROM $image
COPY --from=$image /usr/lib/x86_64-linux-gnu/libmpi.so.40 /opt/own/lib/libmpi.so.40
END
    as node1 mpicc -O1 -o programs/library-rpath /src/tests/e2e/programs/library.c \
        -Wl,--disable-new-dtags -Wl,-rpath,/opt/own/lib
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman "$test_images/rpath" ./library-rpath
    expect_library 2 'Open MPI v4.1.4' libmpi.so.40 /opt/own/lib
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --mpi=host --dry-run "$test_images/rpath" ./library-rpath
    expect_healthy
    [[ $output == *"$(readlink -f /usr/lib/x86_64-linux-gnu/libmpi.so.40):/opt/own/lib/libmpi.so.40:ro"* ]] || report "a mount over it"
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --mpi=host "$test_images/rpath" ./library-rpath
    expect_library 2 'Open MPI v4.1.4' libmpi.so.40 /opt/own/lib
    as node1 rm programs/library-rpath
}

@test "a check that is too strict, a prefix without MPI" {
    run_here -np 2 mpi-podman --mpi=host --abi=strict localhost/mpi-podman/ring-openmpi-trixie ring
    expect_refusal 125 'libmpi.so.40 of the host does not stand for .*ABI check: strict'
    run_here -np 2 mpi-podman --mpi=host --mpi-prefix=/opt/nothing "$image" ring
    expect_refusal 125 'no MPI was found.*--mpi-prefix'
}

@test "programs of one job, one with the host's MPI and one with the image's" {
    run_as --cwd "$programs" node1 mpirun --host node1:4 -np 2 mpi-podman "$image" ./library : \
        -np 2 mpi-podman --mpi=host "$image" sh -c 'echo "$LD_LIBRARY_PATH"; exec ./library'
    expect_healthy
    equal "$(grep -c '^rank [0-9] of 4: Open MPI v4.1.4.*, sum 6$' <<<"$output")" 4 ranks
    equal "$(grep '^mapped' <<<"$output")" "mapped /usr/lib/x86_64-linux-gnu/$(release_of libmpi.so.40)" 'library of rank 0'
    equal "$(grep -cx "$inside" <<<"$output")" 2 'ranks with the host'"'"'s'
}

@test "a container that lingers has it too, and is another than one without" {
    install_counting_podman
    for options in --mpi=host --mpi=host ''; do
        # shellcheck disable=SC2086  # none, or one
        run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 \
            mpi-podman --podman counting-podman --linger 60 $options "$image" ./library
        expect_healthy
    done
    equal "$(asked node1 run)" 2 starts
    run_as node1 mpi-podman --stop
    expect_healthy
}

@test "ranks that join ask nothing: podman looks at the image once" {
    install_counting_podman
    run_here -np 4 mpi-podman --podman counting-podman --mpi=host "$image" ring
    expect_healthy
    equal "$(asked node1 'image inspect')" 1 "looks at the image"
    equal "$(asked node1 run)" 1 "starts"
}
