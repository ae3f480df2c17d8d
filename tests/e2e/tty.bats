# A rank without a launcher on a terminal is a program on a terminal. `script` is the terminal, of 33 lines of 77
# columns; what is typed comes from a fifo.

load lib

# start_terminal SHELL_COMMAND: on node1.
start_terminal() {
    as node1 sh -c 'rm -f keys; mkfifo keys'
    start_as node1 bash -c 'exec script --quiet --return --flush --command "$1" /dev/null <>keys' bash \
        "stty rows 33 cols 77; tty >terminal; $1"
}

type_in() { as node1 bash -c 'printf %b "$1" >keys' bash "$1"; }

shows() { wait_until 30 grep -aEq -- "$1" "$said/out"; }

# on_terminal SHELL_COMMAND: to its end; `output` without what a terminal adds.
on_terminal() {
    start_terminal "$1"
    finish
    output=${output//$'\r'/}
}

@test "stdin, stdout and stderr are terminals, of the right size" {
    on_terminal "mpi-podman $image sh -c 'test -t 0 && test -t 1 && test -t 2 && stty size'"
    expect_healthy
    expect_output '33 77'
}

@test "a change of its size reaches the rank" {
    start_terminal "mpi-podman $image bash -c 'trap \"stty size; exit\" WINCH; echo ready; while :; do sleep 0.1; done'"
    shows ready
    as node1 sh -c 'stty -F "$(cat terminal)" rows 44 cols 88'
    shows '^44 88'
    finish
    expect_status 0
}

@test "Ctrl-C ends a rank that does not catch it" {
    # The shell's trap: else it ends with a child that SIGINT ended.
    start_terminal "trap : INT; mpi-podman $image sh -c 'echo ready; exec sleep 1000'; echo \"status \$?\""
    shows ready
    type_in '\003'
    finish
    shows 'status 130'
}

@test "Ctrl-C, Ctrl-\\ and Ctrl-D mean what they mean to a rank that has its own idea" {
    start_terminal "mpi-podman $image bash -c 'trap \"echo got INT\" INT; trap \"echo got QUIT\" QUIT; echo ready
        until read -r line; [[ \$? == 1 ]]; do :; done; echo end of input'"
    shows ready
    type_in '\003'
    shows 'got INT'
    type_in '\034'
    shows 'got QUIT'
    type_in '\004'
    finish
    expect_status 0
    shows 'end of input'
}

@test "job control of a shell in the rank: Ctrl-Z, fg, Ctrl-C, its status" {
    start_terminal "mpi-podman $image bash --norc --noprofile -i"
    shows 'bash.*[#$] '
    type_in 'sleep 1001\r'
    wait_until 10 on node1 pgrep -xf 'sleep 1001'
    type_in '\032'
    shows 'Stopped.*sleep 1001'
    type_in 'fg\r'
    wait_until 10 on node1 pgrep -r S -xf 'sleep 1001'
    type_in '\003'
    wait_until 10 on node1 sh -c '! pgrep -xf "sleep 1001"'
    type_in 'exit 7\r'
    finish
    expect_status 7
}

@test "no key is kept back: Ctrl-P Ctrl-Q, which detach from a podman run" {
    start_terminal "mpi-podman $image bash -c 'stty raw -echo; echo ready; head -c 3 | od -An -tx1'"
    shows ready
    type_in '\020\021\001'
    finish
    expect_status 0
    shows '10 11 01'
}

@test "the terminal's settings are afterwards what they were, however the rank ends" {
    local end
    for end in 'exit 3' 'stty raw -echo; exit 0' 'kill -SEGV $$' 'kill -KILL $$'; do
        on_terminal "stty -a >before; mpi-podman $image sh -c '$end'; stty -a >after; cmp before after && echo same"
        # The shell may say before how the rank was ended.
        [[ ${output##*$'\n'} == same ]] || report "expected the same settings after: $end"
    done
    start_terminal "stty -a >before; mpi-podman $image sh -c 'echo ready; sleep 1000'; stty -a >after; cmp before after"
    shows ready
    on node1 pkill -TERM -xf "$wrapper_words $image .*"
    finish
    expect_status 0
    as node1 rm before after
}

@test "a terminal as stdin alone: output is not a terminal's" {
    on_terminal "mpi-podman $image sh -c 'test ! -t 1; seq 2' >two; od -An -c two; rm two"
    expect_output '   1  \n   2  \n'
}

@test "typed lines reach a rank whose output goes into a pipe" {
    start_terminal "mpi-podman $image sh -c 'echo ready >&2; read -r line; echo \"<\$line>\"' | cat"
    shows ready
    type_in 'a b\n'
    finish
    shows '^<a b>'
}

@test "mpirun on a terminal" {
    on_terminal "mpirun --hostfile $hostfile --map-by node -np 4 mpi-podman $image ring"
    expect_healthy
    expect_ring 4 node1=2 node2=2
}

# TIOCSTI: the shell would take it for typed (CVE-2017-5226). Where the kernel itself refuses it says EIO.
@test "a rank cannot type into the terminal" {
    local typing='ioctl(STDIN, 0x5412, my $c = "x") or print "$!\n"; ioctl(STDIN, 0x541C, my $d = "\2") or print "$!\n"'
    on_terminal "mpi-podman $image perl -e '$typing'"
    expect_output $'Operation not permitted\nOperation not permitted'
}
