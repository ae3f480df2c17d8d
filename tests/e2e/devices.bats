# GPUs by CDI specifications, and interconnects. What stands for their devices is made in the nodes' own /dev: a device
# that reads as empty, as /dev/null does; what stands for the driver's library answers with two GPUs.

load lib

cdi=/etc/cdi
driver=/usr/lib/x86_64-linux-gnu/libcuda.so.1

setup_file() {
    need_lab
    on node1 mkdir -p "$cdi" /usr/local/lib/driver
    on node1 gcc -shared -fPIC -o "/usr/local/lib/driver/libcuda.so.1" -x c - <<'END'
#include <stdio.h>
int cuInit(unsigned flags) { return (int)flags; }
int cuDeviceGetCount(int *count) { *count = 2; return 0; }
int cuDeviceGetName(char *name, int room, int device) { snprintf(name, room, "Test GPU %d", device); return 0; }
END
    make_devices gpu-test0 gpu-test1 gpu-test-control
    as node1 mpicc -O1 -o programs/gpus /src/examples/gpu/gpus.c -ldl
}

setup() { specify; }

teardown() {
    on node1 rm -rf /dev/infiniband
    expect_nothing_left
}

teardown_file() {
    on node1 sh -c "rm -rf $cdi /usr/local/lib/driver /dev/gpu-test*"
    as node1 rm -f programs/gpus
}

make_devices() { # make_devices NAME...
    local name
    for name; do on node1 mknod -m 0666 "/dev/$name" c 1 3; done
}

# As nvidia-ctk writes it, on node1 alone. KEYS are one mount's, besides; without a type, crun 1.8.1 breaks down
# over a second container of a job.
specify() { # specify [KEYS]
    on node1 tee "$cdi/nvidia.yaml" >/dev/null <<END
---
cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
- name: "0"
  containerEdits: {deviceNodes: [{path: /dev/gpu-test0}]}
- name: "1"
  containerEdits: {deviceNodes: [{path: /dev/gpu-test1}]}
- name: all
  containerEdits: {deviceNodes: [{path: /dev/gpu-test0}, {path: /dev/gpu-test1}]}
containerEdits:
  env: [GPUS_OF=the-specification]
  deviceNodes: [{path: /dev/gpu-test-control}]
  mounts:
  - {hostPath: /usr/local/lib/driver/libcuda.so.1, containerPath: $driver, options: [ro, bind]${1:-}}
END
}

gpus_seen() { # gpus_seen OPTION...: the devices of a rank, in one line
    as node1 mpi-podman "$@" "$image" sh -c 'cd /dev && echo gpu-test*'
}

@test "the GPUs of a specification are there without a word: devices, variables, the driver's library" {
    run_here -np 2 mpi-podman "$image" "$programs/gpus"
    expect_healthy
    equal "$(sort <<<"$output")" 'rank 0 of 2 on node1: 2 GPUs: Test GPU 0, Test GPU 1
rank 1 of 2 on node1: 2 GPUs: Test GPU 0, Test GPU 1'
    run_as node1 mpi-podman "$image" sh -c 'echo $GPUS_OF; cat /dev/gpu-test1'
    expect_healthy
    expect_output 'the-specification'
    equal "$(gpus_seen --per-rank)" 'gpu-test-control gpu-test0 gpu-test1'
}

@test "so many, all, or none; for two options in one job each container has its own" {
    equal "$(gpus_seen --gpus=1)" 'gpu-test-control gpu-test0'
    equal "$(gpus_seen --gpus=1 --per-rank)" 'gpu-test-control gpu-test0'
    equal "$(gpus_seen --gpus=all)" 'gpu-test-control gpu-test0 gpu-test1'
    equal "$(gpus_seen --gpus=none)" 'gpu-test*'
    specify ', type: bind'
    run_here -np 1 mpi-podman --gpus=none "$image" sh -c 'ring; echo /dev/gpu-test*' : \
        -np 1 mpi-podman --gpus=1 "$image" sh -c 'ring; echo /dev/gpu-test[0-9]'
    expect_healthy
    equal "$(grep /dev <<<"$output" | sort)" '/dev/gpu-test*
/dev/gpu-test0'
    grep -qx 'ring complete: 2 ranks' <<<"$output" || report 'one ring'
}

@test "more than there are are refused, once for the node that has too few" {
    run_here -np 2 mpi-podman --gpus=3 "$image" true
    expect_refusal 125 '--gpus=3: this node has 2 \(/etc/cdi/nvidia.yaml\)'
    run_job -np 4 mpi-podman --gpus=all "$image" true
    expect_refusal 125 '--gpus=all: no CDI specification .* names a GPU .*nvidia-ctk cdi generate' node2
    run_as node1 mpi-podman --per-rank --gpus=3 "$image" true
    expect_refusal 125 '--gpus=3: this node has 2'
}

@test "without a GPU the example says so" {
    run_as node1 mpi-podman --gpus=none "$image" "$programs/gpus"
    expect_healthy
    expect_output 'rank 0 of 1 on node1: no GPU (libcuda.so.1: cannot open shared object file: No such file or directory)'
}

@test "a specification that is out of date is said to be; one that cannot be read stops nobody" {
    on node1 sed -i 's/gpu-test-control/gpu-test-gone/' "$cdi/nvidia.yaml"
    run_here -np 2 mpi-podman "$image" true
    expect_refusal 125 'CDI specification of its GPUs does not hold.*nvidia-ctk cdi generate.*--gpus=none'
    on node1 tee "$cdi/nvidia.yaml" >/dev/null <<<'kind: {'
    run_here -np 2 mpi-podman --log-level=warn "$image" ring
    expect_status 0
    expect_words "GPUs: $cdi/nvidia.yaml: "
    run_here -np 2 mpi-podman --gpus=all "$image" ring
    expect_refusal 125 "--gpus=all: a specification of this node cannot be read: $cdi/nvidia.yaml"
}

@test "an interconnect's devices are there, with the memory that it may lock; not with --fabric=none" {
    on node1 mkdir /dev/infiniband
    make_devices infiniband/uverbs0
    local mode seen='cat /dev/infiniband/uverbs0 && echo there; ulimit -S -l'
    local hard
    hard=$(as node1 sh -c 'ulimit -H -l')
    for mode in --per-rank=no --per-rank; do
        run_as node1 sh -c "ulimit -S -l 48; exec mpi-podman $mode --gpus=none $image sh -c '$seen'"
        expect_healthy
        expect_output "there"$'\n'"$hard"
        run_as node1 sh -c "ulimit -S -l 48; exec mpi-podman $mode --gpus=none --ulimit=memlock=40960 $image sh -c '$seen'"
        expect_output $'there\n40'
        run_as node1 sh -c "ulimit -S -l 48; exec mpi-podman $mode --gpus=none --fabric=none $image sh -c 'ls /dev; ulimit -S -l'"
        [[ $output != *infiniband* && $output == *$'\n48' ]] || report 'no device, and the limit of outside'
    done
}

@test "--check names them, and tells of little memory to lock" {
    on node1 mkdir /dev/infiniband
    make_devices infiniband/uverbs0
    run_as node1 sh -c "ulimit -l 48; exec mpi-podman --check $image ring"
    expect_status 0
    [[ $output == *'/dev/infiniband'* && $output == *"nvidia.com/gpu: 0, 1, all ($cdi/nvidia.yaml)"* ]] || report 'both'
    [[ $output == *'locked memory is limited to 48 kB here'* ]] || report 'the limit'
    run_as node1 mpi-podman --check --gpus=3 "$image" ring
    expect_status 1
    [[ $output == *'--gpus=3: this node has 2'* ]] || report 'the reason'
}
