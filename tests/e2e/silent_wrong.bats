# A job of N must not become N jobs of one rank: where it would, mpi-podman says so and starts nothing.

load lib

setup_file() {
    need_lab
    install_counting_podman
}

setup() { as node1 rm -f asked; }

@test "a job of one cannot fall apart: the same image runs" {
    run_here -np 1 mpi-podman "$mpich_image" hostname
    expect_healthy
    expect_output node1
}

@test "--pmi=none: four programs that are no job" {
    run_job -np 4 mpi-podman --pmi=none "$mpich_image" hostname
    expect_healthy
    equal "$(sort <<<"$output" | uniq -c | xargs)" '2 node1 2 node2'
}

@test "a variable that every rank needs is missing" {
    run_job -np 2 env -u PMIX_RANK mpi-podman "$image" ring
    expect_refusal 125 '2 ranks, but its ranks would run as separate jobs.*PMIX_RANK missing' node1 node2
    expect_output ''
    run_here -np 2 mpi-podman --unsetenv OMPI_MCA_orte_hnp_uri "$image" ring
    expect_refusal 125 'OMPI_MCA_orte_hnp_uri missing'
    expect_output ''
    run_here -np 2 env -i PATH=/usr/bin:/bin OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 /usr/local/bin/mpi-podman "$image" ring
    expect_status 125
    expect_output ''
}

@test "a launcher's variable that holds nonsense is named" {
    local setting
    for setting in OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=two; do
        run_here -np 2 env "$setting" mpi-podman "$image" ring
        expect_status 125
        expect_output ''
        expect_words "mpi-podman: node1: " "${setting%=*}"
    done
}
