# Which files a rank sees: the current directory, volumes, its launcher's session directory, and no more.

load lib

@test "the current directory: at the same path, read and written as the user" {
    local name
    for name in plain 'with space' 'a:colon' 'a,comma' 'q"uote'; do
        as node1 mkdir -p "work/$name"
        as node1 sh -c "cat >'work/$name/in'" <<<"$name"
        run_as --cwd "/home/mpi/work/$name" node1 mpi-podman "$image" sh -c 'pwd; cat in; cp in out; mkdir sub; chmod 600 out'
        expect_healthy
        expect_output "/home/mpi/work/$name"$'\n'"$name"
        equal "$(on node1 stat -c '%U:%G %a' "/home/mpi/work/$name/out" "/home/mpi/work/$name/sub")" \
            $'mpi:mpi 600\nmpi:mpi 755'
    done
    as node1 rm -r work
}

@test "a current directory reached through a symbolic link is there by both its names" {
    as node1 sh -c 'mkdir -p work/real && ln -s work/real link && echo mine >work/real/in'
    # A shell's PWD, which Open MPI's daemons set anew.
    run_as node1 sh -c "cd link && export PWD && exec mpiexec.hydra -n 1 mpi-podman $image sh -c 'cat /home/mpi/link/in in; pwd'"
    expect_healthy
    expect_output $'mine\nmine\n/home/mpi/work/real'
    as node1 rm -r work link
}

@test "what lies beside the current directory is not seen" {
    as node1 mkdir -p work beside
    run_as --cwd /home/mpi/work node1 mpi-podman "$image" ls -A /home/mpi
    as node1 rmdir work beside
    expect_healthy
    expect_output work
}

@test "--no-cwd, --workdir" {
    run_as --cwd "$programs" node1 mpi-podman --no-cwd "$image" sh -c 'pwd; ls; test ! -e /home/mpi'
    expect_healthy
    expect_output $'/opt/ring\nring'
    run_as --cwd "$programs" node1 mpi-podman -w /usr/share "$image" sh -c "pwd; test -e $programs/ring"
    expect_healthy
    expect_output /usr/share
}

@test "--volume: more than one, read-only too" {
    as node1 sh -c 'mkdir -p one two; echo 1 >one/file; echo 2 >two/file'
    run_as --cwd "$programs" node1 mpi-podman -v /home/mpi/one:/one --volume=/home/mpi/two:/deep/two:ro "$image" \
        sh -c 'cat /one/file /deep/two/file; echo new >/one/new; { echo no >/deep/two/new; } 2>/dev/null || echo refused'
    expect_healthy
    expect_output $'1\n2\nrefused'
    equal "$(as node1 sh -c 'cat one/new; ls two; rm -r one two')" $'new\nfile'
}

@test "--volume of a path from the current directory" {
    as node1 sh -c 'mkdir -p one/deep; echo 1 >one/deep/file'
    run_as --cwd /home/mpi/one node1 mpi-podman --no-cwd -v ./deep:/deep -v .:/one -v ..:/above "$image" \
        cat /deep/file /one/deep/file /above/one/deep/file
    expect_healthy
    expect_output $'1\n1\n1'
    # Podman's own is then another, as it takes this one for its configuration.
    on node1 install -D -m 0644 /dev/stdin /run/given/file <<<2
    run_as --cwd /run/given node1 mpi-podman -v .:/given "$image" cat /given/file
    expect_healthy
    expect_output 2
    on node1 rm -r /run/given
    as node1 rm -r one
}

@test "a system directory as the current one is never mounted over the image's" {
    local directory
    # podman reads containers/storage.conf in the current directory too, and may not here.
    on node1 install -d -m 0700 /run/containers
    for directory in / /usr /usr/local/bin /etc /var /opt /proc /dev /run; do
        run_as --cwd "$directory" node1 mpi-podman "$image" sh -c 'pwd; test -x /usr/local/bin/ring; test ! -e /usr/local/bin/mpi-podman'
        expect_healthy
        expect_output /opt/ring
    done
}

@test "of /tmp the session directory and no more" {
    on node1 touch /tmp/not-for-ranks
    run_here -np 2 mpi-podman "$image" sh -c 'ls -A /tmp'
    on node1 rm /tmp/not-for-ranks
    expect_healthy
    if [[ $system == host ]]; then
        expect_output $'ompi.node1.7411\nompi.node1.7411'
    else
        [[ $(grep -c '^prterun' <<<"$output") == 2 && $(wc -l <<<"$output") == 2 ]] || report "expected one directory each"
    fi
}

@test "a program of the image, one of the current directory, and which wins" {
    as node1 sh -c 'mkdir -p work; printf "#!/bin/sh\necho mine\n" >work/ring; chmod +x work/ring'
    run_as --cwd /home/mpi/work node1 mpi-podman "$image" ./ring
    expect_output mine
    run_as --cwd /home/mpi/work node1 mpi-podman --no-cwd "$image" ./ring
    expect_ring 1 node1=1
    run_as --cwd /home/mpi/work node1 mpi-podman "$image" ring
    expect_ring 1 node1=1
    as node1 rm -r work
}

@test "an image's WORKDIR: from a directory without the program it is the working directory" {
    as node1 mkdir -p empty
    run_as --cwd /home/mpi/empty node1 mpi-podman "$image" ./ring
    expect_healthy
    expect_ring 1 node1=1
    run_as --cwd /home/mpi/empty node1 mpi-podman "$image" pwd
    expect_output /home/mpi/empty
    as node1 rmdir empty
}

@test "a job whose ranks write one file each, on both nodes" {
    as node1 mkdir work
    run_as --cwd /home/mpi/work node1 mpirun --hostfile "$hostfile" --map-by node -np 4 mpi-podman "$image" \
        sh -c 'hostname >rank-$OMPI_COMM_WORLD_RANK'
    expect_healthy
    equal "$(as node1 sh -c 'cat work/rank-*; rm -r work' | sort | uniq -c | xargs)" '2 node1 2 node2'
}
