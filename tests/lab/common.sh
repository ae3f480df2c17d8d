# shellcheck shell=bash
# Names, addresses and paths of the lab, shared by `lab` (on the host) and `node` (each node's start).
# shellcheck source-path=SCRIPTDIR disable=SC2034  # what is set here is used by the files that read it

lab_src=${BASH_SOURCE[0]%/*}
# shellcheck source=../images/lib.sh
. "${lab_src%/lab}/images/lib.sh"

# MPI_PODMAN_LAB names a lab beside the one without a name, for what runs at the same time.
[[ ${MPI_PODMAN_LAB:=} =~ ^[a-z0-9]*$ ]] || die "MPI_PODMAN_LAB=$MPI_PODMAN_LAB: a name of a-z and 0-9, or none"
lab_name=mpi-podman-lab${MPI_PODMAN_LAB:+-$MPI_PODMAN_LAB}
lab_dir=/run/$lab_name
cgroup_dir=$lab_dir/cgroup/$lab_name
subnet=10.71.0

# The unprivileged user exists in the nodes only. Its ids are fixed, because the image stores that
# outlive a lab belong to them, and high, so that they meet no account of the host.
lab_user=mpi
lab_uid=7411
lab_group=mpilab
lab_gid2=7412
subid_first=400000000
# Another ordinary user, who runs no jobs.
lab_other=other
lab_other_uid=7412
lab_other_gid=7413

node_dir() { printf '%s/nodes/%s\n' "$lab_dir" "$1"; }
node_address() { printf '%s.%s\n' "$subnet" "${1#node}"; }

# store_dir NODE: its image store. Two releases' podmans do not share one, nor do two labs.
store_dir() {
    local root
    root=$(<"$lab_dir/root")
    root=${root:-host-$(os_release ID)-$(os_release VERSION_ID)}
    printf '%s/stores/%s/%s\n' "$(cache_dir)" "${root##*/}${MPI_PODMAN_LAB:+-$MPI_PODMAN_LAB}" "$1"
}
