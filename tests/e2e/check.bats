# --check: what will run, with which MPI, before anything is started. The host is Debian bookworm with Open MPI 4.1.4
# and MPICH 4.0.2.

load lib

mpich_ring=localhost/mpi-podman/ring-mpich-bookworm
bullseye=localhost/mpi-podman/ring-openmpi-bullseye

setup_file() {
    need_lab
    build_image_without_mpi
}

teardown_file() { remove_images; }

check() { run_as --cwd "$programs" node1 mpi-podman --check "$@"; }

expect_page() { # expect_page TEXT...: stdout holds each of them
    local text
    for text; do [[ $output == *"$text"* ]] || report "expected on the page: $text"; done
}

# The strategies' outcomes and what is recommended, as JSON tells: expect_verdict IMAGE BRIDGE HOST RECOMMENDED ARG...
expect_verdict() {
    local wanted="$1 $2 $3 $4" said
    shift 4
    run_as --cwd "$programs" node1 mpi-podman --check=json "$@"
    expect_silence
    said=$(python3 -c 'import json, sys
report = json.load(sys.stdin)
print(*[s["outcome"] for s in report["strategies"]], report["recommended"])' <<<"$output")
    equal "$said" "$wanted" "verdicts of $*"
}

# The command line that JSON gives for a strategy, a word a line.
line_of() { # line_of STRATEGY <JSON
    python3 -c 'import json, sys
for s in json.load(sys.stdin)["strategies"]:
    if s["strategy"] == sys.argv[1] and s["command_line"]: print(*s["command_line"], sep="\n")' "$1"
}

@test "an image with the host's Open MPI: facts of both sides, and directly" {
    check "$image" ring
    expect_healthy
    expect_page 'the image  ' 'this host, node1' 'glibc 2.36' 'Open MPI 4.1.4, libmpi.so.40 (40.30.4)' \
        'mpirun (Open MPI 4) 4.1.4, offers PMIx: /usr/bin/mpirun' 'also mpiexec (Hydra) 4.0.2' 'x86_64' \
        "the image's MPI: works (recommended)" '$ mpirun -np 2 mpi-podman localhost/mpi-podman/ring ring' \
        "the host's MPI: works" '$ mpirun -np 2 mpi-podman --mpi=host localhost/mpi-podman/ring ring'
    expect_verdict works cannot works image "$image" ring
    expect_verdict works cannot works image "$image" ./library
}

@test "within a shell that a launcher started, whose sockets do not come with its variables" {
    run_as node1 env PMI_FD=99 PMI_RANK=0 PMI_SIZE=1 mpi-podman --check "$image" ring
    expect_status 0
    run_as node1 env PMI_FD=99 PMI_RANK=0 PMI_SIZE=1 mpi-podman "$image" ring
    expect_refusal 125 'PMI_FD=99 is no open socket'
}

@test "what it recommends runs, word for word" {
    local words
    for name in "$image" "$mpich_ring"; do
        for launcher in 'mpirun --host node1:2 -np 2' 'mpiexec.hydra -np 2'; do
            for strategy in image bridge host; do
                run_as --cwd "$programs" node1 mpi-podman --check=json --launcher "$launcher" "$name" ring
                expect_status 0
                mapfile -t words < <(line_of "$strategy" <<<"$output")
                ((${#words[@]})) || continue
                equal "${words[*]:0:2}" "$(cut -d ' ' -f 1,2 <<<"$launcher")"
                run_as --cwd "$programs" node1 "${words[@]}"
                expect_status 0
                expect_ring 2 node1=2
            done
        done
    done
}

@test "an image with MPICH: over a bridge, and directly under its own launcher" {
    expect_verdict cannot works works bridge "$mpich_ring" ring
    expect_verdict works cannot works image --launcher mpiexec.hydra "$mpich_ring" ring
    expect_verdict works cannot works image --launcher 'srun --mpi=pmi2' "$mpich_ring" ring
    expect_verdict cannot works works bridge --launcher 'srun --mpi=pmix' "$mpich_ring" ring
    run_here -np 3 mpi-podman --check "$mpich_ring" ring # under a launcher that one is meant; one rank speaks
    expect_healthy
    equal "$(grep -c '(recommended)' <<<"$output")" 1 pages
    expect_page 'around this check' "over a bridge: works (recommended)"
}

@test "a C library too old for a program of the host's: with the host's MPI and its C library, as it then runs" {
    expect_verdict works cannot caveat image "$bullseye" ring
    expect_verdict cannot cannot caveat host "$bullseye" ./library
    check "$bullseye" ./library
    expect_healthy
    expect_page 'glibc 2.31' 'library needs GLIBC_2.34 of libc.so.6: the image has glibc 2.31' 'to do: build it in the image' \
        "the host's MPI: works with a caveat (recommended)"
    run_as --cwd "$programs" node1 mpirun --host node1:1 -np 1 mpi-podman "$bullseye" ./library
    expect_status 1
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman --mpi=host "$bullseye" ./library
    expect_healthy
    equal "$(grep -c '^rank . of 2: Open MPI v4.1.4' <<<"$output")" 2 ranks
    check "$bullseye" ./no-such-program
    expect_status 1
    expect_page 'Nothing of this can run here'
}

@test "an image without MPI: the host's" {
    expect_verdict caveat cannot works host "$test_images/no-mpi"
    expect_verdict cannot cannot works host "$test_images/no-mpi" ./library
    check "$test_images/no-mpi" ./library
    expect_page 'libmpi.so.40 is not in the image' 'library needs it'
}

@test "a COMMAND that is not there, is not to be executed, or not to be read" {
    as node1 sh -c 'cd programs && cp library closed && chmod 0 closed && cp library dark && chmod 0111 dark'
    check "$image" no-such-program
    expect_status 1
    expect_page 'no-such-program is not there'
    check "$image" ./closed
    expect_status 1
    expect_page 'is no file that may be executed' 'chmod +x'
    expect_verdict caveat cannot caveat image "$image" ./dark
    run_as --cwd "$programs" node1 mpirun --host node1:2 -np 2 mpi-podman "$image" ./dark
    expect_healthy
    as node1 rm -f programs/closed programs/dark
}

@test "an image that is not here is one line, in JSON too, and nothing is pulled" {
    install_counting_podman
    for as in text json; do
        run_as node1 mpi-podman --podman counting-podman --check=$as localhost/no-such-image ring
        expect_refusal 125 'image localhost/no-such-image is not on this node; .*podman pull'
        expect_output ''
    done
    equal "$(asked node1 pull) $(asked node1 run)" '0 0'
}

@test "a launcher that is none, options for a check alone" {
    run_as node1 mpi-podman --check --launcher no-such-launcher "$image" ring
    expect_refusal 125 '--launcher: no-such-launcher is no program of this host'
    run_as node1 mpi-podman --launcher srun "$image" ring
    expect_refusal 2 '--launcher is for --check alone'
}

@test "nothing is started, nothing written, and podman is asked again only when something has changed" {
    local before
    install_counting_podman
    before=$(on node1 sh -c 'cd /home/mpi/.local/share/containers/storage && find overlay overlay-containers -newer /etc/hostname -type f | sort | md5sum')
    as node1 rm -rf .cache/mpi-podman-facts
    run_as node1 mpi-podman --podman counting-podman --check "$image" ring
    expect_healthy
    first=$output
    equal "$(asked node1 run) $(asked node1 create) $(asked node1 mount)" '0 0 0' 'containers and mounts'
    [[ $(asked node1 'image inspect') -ge 1 ]] || fail "podman was not asked"
    as node1 rm -f asked
    run_as node1 mpi-podman --podman counting-podman --check "$image" ring
    expect_healthy
    expect_output "$first"
    run_as node1 test ! -e asked
    expect_status 0
    as node1 podman tag "$image" "$test_images/other-name"
    run_as node1 mpi-podman --podman counting-podman --check "$image" ring
    expect_output "$first"
    [[ $(asked node1 'image inspect') -ge 1 ]] || fail "podman was not asked again"
    equal "$(on node1 sh -c 'cd /home/mpi/.local/share/containers/storage && find overlay overlay-containers -newer /etc/hostname -type f | sort | md5sum')" "$before" 'files of images and containers'
}

@test "JSON is JSON, with whatever bytes a name has" {
    run_as --cwd "$programs" node1 bash -c 'mpi-podman --check=json "$1" $'"'"'x\xff\x1b[1m'"'"' | python3 -m json.tool >/dev/null; echo "${PIPESTATUS[@]}"' bash "$image"
    expect_output '1 0'
    run_as --cwd "$programs" node1 bash -c 'mpi-podman --check "$1" $'"'"'x\xff\x1b[1m'"'"' | grep -c "^command *x??\[1m"' bash "$image"
    expect_output 1
}
