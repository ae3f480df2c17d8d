# What a user may have done by mistake, or a session come with, that opens more to others than was meant: a umask that
# hides nothing, a home or runtime directory and a configuration that anybody may write to. What is mpi-podman's is
# closed all the same, or the job is refused with what to do.

load lib
load other_user

teardown() {
    on node1 rm -rf "$theirs" /tmp/open /home/mpi/open /home/mpi/.cache /home/mpi/.config/mpi-podman /home/mpi/up-0 /home/mpi/end
    expect_nothing_left
}

# ---- Whatever the umask ----

# under_umask MASK [OPTION...]: of a job's files, and of what is made on the way there, others may do nothing.
under_umask() {
    local mask=$1 path found
    shift
    on node1 rm -rf /home/mpi/.cache
    on node1 sh -c 'cd /home/mpi; rm -f up-* end'
    start_as node1 bash -c 'umask "$1"; shift; exec env SECRET=x "$@"' bash "$mask" \
        mpi-podman "$@" "$image" sh -c 'touch up-0; until [ -e end ]; do sleep 0.1; done; umask'
    wait_until 60 came_up
    path=$(dirname "$(agent_socket)")
    [[ $path == /home/mpi/.cache/mpi-podman/* ]] || fail "expected it in the cache: $path"
    found=$(on node1 find /home/mpi/.cache /tmp -user mpi ! -type l -path '*mpi-podman*' -perm /0077)
    equal "$found" '' 'what others may do something with'
    equal "$(on node1 find /home/mpi/.cache -maxdepth 0 -perm /0077)" '' 'the cache'
    end_job
    expect_healthy
    expect_output "$mask"
}

@test "nothing of a job is open to others, whatever the umask" {
    local mask
    for mask in 0000 0077 0177; do under_umask "$mask"; done
    # One that lingers has a directory of its own.
    under_umask 0000 --linger 60
    as node1 mpi-podman --stop
}

# ---- The user's own mistakes ----

# mistaken COMMAND...: the job runs, with its directory in a place that is nobody else's; or it is refused.
mistaken() {
    local path
    if try_job env SECRET="$secret" "$@" "$image"; then
        path=$(dirname "$(agent_socket)")
        [[ $path == "$expected"/* ]] || report "expected the job's directory in $expected, not $path"
        expect_closed "$path"
        end_job
        expect_healthy
    else
        finish
        [[ $expected == refused ]] || report "expected the job to run"
        expect_refusal 125 'no directory of your own'
    fi
}

@test "a home directory that everybody may write to: no job's directory is made there" {
    expected=refused
    as node1 install -d -m 0777 open
    mistaken env HOME=/home/mpi/open XDG_DATA_HOME=/home/mpi/.local/share XDG_CONFIG_HOME=/home/mpi/.config mpi-podman
    equal "$(on node1 find /home/mpi/open -path '*mpi-podman*')" '' 'what was made'
}

@test "a runtime directory that everybody may write to is passed over" {
    expected=/home/mpi/.cache/mpi-podman
    as node1 install -d -m 0777 /tmp/open
    mistaken env XDG_RUNTIME_DIR=/tmp/open mpi-podman --podman usual-podman
}

@test "a configuration file that others may write to, or of theirs, is not heeded" {
    local config=/home/mpi/.config/mpi-podman/config
    as node1 mkdir -p "${config%/*}"
    as node1 tee "$config" <<<'podman = /tmp/theirs/podman' >/dev/null
    on node1 chmod 0666 "$config"
    run_as node1 mpi-podman "$image" true
    expect_refusal 125 "others may write to $config.*chmod go-w"
    on node1 chmod 0644 "$config"
    on node1 chmod 0777 "${config%/*}"
    run_as node1 mpi-podman "$image" true
    expect_refusal 125 "anybody may write to ${config%/*}"
    on node1 rm -r "${config%/*}"
    as_other node1 install -d -m 0755 "$theirs" "$theirs/mpi-podman"
    as_other node1 tee "$theirs/mpi-podman/config" <<<'podman = /tmp/theirs/podman' >/dev/null
    run_as node1 env XDG_CONFIG_HOME="$theirs" mpi-podman "$image" true
    expect_refusal 125 "$theirs/mpi-podman/config is another user's"
}
