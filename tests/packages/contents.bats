# The packages that cpack makes of a build tree, without compiling anything: what is in them, and what they say of
# themselves. MPI_PODMAN_BUILD is the tree. tests/packages/run installs real ones.

setup_file() {
    # Not compressed, and without asking which libraries it needs: programs with sanitizers are large.
    local quick=(-D CPACK_DEBIAN_COMPRESSION_TYPE=none -D CPACK_DEBIAN_PACKAGE_SHLIBDEPS=OFF)
    (cd "$MPI_PODMAN_BUILD" && cpack -G DEB -B "$BATS_FILE_TMPDIR" "${quick[@]}") >"$BATS_FILE_TMPDIR/log" 2>&1 ||
        { cat "$BATS_FILE_TMPDIR/log" >&2; return 1; }
    package=$(ls "$BATS_FILE_TMPDIR"/*.deb)
    export package
}

@test "the package has these files and no other" {
    diff "$BATS_TEST_DIRNAME/files" <(dpkg-deb --fsys-tarfile "$package" | tar -t | sed -n 's|^\.\(/.*[^/]\)$|\1|p' | LC_ALL=C sort)
}

@test "files and directories are root's, and everybody may read them" {
    [[ $(dpkg-deb --contents "$package" | grep -Evc '^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--) root/root ') == 0 ]]
}

field() { dpkg-deb --field "$package" "$1"; }

@test "the package says what it needs" {
    local name
    for name in 'podman (>= 4.3)' crun uidmap 'slirp4netns | passt'; do
        [[ ", $(field Depends)" == *", $name"* ]] || { echo "no $name in: $(field Depends)" >&2; false; }
    done
    [[ $(field Recommends) == *openssh-client* ]]
    [[ $(field Version) == "$("$MPI_PODMAN_BUILD/bin/mpi-podman" --version | sed 's/.* //')-"* ]]
}

@test "the hook's examples name where the hook is installed" {
    dpkg-deb --fsys-tarfile "$package" | tar -xO ./usr/share/mpi-podman/hooks.d/open-mpi.json |
        grep -q '"path": "/usr/libexec/mpi-podman/mpi-podman-hook"'
}
