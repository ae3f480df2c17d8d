# stdin, stdout and stderr of a rank arrive whole, unchanged and apart.

load lib

# A billion bytes that compress badly and are the same each time.
billion='head -c 1000000000 /dev/zero | openssl enc -aes-128-ctr -pass pass:mpi-podman -nosalt 2>/dev/null'

@test "1 GB through stdin of rank 0; the other rank's is empty" {
    local sent
    sent=$(as node1 bash -c "$billion | sha256sum")
    run_as node1 bash -c "$billion | mpirun --host node1:2 -np 2 mpi-podman $image sh -c '"'echo $OMPI_COMM_WORLD_RANK $(sha256sum)'"'"
    expect_healthy
    equal "$(sort <<<"$output")" "$(printf '0 %s\n1 %s\n' "${sent//  / }" "$(sha256sum </dev/null | sed 's/  / /')")"
}

@test "1,000,000 lines of stdout from each of two ranks, byte for byte" {
    local rank
    run_as node1 mpirun --output-filename lines:nojobid,nocopy --host node1:2 -np 2 mpi-podman "$image" \
        sh -c 'seq -f "rank $OMPI_COMM_WORLD_RANK line %.0f" 1000000'
    expect_healthy
    expect_output ''
    for rank in 0 1; do
        equal "$(as node1 sha256sum <<<'' "lines/rank.$rank/stdout" | cut -d' ' -f1)" \
            "$(seq -f "rank $rank line %.0f" 1000000 | sha256sum | cut -d' ' -f1)"
        equal "$(as node1 cat "lines/rank.$rank/stderr")" ''
    done
    as node1 rm -r lines
}

@test "1,000,000 lines of each rank on two nodes through mpirun itself: none is lost" {
    # mpirun cuts its ranks' streams where it likes, so lines and bytes are counted; and it drops what a slow
    # pipe has not taken when the job ends, so it writes to a file. Both are so natively too.
    run_as node1 bash -c "mpirun --hostfile $hostfile --map-by node -np 2 mpi-podman $image seq 1000000 >lines
        wc -lc <lines; rm lines"
    expect_healthy
    equal "$(xargs <<<"$output")" "$(for _ in 1 2; do seq 1000000; done | wc -lc | xargs)"
}

@test "a pipeline without a launcher: every byte value, both ways" {
    run_as node1 bash -c 'perl -e '\''print map { chr } 0..255 for 1..1000'\'' | mpi-podman '"$image"' cat | sha256sum'
    expect_healthy
    expect_output "$(perl -e 'print map { chr } 0..255 for 1..1000' | sha256sum)"
}

@test "stderr is stderr, stdout is stdout" {
    run_job -np 2 mpi-podman "$image" sh -c 'echo to stdout; echo to stderr >&2'
    expect_status 0
    expect_output $'to stdout\nto stdout'
    equal "$stderr" $'to stderr\nto stderr'
}

@test "100 MB of stderr" {
    run_as node1 bash -c "mpi-podman $image sh -c 'seq 12000000 >&2' 2>&1 >/dev/null | sha256sum"
    expect_healthy
    expect_output "$(seq 12000000 | sha256sum)"
}

@test "a rank may say on stderr what podman says, and end as podman does" {
    run_as node1 mpi-podman "$image" sh -c 'echo "Error: no such image" >&2; exit 125'
    expect_status 125
    equal "$stderr" 'Error: no such image'
}

@test "a line that is written is seen at once, not when the rank ends" {
    as node1 mkfifo gate
    start_as node1 mpi-podman "$image" sh -c 'echo one; echo two >&2; read -r line <gate'
    wait_until 30 grep -q one "$said/out"
    wait_until 30 grep -q two "$said/err"
    as node1 sh -c 'echo go >gate; rm gate'
    finish
    expect_status 0
}

@test "closed stdin, stdout, stderr" {
    run_as node1 bash -c "mpi-podman $image sh -c 'wc -c; echo alive' <&-"
    expect_healthy
    expect_output $'0\nalive'
    run_as node1 bash -c "mpi-podman $image sh -c 'echo alive >&2' >&-"
    expect_status 0
    equal "$stderr" alive
    run_as node1 bash -c "mpi-podman $image sh -c 'echo alive' 2>&-"
    expect_healthy
    expect_output alive
}

@test "what a rank says just before it ends is not lost, ten times" {
    local i
    for i in {1..10}; do
        run_here -np 4 mpi-podman "$image" printenv OMPI_COMM_WORLD_RANK
        expect_healthy
        equal "$(sort <<<"$output" | xargs)" '0 1 2 3' "job $i: what the ranks said"
    done
}

@test "a reader that goes away ends the rank" {
    run_as node1 bash -c "mpi-podman $image yes | head -n 1"
    expect_output y
}

@test "a process that the rank leaves behind does not keep the job" {
    run_job -np 2 mpi-podman "$image" sh -c 'sleep 1000 & setsid sleep 1001 & echo done'
    expect_healthy
    expect_output $'done\ndone'
}

@test "the files that are stdin and stdout stay their user's where the container cannot be set up" {
    run_as node1 sh -c 'echo text >in; mpi-podman "$@" true <in >out; stat -c "%n %U %G" in out; rm -f in out' sh \
        -v /etc/passwd:/usr "$image"
    expect_refusal 0 'Not a directory'
    expect_output $'in mpi mpi\nout mpi mpi'
}

@test "a file as stdin, and one as stdout" {
    run_as node1 bash -c "seq 10 >numbers; mpi-podman $image sh -c 'head -n 3' <numbers >three; cat three; rm numbers three"
    expect_healthy
    expect_output $'1\n2\n3'
}
