# shellcheck shell=bash
# Names, addresses and paths of the lab, shared by `lab` (on the host) and `node` (each node's start).
# shellcheck source-path=SCRIPTDIR disable=SC2034  # what is set here is used by the files that read it

lab_src=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=../images/lib.sh
. "$lab_src/../images/lib.sh"

lab_dir=/run/mpi-podman-lab
cgroup_dir=$lab_dir/cgroup/mpi-podman-lab
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

# The nodes' system: the name keys the image stores, because two releases' podmans do not share one.
root_name() {
    local root
    root=$(<"$lab_dir/root")
    if [[ -n $root ]]; then
        basename -- "$root"
    else
        printf 'host-%s-%s\n' "$(os_release ID)" "$(os_release VERSION_ID)"
    fi
}
