# How much a job may have of what the kernel, podman and we limit, and what is said beyond: wrapper/run/LIMITS.md. Many
# ranks, nodes and jobs take minutes: tests/run limits.

load lib

# shellcheck disable=SC2034  # lib.bash's
limit=120 # for a job of 40 ranks beside others

setup_file() {
    need_lab
    install_tool with-variables <<'END'
#!/bin/bash
# with-variables COUNT BYTES CMD...: so many more, MANY_1 and on, each of so many bytes with its name
count=$1 bytes=$2
shift 2
for ((i = 1; i <= count; i++)); do
    name=MANY_$i=
    printf -v "MANY_$i" '%*s' "$((bytes - ${#name}))" "$i"
    export "MANY_$i"
done
exec "$@"
END
    # Its own words and variables count too, with a pointer each (execve(2)).
    install_tool leaving <<'END'
#!/usr/bin/python3
# leaving BYTES CMD...: with so many variables that no more than so many bytes are left of what the kernel takes
import os, shutil, sys
def space(texts): return sum(len(os.fsencode(text)) + 1 + 8 for text in texts)
program, words, variables = shutil.which(sys.argv[2]), sys.argv[2:], dict(os.environ)
used = space(words) + space(f"{name}={value}" for name, value in variables.items()) + len(program) + 9
left = os.sysconf("SC_ARG_MAX") - used - int(sys.argv[1])
while left > 20:
    name = f"MANY_{left}"
    variables[name] = "x" * (min(left, 100_000) - len(name) - 10)
    left -= min(left, 100_000)
os.execve(program, words, variables)
END
    install_tool with-mounts <<'END'
#!/bin/bash
# with-mounts COUNT WORD...: runs the words; so many -v, each of a directory of its own, go where one is --
volumes=() words=()
for ((i = 1; i <= $1; i++)); do volumes+=(-v "$HOME/mounts/$i:/mounts/$i"); done
shift
for word; do
    if [[ $word == -- ]]; then words+=("${volumes[@]}"); else words+=("$word"); fi
done
exec "${words[@]}"
END
}

teardown_file() { as node1 rm -rf mounts .config/mpi-podman; }

modes=('' --per-rank)

letters() { # letters COUNT
    printf '%*s' "$1" '' | tr ' ' y
}

refused_in_both_modes() { # refused_in_both_modes STATUS PATTERN CMD...: its word MODE is the mode's option, or nothing
    local status_wanted=$1 pattern=$2 mode word words
    shift 2
    for mode in "${modes[@]}"; do
        words=()
        for word; do
            if [[ $word != MODE ]]; then words+=("$word"); elif [[ -n $mode ]]; then words+=("$mode"); fi
        done
        run_as node1 "${words[@]}"
        expect_refusal "$status_wanted" "$pattern"
        expect_output ''
    done
}

@test "a megabyte of variables, each as long as Linux takes" {
    local mode expected
    local look=(sh -c 'env | grep ^MANY_ | sort | cksum')
    expected=$(as node1 with-variables 8 131071 "${look[@]}")
    for mode in "${modes[@]}"; do
        # shellcheck disable=SC2086  # a word or none
        run_as node1 with-variables 8 131071 mpirun --host node1:2 -np 2 mpi-podman $mode "$image" "${look[@]}"
        expect_healthy
        expect_output "$expected"$'\n'"$expected"
    done
}

@test "2000 arguments" {
    local mode expected words=()
    mapfile -t words < <(seq -f 'argument %g' 2000)
    expected="2000 $(printf '%s\n' "${words[@]}" | cksum)"
    for mode in "${modes[@]}"; do
        # shellcheck disable=SC2086  # a word or none
        run_here -np 2 mpi-podman $mode "$image" sh -c 'echo "$# $(printf "%s\n" "$@" | cksum)"' sh "${words[@]}"
        expect_healthy
        expect_output "$expected"$'\n'"$expected"
    done
}

@test "200 mounts" {
    local mode expected
    as node1 sh -c 'for i in $(seq 200); do mkdir -p mounts/$i; echo $i >mounts/$i/number; done'
    expected=$(seq 200 | cksum)
    for mode in "${modes[@]}"; do
        # shellcheck disable=SC2086  # a word or none
        run_as node1 with-mounts 200 mpirun --host node1:2 -np 2 mpi-podman $mode -- "$image" \
            sh -c 'cat /mounts/*/number | sort -n | cksum'
        expect_healthy
        expect_output "$expected"$'\n'"$expected"
    done
}

@test "beyond: all variables and arguments" {
    refused_in_both_modes 125 \
        'podman cannot be started with 20[0-9]+ bytes of variables and [0-9]+ bytes of arguments; Linux takes 2097152 bytes in all.*ulimit -s' \
        leaving 250 mpi-podman MODE "$image" true
    # Where the rank has less room than mpi-podman.
    refused_in_both_modes 125 'true cannot be started .*a quarter of the stack'"'"'s limit' \
        with-variables 8 131071 mpi-podman --ulimit stack=1000000 MODE "$image" true
}

@test "beyond: one variable, of the configuration" {
    as node1 mkdir -p .config/mpi-podman
    { printf 'env = BIG=' && letters 200000; } | as node1 tee .config/mpi-podman/config >/dev/null
    refused_in_both_modes 125 \
        '(true|podman) cannot be started with the variable BIG of 200004 bytes; Linux takes 131071 bytes in one variable' \
        mpi-podman MODE "$image" true
    as node1 rm .config/mpi-podman/config
}

@test "beyond: one argument" {
    as node1 mkdir -p .config/mpi-podman
    printf 'volume = /%s:/data' "$(letters 131060)" | as node1 tee .config/mpi-podman/config >/dev/null
    refused_in_both_modes 125 \
        'podman cannot be started with an argument of 131076 bytes; Linux takes 131071 bytes.*in one argument' \
        mpi-podman MODE "$image" true
    as node1 rm .config/mpi-podman/config
}

@test "beyond: paths" {
    local long
    long=$(letters 300)
    refused_in_both_modes 125 'file name too long; a path may have 4095 bytes, and each name in it 255' \
        mpi-podman MODE -v "/$long:/data" "$image" true
    refused_in_both_modes 125 '[Ff]ile name too long; a path may have 4095 bytes' \
        mpi-podman MODE -v "/home/mpi:/$long" "$image" true
    run_as node1 mpi-podman -v "/$(for _ in {1..50}; do printf '/%s' "$(letters 99)"; done):/data" "$image" true
    expect_refusal 125 'file name too long; a path may have 4095 bytes'
    ((${#stderr} < 3000)) || fail "a line of ${#stderr} bytes"
    refused_in_both_modes 126 'File name too long\); a path may have 4095 bytes' mpi-podman MODE "$image" "/$long"
}

@test "beyond: processes of the user" {
    # LeakSanitizer, of a test build, would need a process of its own.
    local with_none='ulimit -u 1; ASAN_OPTIONS=detect_leaks=0 exec mpi-podman "$@"'
    refused_in_both_modes 125 'cannot start a process: Resource temporarily unavailable; raise the limit: ulimit -u' \
        bash -c "$with_none" bash MODE "$image" true
    run_as node1 bash -c "$with_none" bash --dry-run "$image" true
    expect_refusal 125 'cannot start a process: Resource temporarily unavailable; raise the limit: ulimit -u'
}

@test "beyond: open files" {
    local files few='podman needs 32 open files, and the hard limit is'
    for files in 8:"(Too many open files|$few 8);" 18:"$few 18;" 20:"$few 20;"; do
        refused_in_both_modes 125 "${files#*:}.*ulimit -n" \
            bash -c 'ulimit -n "$0"; exec mpi-podman "$@"' "${files%%:*}" MODE "$image" true
    done
}

@test "beyond: more ranks than the node's container has places for" {
    run_as node1 mpirun --host node1:40 -np 40 bash -c 'ulimit -n 40; exec mpi-podman "$@"' bash "$image" sleep 1000
    expect_refusal 125 \
        "the node's container has places for 32 ranks, by the hard limit of open files, and all are taken; raise it: ulimit -Hn"
}
