# A rank that ends as soon as it begins: one line tells why, where the facts show it, and none where they do not.

load lib

bullseye=localhost/mpi-podman/ring-openmpi-bullseye

setup_file() {
    need_lab
    build_image_without_mpi
}

teardown_file() { remove_images; }

# What ran says its own words too; ours are one line, and the status is the rank's: expect_explanation STATUS PATTERN
expect_explanation() {
    expect_status "$1"
    equal "$(grep -c '^mpi-podman:' <<<"$stderr")" 1 "lines of mpi-podman's, of: $stderr;"
    grep -Eq "^mpi-podman: node1: .*($2)" <<<"$stderr" || report "expected: $2"
}

expect_no_explanation() {
    expect_status "$1"
    [[ $stderr != *mpi-podman:* ]] || report "expected no word of mpi-podman's"
}

@test "an image without MPI and a program that needs one: said once for four ranks" {
    run_as --cwd "$programs" node1 mpirun --host node1:4 -np 4 mpi-podman "$test_images/no-mpi" ./library
    expect_explanation 127 'library ended with status 127: libmpi\.so\.40 is not in the image; .*library needs it: there is no Open MPI there'
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --per-rank "$test_images/no-mpi" ./library
    expect_explanation 127 'libmpi\.so\.40 is not in the image'
}

@test "a program of a newer C library" {
    for mode in '' --per-rank; do
        # shellcheck disable=SC2086  # none, or one
        run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman $mode "$bullseye" ./library
        expect_explanation 1 'library ended with status 1: .*library needs GLIBC_2\.34 of libc\.so\.6: the image has glibc 2\.31; build it in the image'
    done
}

@test "a library of the program's own that is missing" {
    as node1 sh -c 'cd programs && echo "int own(void) { return 0; }" >own.c && cc -shared -fPIC -o libown.so own.c &&
        echo "int own(void); int main(void) { return own(); }" >main.c && cc -o needs-own main.c -L. -lown && rm libown.so'
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman "$image" ./needs-own
    expect_explanation 127 'libown\.so is not in the image; .*needs-own needs it'
    run_as --cwd "$programs" node1 mpi-podman "$image" ./needs-own # without a launcher
    expect_explanation 127 'libown\.so is not in the image'
    as node1 sh -c 'cd programs && rm own.c main.c needs-own'
}

@test "a symbol that nothing defines: said to be no more than possible" {
    as node1 sh -c 'cd programs && echo "int own(void) { return 0; }" >own.c && cc -shared -fPIC -o libown.so own.c &&
        echo "int own(void); int main(void) { return own(); }" >main.c && mpicc -o needs-own main.c -L. -lown &&
        echo "int other(void) { return 0; }" >own.c && cc -shared -fPIC -o libown.so own.c'
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman -e LD_LIBRARY_PATH="$programs" "$image" ./needs-own
    expect_explanation 127 'it may be that .*needs-own uses own: no library that it loads has that'
    as node1 sh -c 'cd programs && rm own.c main.c libown.so needs-own'
}

@test "a program whose own failure it is gets no word" {
    local status
    for status in 1 15 127 255 3; do
        run_as --cwd "$programs" node1 mpirun --host node1:1 -np 1 mpi-podman "$image" sh -c "exit $status"
        expect_no_explanation "$status"
    done
    run_as --cwd "$programs" node1 mpi-podman "$test_images/no-mpi" sh -c 'exit 1'
    expect_no_explanation 1
    run_as --cwd "$programs" node1 mpi-podman "$image" sh -c 'kill -SEGV $$'
    expect_no_explanation 255 # of ssh, where a signal ended it
}

@test "a rank that ends well costs nothing more: podman is asked nothing" {
    install_counting_podman
    run_here -np 2 mpi-podman --podman counting-podman "$image" ring
    expect_healthy
    equal "$(asked node1 'image inspect')" 0 looks
    run_here -np 2 mpi-podman --podman counting-podman "$image" sh -c 'exit 127'
    expect_no_explanation 127
    equal "$(asked node1 'image inspect')" 0 looks # the container itself shows what there is
}
