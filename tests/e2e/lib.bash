# shellcheck shell=bash disable=SC2034,SC2154
# What every .bats file here loads: running things on the lab's nodes, expectations, and the check that
# a test left nothing behind, which runs after each test on every node.
#
# run_as, run_on, run_job, run_here and finish set `status`, `output` and `stderr` (bats' own `run` would
# warn of every 127 that is meant).

bats_require_minimum_version 1.5.0

repo=$(readlink -f -- "${BASH_SOURCE[0]%/*}/../..")
lab=$repo/tests/lab/lab
lab_dir=$("$lab" prefix) # of the lab that MPI_PODMAN_LAB names
lab_dir=${lab_dir%/local}
image=localhost/mpi-podman/ring
mpich_image=localhost/mpi-podman/mpich-bookworm
test_images=localhost/mpi-podman-test # what tests build themselves (build_image)
programs=/home/mpi/programs # compiled by `prepare`, on every node at the same path
hostfile=/src/hostfiles/lab
system=${MPI_PODMAN_E2E_SYSTEM:-host} # which lab it is: host, per-rank, or a Debian release (see prepare)
wrapper_words='mpi-podman( --per-rank)?' # pgrep's: how mpi-podman looks among the processes, before IMAGE

# How long one command in the lab may take. A bound for what hangs, not a measure of anything.
limit=${MPI_PODMAN_E2E_LIMIT:-60}

fail() {
    printf '%s\n' "$@" >&2
    return 1
}

# ---- Running things ----

as() { # as [--cwd DIR] NODE CMD...: as the lab's user
    timeout --foreground --kill-after=5 "$limit" "$lab" as "$@"
}

on() { # on NODE CMD...: as the node's root
    timeout --foreground --kill-after=5 "$limit" "$lab" exec "$@"
}

# captured COMMAND...: sets status, output and stderr.
captured() {
    status=0
    "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    take_words "$BATS_TEST_TMPDIR"
}

# What a file holds, without what Open MPI's mpirun says, natively too, where its ssh was quicker to exec than mpirun to
# name its process group: EACCES of setpgid(2), and harmless.
without_ssh_race() { # without_ssh_race FILE
    grep -Ev '^\[[^]]*\] plm:(rsh|ssh): Warning: setpgid\([0-9,]*\) failed in parent' "$1" || true
}

take_words() { # take_words DIRECTORY
    output=$(<"$1/out")
    stderr=$(without_ssh_race "$1/err")
}

run_as() { captured as "$@"; }

run_on() { captured on "$@"; }

run_job() { # run_job MPIRUN_ARG...: from node1, over both nodes, one rank here and one there in turn
    run_as node1 mpirun --hostfile "$hostfile" --map-by node "$@"
}

run_here() { # run_here MPIRUN_ARG...: on node1 alone
    run_as node1 mpirun --host node1:4 "$@"
}

nodes() { ls -v "$lab_dir/nodes"; }

# wait_until SECONDS CMD...: until it succeeds; the time is a bound for what will never happen.
wait_until() {
    local seconds=$1 until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < until)) || fail "not within $seconds s: $*" || return
        sleep 0.05
    done
}

# start_as [--cwd DIR] NODE CMD...: in the background, one at a time; others run meanwhile with run_as.
# Sets `started`, for `finish`, and `said`, a directory: what it says is in out and err there.
start_as() {
    said=$BATS_TEST_TMPDIR/started
    mkdir -p "$said"
    rm -f "$said/out" "$said/err" # of one before: nobody is to take its words for the new one's
    as "$@" </dev/null >"$said/out" 2>"$said/err" 3>&- &
    started=$!
}

# finish [SECONDS]: waits for what start_as began; sets status, output and stderr.
finish() {
    wait_until "${1:-60}" ended "$started" || { kill "$started"; return 1; }
    status=0
    wait "$started" || status=$?
    take_words "$said"
}

ended() { ! kill -0 "$1" 2>/dev/null; }

# ---- Things to run ----

install_tool() { # install_tool NAME <TEXT: a program in the PATH of every node, until the lab ends
    install -m 0755 /dev/stdin "$("$lab" prefix)/bin/$1"
}

# A podman that writes down what it was asked, a line each: "NODE ARGUMENT...". For --podman; see `asked`.
install_counting_podman() {
    as node1 rm -f asked
    install_tool counting-podman <<'END'
#!/bin/sh
echo "$(hostname) $*" >>/home/mpi/asked
exec podman "$@"
END
}

# configure_site NODE... <TEXT: the site's configuration file there, which the caller removes.
site_config=/etc/mpi-podman/config
configure_site() {
    local node text
    text=$(</dev/stdin)
    for node; do
        on "$node" mkdir -p "${site_config%/*}"
        on "$node" tee "$site_config" <<<"$text" >/dev/null
    done
}

unconfigure_site() {
    local node
    for node in $(nodes); do on "$node" rm -rf "${site_config%/*}"; done
}

asked() { # asked NODE WORD: how often podman was asked for WORD (run, pull ...) there
    as node1 cat asked | grep -Ec "^$1 (.* )?$2( |\$)" || true
}

# build_image NAME <CONTAINERFILE: localhost/mpi-podman-test/NAME in every node's store. Nothing in it may need RUN,
# so that it takes no time. remove_images takes all of them away.
build_image() {
    local node text
    text=$(</dev/stdin)
    for node in $(nodes); do
        as "$node" podman build --quiet --tag "$test_images/$1" - <<<"$text" >/dev/null
    done
}

# localhost/mpi-podman-test/no-mpi: the nodes' C library's parts and a shell, no MPI and nothing else.
build_image_without_mpi() {
    local libraries=/lib/x86_64-linux-gnu parts=() part
    for part in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libresolv.so.2 libanl.so.1; do
        parts+=("$libraries/$part")
    done
    build_image no-mpi <<END
FROM $image AS whole
FROM scratch
COPY --from=whole /bin/sh /bin/sh
COPY --from=whole /lib64/ld-linux-x86-64.so.2 /lib64/
COPY --from=whole ${parts[@]} $libraries/
END
}

remove_images() {
    local node names
    for node in $(nodes); do
        names=$(as "$node" podman images --format '{{.Repository}}:{{.Tag}}' | grep "^$test_images/") || continue
        # By name: what else such an image is called stays.
        # shellcheck disable=SC2086  # one word a name
        as "$node" podman rmi --force $names >/dev/null
    done
}

# ---- Expectations; each says what it saw ----

report() {
    fail "$1" "--- status: $status" "--- stdout:" "$output" "--- stderr:" "$stderr" "---"
}

expect_status() { [[ $status == "$1" ]] || report "expected status $1"; }

expect_output() { [[ $output == "$1" ]] || report "expected on stdout: $1"; }

expect_silence() { [[ -z $stderr ]] || report "expected nothing on stderr"; }

expect_healthy() { expect_status 0 && expect_silence; }

expect_words() { # expect_words TEXT...: stderr holds each of them
    local text
    for text; do [[ $stderr == *"$text"* ]] || report "expected on stderr: $text"; done
}

equal() { # equal ACTUAL EXPECTED [WHAT]
    [[ $1 == "$2" ]] && return
    diff <(printf '%s\n' "$2") <(printf '%s\n' "$1") >&2 || true
    fail "${3:-values} differ: expected <${2:0:300}>, got <${1:0:300}>"
}

# A ring of SIZE ranks, completed once, with exactly so many of them on each node:
# expect_ring SIZE NODE=RANKS...
expect_ring() {
    local size=$1 place
    shift
    [[ $(grep -c 'ring complete' <<<"$output") == 1 ]] || report "expected one ring, completed once"
    # mpirun may put the line before those of ranks on other nodes, natively too.
    grep -qx "ring complete: $size ranks" <<<"$output" || report "expected one ring of $size"
    equal "$(sed -n 's/^rank \([0-9]*\) of .*/\1/p' <<<"$output" | sort -n | xargs)" "$(seq -s ' ' 0 $((size - 1)))" ranks
    for place; do
        [[ $(grep -c "^rank [0-9]* of $size on ${place%=*}\$" <<<"$output") == "${place#*=}" ]] ||
            report "expected ${place#*=} ranks on ${place%=*}"
    done
    [[ $(wc -l <<<"$output") == $((size + 1)) ]] || report "expected no other line"
}

# The wrapper refuses: expect_refusal STATUS PATTERN [NODE...]: exactly one line on each node (default:
# node1), which matches the extended regular expression.
expect_refusal() {
    local node lines wanted=$2
    expect_status "$1"
    shift 2
    [[ $# -gt 0 ]] || set -- node1
    lines=$(grep '^mpi-podman:' <<<"$stderr") || report "expected a line from mpi-podman"
    [[ $(wc -l <<<"$lines") == "$#" ]] || report "expected $# line(s) from mpi-podman"
    for node; do
        grep -Eq -- "^mpi-podman: $node: .*($wanted)" <<<"$lines" || report "expected of $node: $wanted"
    done
    # What podman, crun or conmon said themselves is not to be seen beside it.
    ! grep -Eq '^(Error:|time="|\{"msg")' <<<"$stderr" || report "expected podman itself to be silent"
}

# ---- Nothing left ----

leftovers() { # leftovers [--ask-podman]: of all nodes, each line with its node
    local node
    for node in $(nodes); do
        on "$node" bash /src/tests/e2e/leftovers "$@" 2>&1 | sed "s/^/$node: /" &
    done
    wait
}

nothing_left() { [[ -z $(leftovers "$@") ]]; }

# expect_nothing_left [--ask-podman]: within 10 s; and where it fails, the nodes are cleared, so that the next test is
# judged by itself.
expect_nothing_left() {
    local node left
    wait_until 10 nothing_left "$@" 2>/dev/null && return
    left=$(leftovers "$@")
    for node in $(nodes); do on "$node" bash /src/tests/e2e/leftovers --clear; done
    fail "left behind:" "$left"
}

# ---- For every file ----

setup_file() { need_lab; }

# podman itself is asked once for each file, after its last test.
teardown() {
    if [[ $BATS_TEST_NUMBER == "${#BATS_TEST_NAMES[@]}" ]]; then expect_nothing_left --ask-podman; else expect_nothing_left; fi
}

need_lab() {
    [[ $(id -u) == 0 ]] || fail "the end-to-end tests make a lab of nodes: run them as root (tests/run)"
    if ! "$lab" status >/dev/null 2>&1 || [[ ! -x $("$lab" prefix)/bin/mpi-podman ]]; then
        fail "there is no lab with mpi-podman installed: run ctest, or tests/e2e/prepare"
    fi
}
