# What a rank finds around it: variables, umask, limits, groups.

load lib

setup_file() {
    need_lab
    # An image whose variables lie about the launcher.
    build_image liar <<'END_OF_FILE'
FROM localhost/mpi-podman/ring
ENV OMPI_COMM_WORLD_RANK=99 OMPI_COMM_WORLD_SIZE=1 PMIX_RANK=99 PMIX_NAMESPACE=liar MINE=image ONLY=image
ENV PMIX_SERVER_URI41=liar;tcp4://127.0.0.1:1 PMIX_SERVER_URI3=liar;tcp4://127.0.0.1:1 OMPI_MCA_ess=singleton
ENV PMI_FD=1 PMI_RANK=99 PMI_SIZE=1 PMI_PORT=127.0.0.1:1 PMI_ID=99 HYDI_CONTROL_FD=1 SLURM_PROCID=99 SLURM_JOB_ID=99
ENV PATH=/opt/ring:/usr/bin:/bin LD_PRELOAD=
END_OF_FILE
}

teardown_file() { remove_images; }

# The variables named, as NAME=VALUE, one a line: seen "ENV_OF_HOST..." "OPTION..." NAME...
seen() {
    local -a around options
    read -ra around <<<"$1"
    read -ra options <<<"$2"
    shift 2
    as node1 env "${around[@]}" mpi-podman "${options[@]}" "$test_images/liar" \
        sh -c 'for name; do env | grep "^$name=" || echo "no $name"; done' sh "$@"
}

@test "the launcher's variables win over the image's: the job is whole" {
    run_job -np 4 mpi-podman "$test_images/liar" ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
    run_job -np 2 mpi-podman "$test_images/liar" sh -c 'echo "$OMPI_COMM_WORLD_RANK $PMIX_RANK of $OMPI_COMM_WORLD_SIZE"'
    expect_healthy
    equal "$(sort <<<"$output")" $'0 0 of 2\n1 1 of 2'
}

# An image that was made of a container of a job has all of these.
@test "what a launcher says to its job is never taken from an image" {
    local option
    for option in '' --per-rank; do
        equal "$(seen '' "$option" PMI_FD PMI_RANK PMI_PORT HYDI_CONTROL_FD PMIX_NAMESPACE PMIX_SERVER_URI41 OMPI_COMM_WORLD_RANK \
            OMPI_MCA_ess SLURM_JOB_ID ONLY)" 'no PMI_FD
no PMI_RANK
no PMI_PORT
no HYDI_CONTROL_FD
no PMIX_NAMESPACE
no PMIX_SERVER_URI41
no OMPI_COMM_WORLD_RANK
no OMPI_MCA_ess
no SLURM_JOB_ID
ONLY=image'
        # And so it is a job of one rank by itself, as natively.
        # shellcheck disable=SC2086  # an option or none
        run_as node1 mpi-podman $option "$test_images/liar" ring
        expect_healthy
        expect_output $'rank 0 of 1 on node1\nring complete: 1 ranks'
    done
    run_as node1 mpi-podman -e PMI_RANK=5 "$test_images/liar" printenv PMI_RANK
    expect_output 5
    # Over a bridge too.
    run_as node1 mpiexec.hydra -n 2 mpi-podman "$test_images/liar" ring
    expect_healthy
    expect_ring 2 node1=2
}

@test "yours win over the image's; places of the host stay outside" {
    equal "$(seen 'MINE=mine LD_LIBRARY_PATH=/nowhere PYTHONPATH=/nowhere TMPDIR=/var/tmp SHELL=/nowhere' '' \
        MINE ONLY PATH LD_LIBRARY_PATH PYTHONPATH TMPDIR SHELL SSH_CONNECTION)" \
        'MINE=mine
ONLY=image
PATH=/opt/ring:/usr/bin:/bin
no LD_LIBRARY_PATH
no PYTHONPATH
no TMPDIR
no SHELL
no SSH_CONNECTION'
}

@test "HOME and TMPDIR pass where they are mounted" {
    equal "$(seen 'TMPDIR=/home/mpi/tmp' '' HOME TMPDIR)" $'HOME=/home/mpi\nTMPDIR=/home/mpi/tmp'
    equal "$(seen 'TMPDIR=/tmp' '--no-cwd -v /tmp:/tmp' TMPDIR)" 'TMPDIR=/tmp'
}

@test "--env, --unsetenv" {
    equal "$(seen 'A=1 B=2 C_1=x C_2=y' '-e A -e B=3 -e EMPTY= --env=PATH=/bin' A B EMPTY PATH)" \
        $'A=1\nB=3\nEMPTY=\nPATH=/bin'
    equal "$(seen 'A=1 C_1=x C_2=y' '--env-host=launcher -e C_*' A C_1 C_2)" $'no A\nC_1=x\nC_2=y'
    equal "$(seen 'A=1 MINE=mine' '--unsetenv A --unsetenv ONLY --unsetenv=MINE' A ONLY MINE)" $'no A\nno ONLY\nno MINE'
}

@test "--env-host=launcher, filtered, all" {
    equal "$(seen 'A=1 OMPI_MCA_x=y' '--env-host=launcher' A OMPI_MCA_x MINE)" $'no A\nOMPI_MCA_x=y\nMINE=image'
    equal "$(seen 'A=1 OMPI_MCA_x=y' '--env-host=filtered' A OMPI_MCA_x MINE)" $'A=1\nOMPI_MCA_x=y\nMINE=image'
    equal "$(seen 'A=1 MINE=mine PYTHONPATH=/nowhere PATH=/usr/local/bin:/usr/bin:/host' '--env-host' A MINE PYTHONPATH PATH)" \
        $'A=1\nMINE=mine\nPYTHONPATH=/nowhere\nPATH=/usr/local/bin:/usr/bin:/host'
    for which in launcher filtered all; do
        run_job -np 2 mpi-podman --env-host="$which" "$image" ring
        expect_healthy
        expect_ring 2 node1=1 node2=1
    done
}

@test "200 KB of it: newlines, '=', spaces, quotes, empty values, other alphabets" {
    run_as node1 bash -c 'for i in {1..200}; do export "BIG_$i=$(printf "%0900d" "$i")
 = \"q'\''\"  $i é漢 end=
"; done; export BIG_EMPTY="" BIG_EQUALS="a=b=c" BIG_NEWLINE="
" BIG_TAB="	"
        env -0 | grep -z "^BIG_" | sort -z >outside; mpi-podman "$1" env -0 | grep -z "^BIG_" | sort -z >inside
        wc -c <outside; cmp outside inside && echo same; rm outside inside' bash "$image"
    expect_healthy
    [[ ${output##*$'\n'} == same && ${output%%$'\n'*} -gt 180000 ]] || report "expected 180 KB or more, unchanged"
}

@test "bytes that are not UTF-8: a rank gets them; podman would change them, so --per-rank refuses" {
    run_as node1 bash -c 'export LATIN=$'\''caf\xe9'\''; mpi-podman "$1" printenv LATIN | od -An -tx1' bash "$image"
    expect_healthy
    expect_output ' 63 61 66 e9 0a'
    run_as node1 bash -c 'export LATIN=$'\''caf\xe9'\''; mpi-podman --per-rank "$1" true' bash "$image"
    expect_refusal 125 'variable LATIN .*not UTF-8.*--unsetenv LATIN'
    run_as node1 bash -c 'export LATIN=$'\''caf\xe9'\''; mpi-podman --per-rank --unsetenv LATIN "$1" true' bash "$image"
    expect_healthy
}

@test "names that no shell would take" {
    run_as node1 env 'a.b=1' 'c-d=2' 'BASH_FUNC_f%%=() { :; }' mpi-podman "$image" env
    expect_healthy
    equal "$(grep -E '^(a.b|c-d|BASH_FUNC)' <<<"$output" | sort)" $'a.b=1\nc-d=2'
}

@test "umask" {
    # The last takes the x of our own directories away, if nobody takes care.
    run_as node1 bash -c 'for mask in 0000 0027 0177; do umask $mask; mpi-podman "$1" sh -c umask; done' bash "$image"
    expect_healthy
    expect_output $'0000\n0027\n0177'
}

@test "limits, and --ulimit over them" {
    # -u: what rootless podman makes of the hard limit is its own affair where the user may not raise it.
    local all='for l in c d f l n s t v; do echo "$l $(ulimit -S$l) $(ulimit -H$l)"; done' outside
    outside=$(as node1 bash -c "ulimit -n 512; ulimit -Ss 4096; ulimit -c 0; ulimit -St 3600; $all")
    run_as node1 bash -c "ulimit -n 512; ulimit -Ss 4096; ulimit -c 0; ulimit -St 3600; mpi-podman $image bash -c '$all'"
    expect_healthy
    equal "$output" "$outside"
    run_as node1 mpi-podman --ulimit nofile=100:200 --ulimit core=0 "$image" bash -c 'ulimit -Sn; ulimit -Hn; ulimit -c'
    expect_healthy
    expect_output $'100\n200\n0'
}

@test "a low limit of open files is the rank's alone" {
    local files='ulimit -Sn; ulimit -Hn' outside
    outside=$(as node1 bash -c "ulimit -Sn 16; $files")
    run_as node1 bash -c "ulimit -Sn 16; mpi-podman $image bash -c '$files'"
    expect_healthy
    equal "$output" "$outside"
    # Where it cannot be raised, one line says so.
    run_as node1 bash -c "ulimit -n 8; mpi-podman $image true"
    expect_refusal 125 'ulimit -n'
}

@test "user, group, and what supplementary groups may read" {
    on node1 install -m 0640 -o root -g mpilab /dev/stdin /home/mpi/for-the-group <<<'read'
    run_as node1 mpi-podman "$image" sh -c 'id -u; id -g; cat for-the-group'
    on node1 rm /home/mpi/for-the-group
    expect_healthy
    expect_output $'7411\n7411\nread'
}
