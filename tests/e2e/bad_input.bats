# What can be wrong is said in one line for the job and node, with what to do; the exit status tells whose fault
# it was, and nothing is left running. crun's refusal of hybrid cgroups needs a boot in that layout: unit tests.

load lib

@test "the command line: 2" {
    run_job -np 4 mpi-podman --bogus "$image" ring
    expect_refusal 2 'unknown option --bogus; see mpi-podman --help' node1 node2
    run_job -np 4 mpi-podman --pull=never
    expect_refusal 2 'no IMAGE given; use it as: mpi-podman \[options\] IMAGE' node1 node2
    run_as node1 mpi-podman --env-host=some "$image" ring
    expect_refusal 2 '--env-host=some: no such choice; use one of: all, launcher, filtered'
    run_as node1 mpi-podman -w here "$image" ring
    expect_refusal 2 '--workdir here is not absolute'
}

@test "podman is missing: 125" {
    run_job -np 4 mpi-podman --podman /no/such/podman "$image" ring
    expect_refusal 125 '/no/such/podman.*install podman 4.3 or newer' node1 node2
    run_as node1 env PATH=/nowhere /usr/local/bin/mpi-podman "$image" ring
    expect_refusal 125 'podman was not found in PATH; install podman 4.3 or newer'
}

@test "podman is too old: 125" {
    install_tool old-podman <<<$'#!/bin/sh\necho podman version 4.2.1'
    run_job -np 4 mpi-podman --podman old-podman "$image" ring
    expect_refusal 125 'too old.*4.2.1.*install podman 4.3 or newer' node1 node2
}

@test "a podman that says all is well, and runs nothing: 125" {
    install_tool idle-podman <<<$'#!/bin/sh\ncase " $* " in *" run "*) exit 0 ;; esac\nexec podman "$@"'
    run_as node1 mpi-podman --per-rank --podman idle-podman "$image" true
    expect_refusal 125 'status 0, but made no container'
    run_as node1 mpi-podman --podman idle-podman "$image" true
    expect_refusal 125 'ends before a rank can enter it'
}

# Named by a path that only the current directory makes one: what cleans up afterwards has left that.
@test "a podman that runs out of files while it makes a container: 125, and nothing is left" {
    local mode files
    as node1 tee few-podman >/dev/null <<'END'
#!/bin/sh
case " $* " in *" run "*) ulimit -n "$FILES" ;; esac
exec podman "$@"
END
    as node1 chmod +x few-podman
    for mode in --pull=never --per-rank --linger=60; do
        for files in 14 16; do # conmon begins, and ends
            run_as node1 env FILES=$files mpi-podman $mode --podman ./few-podman "$image" true
            expect_status 125
        done
    done
    run_as node1 mpi-podman --stop
    expect_nothing_left
    as node1 rm few-podman
}

@test "an option that podman does not know: 125" {
    run_job -np 4 mpi-podman --podman-arg=--bogus "$image" ring
    expect_refusal 125 'unknown flag: --bogus.*--podman-arg' node1 node2
}

@test "a container of another user than one's own: 125" {
    run_job -np 4 mpi-podman --podman-arg=--user=0 "$image" ring
    expect_refusal 125 'user' node1 node2
    expect_output ''
}

@test "no range in /etc/subuid on one of the nodes: 125" {
    on node2 mv /etc/subuid /etc/subuid.away
    as node2 podman system migrate
    run_job -np 4 mpi-podman "$image" ring
    on node2 mv /etc/subuid.away /etc/subuid
    as node2 podman system migrate
    expect_refusal 125 'no subuid range.*usermod --add-subuids' node2
}

@test "/dev/mqueue is missing on one of the nodes: 125" {
    on node2 sh -c 'umount /dev/mqueue; rmdir /dev/mqueue'
    run_job -np 4 mpi-podman "$image" ring
    on node2 sh -c 'mkdir /dev/mqueue; mount -t mqueue -o nosuid,nodev,noexec mqueue /dev/mqueue'
    expect_refusal 125 '/dev/mqueue is not mounted.*mount -t mqueue' node2
}

@test "a current directory that the other node does not have" {
    as node1 mkdir /var/tmp/here
    as node1 cp "$programs/ring" /var/tmp/here/my-ring
    # mpirun starts those ranks in the home directory, where natively too there is no such program.
    run_as --cwd /var/tmp/here node1 mpirun --hostfile "$hostfile" --map-by node -np 4 mpi-podman "$image" ./my-ring
    as node1 rm -r /var/tmp/here
    expect_refusal 127 './my-ring was not found in .*/home/mpi' node2
}

@test "a current directory that is gone: 125" {
    run_as node1 bash -c 'mkdir gone; cd gone; rmdir ../gone; mpi-podman "$1" ring' bash "$image"
    expect_refusal 125 'current directory is gone'
}

@test "a volume that is not there, or not readable: 125" {
    run_job -np 4 mpi-podman -v /no/such:/data "$image" ring
    expect_refusal 125 '/no/such.*every node' node1 node2
    on node1 install -d -m 0700 /home/mpi/roots
    run_job -np 4 mpi-podman -v /home/mpi/roots/own:/data "$image" ring
    on node1 rmdir /home/mpi/roots
    expect_refusal 125 '/home/mpi/roots/own.*every node' node1 node2
}

@test "a command that is not there: 127" {
    run_job -np 4 mpi-podman "$image" no-such-command
    expect_refusal 127 'no-such-command was not found in localhost/mpi-podman/ring' node1 node2
    run_as node1 mpi-podman "$image" ./no-such-command
    expect_refusal 127 './no-such-command was not found'
}

@test "a command that cannot be executed: 126" {
    as node1 sh -c 'mkdir -p odd; cd odd; echo text >plain; echo text >text; printf "#!/no/such\n" >script; chmod +x text script'
    run_as --cwd /home/mpi/odd node1 mpirun --hostfile "$hostfile" --map-by node -np 4 mpi-podman "$image" ./plain
    expect_refusal 126 './plain cannot be executed' node1 node2
    run_as --cwd /home/mpi/odd node1 mpi-podman "$image" ./text
    expect_refusal 126 './text cannot be executed'
    run_as --cwd /home/mpi/odd node1 mpi-podman "$image" /home/mpi/odd
    expect_refusal 126 '/home/mpi/odd cannot be executed'
    run_as --cwd /home/mpi/odd node1 mpi-podman "$image" ./script
    expect_refusal 126 './script cannot be executed'
    as node1 rm -r odd
}

@test "a log file that cannot be written: 125" {
    run_job -np 4 mpi-podman --log-level=debug --log-file=/no/such/log "$image" ring
    expect_refusal 125 '/no/such/log' node1 node2
}

@test "bytes that are not UTF-8: a rank gets them; where podman would change them, 125" {
    run_as node1 mpi-podman "$image" printf '<%s>' $'caf\xe9'
    expect_healthy
    equal "$(od -An -tx1 <<<"$output")" "$(od -An -tx1 <<<$'<caf\xe9>')"
    run_as node1 mpi-podman --per-rank "$image" printf '<%s>' $'caf\xe9'
    expect_refusal 125 'not UTF-8'
    expect_output ''
}
