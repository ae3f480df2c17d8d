# Twenty jobs at once on the same two nodes, of two images and of both in one: each is one job of its own four ranks,
# and nothing is left. MPI_PODMAN_ROUNDS=n (default 1; tests/run chaos: 10) does it so often.

load lib

first=$image
second=$test_images/second
# shellcheck disable=SC2034  # lib.bash's
limit=300 # for one job beside nineteen others

setup_file() {
    need_lab
    build_image second <<<$'FROM localhost/mpi-podman/ring\nENV FROM_IMAGE=second'
}

teardown_file() { remove_images; }

both_nodes=(--hostfile "$hostfile" --map-by node)

# What each rank runs: says which image it is in, then takes part in the ring.
ring=(sh -c 'echo "image of $OMPI_COMM_WORLD_RANK: ${FROM_IMAGE:-first}"; exec ring')

# start_job NUMBER MPIRUN_ARG...: in the background, its words and status in files that bear its number. Eighty ranks
# that wait for messages share the machine's cores, so they yield them.
start_job() {
    local words=$BATS_TEST_TMPDIR/$1
    shift
    {
        as node1 mpirun --mca mpi_yield_when_idle 1 "$@" </dev/null >"$words.out" 2>"$words.err" && echo 0 >"$words.status" ||
            echo "$?" >"$words.status"
    } 3>&- &
}

start_jobs() { # start_jobs: sets started, the jobs' processes here
    local i
    started=()
    for ((i = 0; i < 20; i += 5)); do
        start_job "$i" "${both_nodes[@]}" -np 4 mpi-podman "$first" "${ring[@]}"
        started+=($!)
        start_job $((i + 1)) "${both_nodes[@]}" -np 4 mpi-podman "$second" "${ring[@]}"
        started+=($!)
        start_job $((i + 2)) "${both_nodes[@]}" -np 2 mpi-podman "$first" "${ring[@]}" : -np 2 mpi-podman "$second" "${ring[@]}"
        started+=($!)
        start_job $((i + 3)) --host node1:4 -np 2 mpi-podman "$first" "${ring[@]}" : -np 2 mpi-podman "$second" "${ring[@]}"
        started+=($!)
        start_job $((i + 4)) --host node2:4 -np 4 mpi-podman "$second" "${ring[@]}"
        started+=($!)
    done
}

# expect_job NUMBER "IMAGE of each rank" NODE=RANKS...
expect_job() {
    local words=$BATS_TEST_TMPDIR/$1 images=$2 said
    echo "job $1"
    shift 2
    # shellcheck disable=SC2034  # lib.bash's
    stderr=$(without_ssh_race "$words.err")
    status=$(<"$words.status") said=$(<"$words.out")
    output=$(grep -v '^image' <<<"$said" || true)
    expect_healthy
    expect_ring 4 "$@"
    equal "$(grep '^image' <<<"$said" | sort | cut -d' ' -f4 | xargs)" "$images" "images of the ranks"
}

expect_jobs() {
    local i
    for ((i = 0; i < 20; i += 5)); do
        expect_job "$i" 'first first first first' node1=2 node2=2
        expect_job $((i + 1)) 'second second second second' node1=2 node2=2
        expect_job $((i + 2)) 'first first second second' node1=2 node2=2
        expect_job $((i + 3)) 'first first second second' node1=4
        expect_job $((i + 4)) 'second second second second' node2=4
    done
}

@test "20 jobs of 4 ranks at once, of two images" {
    local round
    for ((round = 1; round <= ${MPI_PODMAN_ROUNDS:-1}; round++)); do
        echo "round $round"
        start_jobs
        wait "${started[@]}"
        expect_jobs
        expect_nothing_left
    done
}

# What a container is not to see of the user's other jobs is hidden by mounts, and podman makes a mount's place anew
# where it has gone meanwhile.
@test "another job ends while a container is made: its directory does not stay for that" {
    local mode
    as node1 sh -c 'cat >podman-after-another && chmod +x podman-after-another' <<'END'
#!/bin/sh
case " $* " in *" run "*) rmdir ~/.cache/mpi-podman || exit 1 ;; esac
exec podman "$@"
END
    for mode in --linger=0 --per-rank; do
        as node1 mkdir -p .cache/mpi-podman
        run_here -np 1 mpi-podman "$mode" --podman=/home/mpi/podman-after-another "$first" ls -A .cache
        expect_status 0
        equal "$output" mpi-podman 'what podman made'
        expect_nothing_left
    done
    as node1 rm podman-after-another
}
