# The image: its command, and how it gets to every node.

load lib

setup_file() {
    need_lab
    install_counting_podman
    build_image entry <<'END'
FROM localhost/mpi-podman/ring
ENTRYPOINT ["printf", "<%s>\n", "entry point"]
CMD ["command"]
END
    # "Pulls" from the node's own store: there is no registry.
    install_tool pulling-podman <<'END'
#!/bin/sh
echo "$(hostname) $*" >>/home/mpi/asked
for last; do :; done
[ "$1" != pull ] || exec podman tag localhost/mpi-podman/ring "$last"
exec podman "$@"
END
}

teardown_file() { remove_images; }

setup() { as node1 rm -f asked; }

@test "ENTRYPOINT and CMD" {
    run_as node1 mpi-podman "$test_images/entry"
    expect_healthy
    expect_output $'<entry point>\n<command>'
    run_as node1 mpi-podman "$test_images/entry" 'a b' -v --help
    expect_healthy
    expect_output $'<entry point>\n<a b>\n<-v>\n<--help>'
}

@test "--entrypoint: another, and none" {
    run_as node1 mpi-podman --entrypoint echo "$test_images/entry" words
    expect_healthy
    expect_output words
    run_as node1 mpi-podman --entrypoint '' "$test_images/entry" echo words
    expect_healthy
    expect_output words
    run_job -np 4 mpi-podman --entrypoint= "$test_images/entry" ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
}

@test "a missing image is pulled once on each node, not once for each rank" {
    run_job -np 4 mpi-podman --podman pulling-podman "$test_images/pulled" ring
    expect_healthy
    expect_ring 4 node1=2 node2=2
    equal "$(asked node1 pull) $(asked node2 pull)" '1 1'
    run_job -np 2 mpi-podman --podman pulling-podman "$test_images/pulled" ring
    expect_healthy
    equal "$(asked node1 pull) $(asked node2 pull)" '1 1'
}

@test "an image that cannot be pulled: one line and one try on each node" {
    run_job -np 4 mpi-podman --podman counting-podman localhost/no/such:image ring
    expect_refusal 125 'image localhost/no/such:image is not here and cannot be pulled' node1 node2
    equal "$(asked node1 pull) $(asked node2 pull)" '1 1'
    # It tried once without pulling: the image is nearly always there, and to ask first would cost each job.
    equal "$(asked node1 run) $(asked node2 run)" '1 1'
}

@test "--pull=never, always" {
    run_as node1 mpi-podman --pull=never --podman pulling-podman "$test_images/absent" true
    expect_refusal 125 'image .*/absent is not on this node'
    equal "$(asked node1 pull)" 0
    run_job -np 4 mpi-podman --pull=always --podman pulling-podman "$test_images/pulled" ring
    expect_healthy
    equal "$(asked node1 pull) $(asked node2 pull)" '1 1'
}

@test "an image by its id, and by its short name" {
    run_as node1 mpi-podman "$(as node1 podman image inspect --format '{{.Id}}' "$image")" ring
    expect_healthy
    expect_ring 1 node1=1
    run_as node1 mpi-podman mpi-podman/ring ring
    expect_healthy
    expect_ring 1 node1=1
}

@test "two images in one job" {
    run_as node1 mpirun --host node1:2 -np 1 mpi-podman "$test_images/entry" : -np 1 mpi-podman "$image" hostname
    expect_healthy
    equal "$(sort <<<"$output")" $'<command>\n<entry point>\nnode1'
    run_as node1 mpirun --host node1:2 -np 1 mpi-podman --entrypoint= "$test_images/entry" ring : -np 1 mpi-podman "$image" ring
    expect_healthy
    expect_ring 2 node1=2
}
