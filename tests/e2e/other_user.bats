# What another ordinary user of the node can do to a job: nothing. They can neither reach its container, nor see its
# files or what is in its variables, nor take the place of a directory that it is going to make.

load lib

secret=xyzzy
theirs=/tmp/theirs # a place of the other user's, in /tmp as anybody may have
session=/tmp/ompi.node1.7411 # mpirun's

setup_file() {
    need_lab
    install_counting_podman
    # Where podman keeps its own state is another matter.
    install_tool usual-podman <<<$'#!/bin/sh\nunset XDG_RUNTIME_DIR\nexec podman "$@"'
}

as_other() { # as_other NODE CMD...
    on "$1" setpriv --reuid=other --regid=other --clear-groups "${@:2}"
}

run_as_other() { captured as_other "$@"; }

teardown() {
    on node1 rm -rf "$theirs" "$session" /home/mpi/up-0 /home/mpi/up-1 /home/mpi/end
    expect_nothing_left
}

# try_job COMMAND...: a job of one or two ranks on node1, which wait until end_job. Fails where it ended instead.
try_job() {
    on node1 sh -c 'cd /home/mpi; rm -f up-* end'
    start_as node1 "$@" sh -c 'touch "up-${OMPI_COMM_WORLD_RANK:-0}"; until [ -e end ]; do sleep 0.1; done; echo "$SECRET"'
    wait_until 60 came_up
    on node1 test -e /home/mpi/up-0
}

came_up() { ended "$started" || on node1 sh -c 'cd /home/mpi; test -e up-0 && { test -e up-1 || ! pgrep -x mpirun; }'; }

start_job() { try_job "$@" || { finish; report "expected the job to run"; }; }

end_job() {
    on node1 touch /home/mpi/end
    finish
}

secret_job() { start_job env SECRET="$secret" mpirun --host node1:2 -np 2 mpi-podman "$@" "$image"; }

expect_secret() {
    end_job
    expect_healthy
    expect_output "$secret"$'\n'"$secret"
}

# ---- The agent's socket ----

# connect NAME...: says for each how connect(2) to such a SEQPACKET socket ended and, where it did, what came. A name
# that begins with @ is an abstract one.
connect='use Socket;
    for (@ARGV) {
        my $name = s/^@/\0/r;
        socket my $socket, AF_UNIX, SOCK_SEQPACKET, 0 or die $!;
        if (!connect $socket, pack_sockaddr_un($name)) { print "$_: $!\n"; next }
        my $said = "";
        my $came = defined recv($socket, $said, 4096, 0) ? length $said : "$!";
        print "$_: connected, $came\n";
    }'

agent_socket() { on node1 find /tmp /run /home/mpi -type s -path '*/mpi-podman/*'; }

@test "the agent's socket cannot be reached" {
    local socket pid names=()
    secret_job
    socket=$(agent_socket)
    [[ $socket == /*/mpi-podman/* && $socket != *$'\n'* ]] || fail "expected one socket, not <$socket>"
    # It is there, and the user of the job can connect; without a hello the agent just waits.
    run_as node1 perl -e 'use Socket; socket my $s, AF_UNIX, SOCK_SEQPACKET, 0; connect $s, pack_sockaddr_un($ARGV[0]) or die $!' "$socket"
    expect_healthy
    run_as_other node1 perl -e "$connect" "$socket"
    expect_output "$socket: Permission denied"
    # By its inode, which the agent and conmon have open, and by their roots.
    for pid in $(on node1 pgrep -u mpi); do
        names+=("/proc/$pid/fd/3" "/proc/$pid/root$socket" "/proc/$pid/cwd/${socket##*/}")
    done
    run_as_other node1 perl -e "$connect" "${names[@]}"
    expect_silence
    # A process that has ended meanwhile is not there.
    ! grep -Evq ': (Permission denied|No such file or directory)$' <<<"$output" || report "expected none to be reachable"
    [[ $(grep -c ': Permission denied' <<<"$output") -ge 27 ]] || report "expected nine processes at least"
    # By a name that is not in the file system: of the path, or of any socket that there is.
    names=("@$socket" "@${socket##*/}")
    for name in $(as_other node1 awk 'NR > 1 && $5 == "0005" && NF > 7 { print $8 }' /proc/net/unix | sort -u); do names+=("$name"); done
    run_as_other node1 perl -e "$connect" "${names[@]}"
    [[ ${#names[@]} -gt 2 && $output != *connected* ]] || report "expected none of ${names[*]} to be reachable"
    expect_secret
}

@test "the agent answers nobody but the user, where its directory has been opened" {
    local socket directory
    secret_job
    socket=$(agent_socket)
    # As a user may do by mistake.
    directory=$socket
    while [[ $directory != "$session" ]]; do
        directory=${directory%/*}
        on node1 chmod a+rx "$directory"
    done
    on node1 chmod 0777 "$socket"
    run_as_other node1 perl -e "$connect" "$socket"
    expect_output "$socket: connected, 16" # a frame that says so, and the end
    expect_secret
}

# ---- Its files ----

@test "the job's directory can be neither listed nor read: below the launcher's session directory" {
    local directory
    secret_job
    directory=$(dirname "$(agent_socket)")
    expect_closed "$directory"
    expect_secret
}

@test "the job's directory can be neither listed nor read: in the user's cache" {
    local directory
    # Without a launcher there is no session directory, and over ssh no runtime directory.
    start_job env SECRET="$secret" mpi-podman "$image"
    directory=$(dirname "$(agent_socket)")
    [[ $directory == /home/mpi/.cache/mpi-podman/node1/* ]] || fail "expected it in the cache: $directory"
    expect_closed "$directory"
    end_job
    expect_healthy
}

expect_closed() { # expect_closed DIRECTORY: of the job; and its files, which root can name
    local path
    equal "$(on node1 stat -c '%a %U' "$1")" '700 mpi'
    run_as_other node1 ls "$1"
    expect_words 'Permission denied'
    for path in $(on node1 find "$1"); do
        run_as_other node1 cat "$path"
        expect_words 'Permission denied'
        [[ -z $output ]] || report "expected to read nothing"
        run_as_other node1 touch "$path/new"
        expect_words 'Permission denied'
    done
}

# ---- Directories that somebody else has made first ----

# take PATH HOW: the other user makes it, as something to fall into.
take() {
    as_other node1 install -d -m 0777 "$theirs" "$theirs/trap"
    case $2 in
        link) as_other node1 ln -s "$theirs/trap" "$1" ;;
        directory) as_other node1 install -d -m 0777 "$1" ;;
        file) as_other node1 sh -c 'umask 0; : >"$1"' sh "$1" ;;
    esac
}

untake() { on node1 rm -rf "$theirs" "$session"; }

# safe COMMAND...: the job runs, and mpi-podman has nothing where the other user could get at it; or it is refused.
safe() {
    local found
    if try_job env SECRET="$secret" "$@" "$image"; then
        found=$(on node1 find "$theirs" "$session" -path '*mpi-podman*' ! -user other 2>/dev/null || true)
        end_job
        expect_healthy
        equal "$(sort -u <<<"$output")" "$secret"
        equal "$found" '' 'what mpi-podman made in a place of the other user'
    else
        finish
        expect_refusal 125 'no directory of your own'
    fi
}

# A runtime directory that is not the user's own, as su(1) may leave it.
@test "names in the runtime directory are taken" {
    local how
    for how in link directory file; do
        take "$theirs/mpi-podman" "$how"
        safe XDG_RUNTIME_DIR="$theirs" mpi-podman --podman usual-podman
        untake
    done
}

@test "a runtime directory that belongs to somebody else" {
    take "$theirs/free" directory
    safe XDG_RUNTIME_DIR="$theirs" mpi-podman --podman usual-podman
}

home_of_others=(HOME="$theirs" XDG_DATA_HOME=/home/mpi/.local/share XDG_CONFIG_HOME=/home/mpi/.config)

# take_in_home NAME HOW: and what is above it.
take_in_home() {
    as_other node1 install -d -m 0777 "$theirs" "$theirs/${1%/*}"
    take "$theirs/$1" "$2"
    safe "${home_of_others[@]}" mpi-podman
    untake
}

@test "names in the home directory are taken: the cache's" { take_in_home ./.cache link; }

@test "names in the home directory are taken: ours in the cache" {
    take_in_home .cache/mpi-podman link
    take_in_home .cache/mpi-podman directory
}

@test "names in the home directory are taken: the node's in ours" {
    take_in_home .cache/mpi-podman/node1 link
    take_in_home .cache/mpi-podman/node1 directory
}

@test "a home directory that belongs to somebody else" {
    take "$theirs/free" directory
    safe "${home_of_others[@]}" mpi-podman
}

# mpirun goes on there, natively too; what mpi-podman adds need not be there.
@test "mpirun's session directory is a link to somebody else's directory" {
    take "$session" link
    safe mpirun --host node1:2 -np 2 mpi-podman
}

@test "mpirun's session directory belongs to somebody else" {
    take "$session" directory
    safe mpirun --host node1:2 -np 2 mpi-podman
}

# ---- Its variables ----

# As the other user: the command lines that show it, of all but those in which the user typed it.
seen_on_command_lines() {
    as_other node1 sh -c 'for file in /proc/[0-9]*/cmdline; do
        pid=${file#/proc/} pid=${pid%/cmdline}
        grep -qs "xy[z]zy" "$file" && ps -o comm=,args= -p "$pid"; done; ps axeww -o comm=,args= | grep "xy[z]zy"' | sort -u
}

# Of each process that belongs to the job's user.
expect_closed_environments() {
    local pid count=0
    for pid in $(on node1 pgrep -u mpi); do
        run_as_other node1 cat "/proc/$pid/environ"
        # Where it ended meanwhile there is nothing to read either.
        [[ -z $output && $stderr =~ 'Permission denied'|'No such' ]] || report "expected /proc/$pid/environ to be closed"
        [[ $stderr != *'Permission denied'* ]] || count=$((count + 1))
    done
    # mpirun, two wrappers, two keepers, two ranks, conmon, the agent
    ((count >= 9)) || fail "expected nine processes or more, not $count"
}

expect_no_file_shows_it() {
    run_as_other node1 sh -c 'grep -rs "xy[z]zy" /tmp /run /home /dev/shm /var/tmp /var/lib/containers'
    expect_output ''
}

@test "variables of a job are seen by nobody else" {
    secret_job -e SECRET
    equal "$(seen_on_command_lines)" '' 'what the other user sees of the secret'
    expect_closed_environments
    expect_no_file_shows_it
    expect_secret
}

@test "variables of a job are seen by nobody else: --per-rank" {
    secret_job --per-rank -e SECRET
    equal "$(seen_on_command_lines)" '' 'what the other user sees of the secret'
    expect_closed_environments
    expect_no_file_shows_it
    expect_secret
}

# typed RUNS OPTION...: -e NAME=VALUE is on the command lines that the user typed, and on no other.
typed() {
    local runs=$1
    shift
    on node1 rm -f /home/mpi/asked
    start_job mpirun --host node1:2 -np 2 mpi-podman "$@" --podman counting-podman -e SECRET="$secret" "$image"
    equal "$(seen_on_command_lines | cut -d' ' -f1 | sort -u | xargs)" 'mpi-podman mpirun' 'who shows the secret'
    # podman itself was gone before anybody could look.
    equal "$(asked node1 run), $(as node1 grep -c "$secret" asked || true)" "$runs, 0" 'podman run, and such with the secret'
    expect_closed_environments
    expect_no_file_shows_it
    expect_secret
}

@test "-e NAME=VALUE is not handed on by a command line" { typed 1; }

@test "-e NAME=VALUE is not handed on by a command line: --per-rank" { typed 2 --per-rank; }
