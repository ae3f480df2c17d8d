# What another ordinary user of the node can do to a job: nothing. They can neither reach its container, nor see its
# files or what is in its variables, nor take the place of a directory that it is going to make.

load lib
load other_user

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

# Between being looked at and being used: link, directory, link, as fast as can be.
@test "a name that is now a link and now a directory, while jobs begin" {
    local swapping
    as_other node1 install -d -m 0777 "$theirs" "$theirs/trap" "$theirs/directory" "$theirs/.cache"
    as_other node1 ln -s trap "$theirs/link"
    as_other node1 timeout 60 sh -c 'cd "$1"; while [ ! -e stop ]; do mv -T directory mpi-podman; mv -T mpi-podman directory
        mv -T link mpi-podman; mv -T mpi-podman link; done 2>/dev/null' sh "$theirs" &
    swapping=$!
    for _ in 1 2 3; do
        try_job env SECRET="$secret" XDG_RUNTIME_DIR="$theirs" mpi-podman --podman usual-podman "$image" || report 'expected the job to run'
        equal "$(on node1 find "$theirs" ! -user other)" '' 'what mpi-podman made in a place of the other user'
        end_job
        expect_healthy
    done
    as_other node1 touch "$theirs/stop"
    wait "$swapping"
}

@test "facts about images that somebody else has written are not believed" {
    local cache=$theirs/mpi-podman-facts/node1
    run_as node1 env XDG_CACHE_HOME=/tmp/facts mpi-podman --check "$image"
    expect_status 0
    # The same files, by their names, but another's.
    on node1 sh -c 'install -d -o other -m 0777 "$1" "${1%/*}" "${1%/*/*}"; cp /tmp/facts/mpi-podman-facts/node1/*.json "$1"
        sed -i s,/usr/lib,/tmp/evil,g "$1"/*.json; chown other "$1"/*.json; chmod 0666 "$1"/*.json; rm -r /tmp/facts' sh "$cache"
    run_as node1 env XDG_CACHE_HOME="$theirs" mpi-podman --check "$image"
    expect_status 0
    [[ $output != */tmp/evil* ]] || report "expected the facts to be found out anew"
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

# Not only by looking: every program that the job has executed, however short it lives.
@test "no command line that a job executes holds the value of a variable" {
    local program
    traced mpi-podman -e SECRET "$image"
    traced mpi-podman --per-rank -e SECRET "$image"
    for program in podman conmon crun; do
        grep -q "execve(\"[^\"]*/$program\"" "$BATS_TEST_TMPDIR/executed" || fail "no $program was seen: this test could not fail"
    done
}

# traced COMMAND...: as a rank under mpirun; which is what strace(1) shows as root, of programs that are setuid too.
traced() {
    # LeakSanitizer, of a test build, does not work where a process is traced.
    run_on node1 sh -c 'cd /home/mpi; export HOME=/home/mpi SECRET="$1" ASAN_OPTIONS=detect_leaks=0; shift
        exec strace --quiet=all -f -u mpi -s 65536 -e trace=execve,execveat -e signal=none -o /root/trace "$@"' sh "$secret" \
        mpirun --host node1:2 -np 1 "$@" printenv SECRET
    expect_status 0
    expect_output "$secret"
    on node1 cat /root/trace >"$BATS_TEST_TMPDIR/executed"
    on node1 rm /root/trace
    equal "$(grep -m 3 "$secret" "$BATS_TEST_TMPDIR/executed" || true)" '' 'what is executed with the secret'
}
