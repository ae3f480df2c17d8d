# The agent is one static program, so a node's container starts in any image, also where nothing but the rank's own
# program is in it; and what cannot be executed is said with its reason, in one line.

load lib

alone=$test_images/alone # holds one file, /place

setup_file() {
    local node
    need_lab
    as node1 mkdir -p alone
    as node1 gcc -O1 -Wall -Wextra -Werror -static -o alone/place /src/tests/e2e/programs/place.c
    as node1 tar -cf alone.tar -C alone place
    for node in $(nodes); do as "$node" podman import --quiet alone.tar "$alone" >/dev/null; done
    as node1 rm -r alone alone.tar
}

teardown_file() { remove_images; }

# expect_places SIZE: each rank said which it is, and nobody anything else.
expect_places() {
    expect_healthy
    equal "$(sort -V <<<"$output")" "$(for ((i = 0; i < $1; i++)); do echo "rank $i of $1"; done)" 'what the ranks said'
}

@test "the agent is linked statically, and smaller than 2 MB" {
    local agent size
    agent=$("$lab" prefix)/libexec/mpi-podman/agent
    output=$(file --brief "$agent")
    [[ $output == ELF*'statically linked'* || $output == ELF*'static-pie linked'* ]] || report "expected a static program"
    strip -o "$BATS_TEST_TMPDIR/agent" "$agent"
    size=$(stat -c %s "$BATS_TEST_TMPDIR/agent")
    ((size < 2 * 1024 * 1024)) || fail "the agent has $size bytes"
}

@test "an image with one file: it is static, and all there is" {
    run_as node1 sh -c 'podman save --quiet "$1" | tar -xO --wildcards "*.tar" | tar -t' sh "$alone"
    expect_healthy
    expect_output place
    # What it would need of the image, were it not static.
    run_as node1 mpi-podman --no-cwd -v "$programs:/programs" "$alone" /programs/place
    expect_refusal 126 '/programs/place cannot be executed .*No such file'
}

@test "ranks in an image with one file" {
    run_here -np 2 mpi-podman "$alone" /place
    expect_places 2
    run_job -np 4 mpi-podman --no-cwd -w / "$alone" ./place
    expect_places 4
}

@test "ranks in an image with one file: --per-rank" {
    run_job -np 4 mpi-podman --per-rank "$alone" /place
    expect_places 4
}

@test "ranks in an image with one file beside ranks in another, in one job" {
    run_here -np 2 mpi-podman "$alone" /place : -np 2 mpi-podman "$image" sh -c 'echo "rank $OMPI_COMM_WORLD_RANK of 4"'
    expect_places 4
    run_here -np 2 mpi-podman "$image" sh -c 'echo "rank $OMPI_COMM_WORLD_RANK of 4"' : -np 2 mpi-podman "$alone" /place
    expect_places 4
}

# ---- What cannot be executed ----

# refused STATUS PATTERN COMMAND: in one line; that it is one for a whole job is bad_input.bats'.
refused() {
    run_as --cwd /home/mpi/odd node1 mpi-podman "$alone" "$3"
    expect_refusal "$1" "$2"
    expect_output ''
    equal "$(wc -l <<<"$stderr")" 1 'lines on stderr'
}

@test "execve's reasons: ENOENT 127; EACCES, ENOEXEC 126" {
    as node1 sh -c 'mkdir odd; cd odd; echo text >plain; echo text >text; chmod +x text'
    refused 127 './nothing was not found' ./nothing
    refused 127 '/home/mpi/odd/plain/below was not found' /home/mpi/odd/plain/below
    refused 127 'nothing was not found' nothing
    refused 126 './plain cannot be executed .*\(Permission denied\)' ./plain
    refused 126 '/home/mpi/odd cannot be executed .*\(Permission denied\)' /home/mpi/odd
    refused 126 './text cannot be executed .*\(Exec format error\)' ./text
    as node1 rm -r odd
}
