# Configuration: the site's file, the user's file, profiles, variables, and what is typed goes before them all.

load lib

user=/home/mpi/.config/mpi-podman/config

teardown() {
    unconfigure_site
    as node1 rm -rf "${user%/*}"
    expect_nothing_left
}

configure_user() { # configure_user <TEXT: the nodes share the home
    as node1 mkdir -p "${user%/*}" </dev/null
    as node1 tee "$user" >/dev/null
}

@test "the ranks of a job have what the files of their nodes say, and what is typed" {
    configure_site node1 <<<'env = SITE=first'
    configure_site node2 <<<'env = SITE=second'
    configure_user <<<'env = OWN=user'
    run_job -np 2 mpi-podman --env TYPED=typed "$image" sh -c 'echo $OMPI_COMM_WORLD_RANK $SITE $OWN $TYPED'
    expect_healthy
    equal "$(sort <<<"$output")" $'0 first user typed\n1 second user typed'
}

@test "typed before variable before profile before user before site" {
    configure_site node1 <<<'workdir = /srv'
    run_as node1 mpi-podman "$image" pwd
    expect_output /srv
    configure_user <<<$'workdir = /etc\n[profile own]\nworkdir = /usr\n'
    run_as node1 mpi-podman "$image" pwd
    expect_output /etc
    run_as node1 mpi-podman --profile own "$image" pwd
    expect_output /usr
    run_as node1 env MPI_PODMAN_WORKDIR=/var mpi-podman --profile own "$image" pwd
    expect_output /var
    run_as node1 env MPI_PODMAN_WORKDIR=/var mpi-podman --profile own --workdir /tmp "$image" pwd
    expect_output /tmp
    expect_healthy
}

@test "a switch that a file sets is undone by =no" {
    configure_user <<<'per-rank = yes'
    # A container of a rank's own has the node's process ids.
    local pids
    pids=$(as node1 readlink /proc/self/ns/pid)
    run_as node1 mpi-podman "$image" readlink /proc/self/ns/pid
    expect_output "$pids"
    run_as node1 mpi-podman --per-rank=no "$image" readlink /proc/self/ns/pid
    [[ $output == pid:* && $output != "$pids" ]] || report 'process ids of its own'
    run_as node1 mpi-podman --config
    [[ $output == *$'\nper-rank = yes '*"# $user:1"$'\n'* ]] || report 'where per-rank comes from'
    run_as node1 mpi-podman --config --per-rank=no
    [[ $output == *$'\nper-rank = no '*'# command line'$'\n'* ]] || report 'what is typed'
}

@test "a typo names file and line, once for each node that has it: 125; help is there all the same" {
    configure_site node2 <<<$'# of the site\nvolumes = /data:/data'
    run_job -np 4 mpi-podman "$image" true
    expect_refusal 125 "$site_config:2: 'volumes' is no option.*correct the file on this node" node2
    configure_user <<<'pull = sometimes'
    run_as node1 mpi-podman "$image" true
    expect_refusal 125 "$user:1: --pull=sometimes: no such choice; use one of: missing"
    run_as node1 mpi-podman --help
    expect_healthy
    run_as node1 mpi-podman --version
    expect_healthy
}

@test "a wrong variable, and an unknown profile: 2" {
    run_as node1 env MPI_PODMAN_PULL=often mpi-podman "$image" true
    expect_refusal 2 'MPI_PODMAN_PULL: --pull=often: no such choice'
    run_as node1 mpi-podman --profile gpu "$image" true
    expect_refusal 2 "no profile 'gpu' is configured on this node; none is"
}

@test "--config says where each value comes from, and which variable is none" {
    configure_site node1 <<<$'volume = /usr/share:/share\n[profile a]\nlog-level = info\n'
    run_as node1 env MPI_PODMAN_PULL=never MPI_PODMAN_PUL=x mpi-podman --config --profile a --no-cwd
    expect_healthy
    local line
    for line in "volume = /usr/share:/share +# $site_config:1" 'no-cwd = yes +# command line' 'pull = never +# MPI_PODMAN_PULL' \
        "log-level = info +# $site_config:3" 'pmi = auto +# default' '# MPI_PODMAN_PUL +# no option has this variable'; do
        grep -Exq -- "$line" <<<"$output" || report "a line like: $line"
    done
}

@test "a file that cannot be read is an error" {
    configure_user <<<'pull = never'
    as node1 chmod 000 "$user"
    run_as node1 mpi-podman "$image" true
    expect_refusal 125 "$user"
}
