"""What a job left on the nodes: processes, containers, files, sockets, mounts."""
import re
import subprocess
import time

import processes
from labs import LAB, NODES

# What Open MPI, MPICH, UCX and Slurm leave when they or their ranks are killed, natively too; and the places that
# podmans keep for themselves, the second user's with the process that pauses there.
NATIVE = re.compile(r": process \d+ \(S\): podman$|: file (/tmp/(ompi\.node|spmix_appdir_|pmix-)"
                    r"|/run/user/7411/(crun|libpod|containers|netns|podman)$"
                    r"|/dev/shm/(vader_segment|sm_segment|open_mpi|mpich_shar|ucx_shm|psm2_shm|sem\.)|/\S*7412(/|$))")
# And crun, of a container that it had no room to make: podman forgets it, run by hand too, and nobody knows its name; and
# podman with TMPDIR=/tmp, as Slurm has it, of an image that it had no room to look at.
NATIVE_WHERE_FULL = re.compile(r": (file|ours:) /\S*/crun/[0-9a-f]{64}$|: file /tmp/\d+$")
# What is ours below such a place first; then the rest, in the same process, which the script does not count.
LOOK = """
    find /tmp /dev/shm /run /var/spool/slurmd /var/tmp -name '*mpi-podman*' ! -name mpi-podman-sanitizer \\
        -printf 'ours: %p\\n' 2>/dev/null
    find /home/mpi/.cache/mpi-podman -mindepth 1 -printf 'ours: %p\\n' 2>/dev/null
    cd /run/user/7411 2>/dev/null && for path in crun/* libpod/tmp/exits/* containers/overlay-containers/*; do
        [ ! -e "$path" ] || echo "ours: $path"
    done
    exec bash /src/tests/e2e/leftovers "$@"
"""
CLEAR_NATIVE = """rm -rf /tmp/ompi.* /tmp/spmix_appdir_* /tmp/pmix-* /dev/shm/vader_segment.* /dev/shm/sm_segment.* \\
    /dev/shm/open_mpi* /dev/shm/mpich_shar* /dev/shm/ucx_shm* /dev/shm/psm2_shm* /dev/shm/sem.* \\
    /var/tmp/mpi-podman-sanitizer/*"""
CLEAR_WHERE_FULL = "rm -rf /tmp/podman-run-7411/crun/* /run/user/7411/crun/* /tmp/[0-9]*"
# LeakSanitizer starts a process to look for leaks, which a limit of processes may refuse: that is no finding.
NO_FINDING = re.compile(r"LeakSanitizer has encountered a fatal error|HINT: |failed to (clone|fork)|Failed spawning")
BEGINS = re.compile(r"\w+: (ours: |process |file |container |root's container |sanitizer report )")
MOUNT_OF_CONTAINER = re.compile(r"/overlay/\S+/merged |/userdata/shm ")


def without_no_findings(lines):
    """Without the sanitizers' reports that say nothing else than that."""
    blocks = []
    for line in lines:
        if blocks and "sanitizer report " in blocks[-1][0] and not BEGINS.match(line):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return [line for block in blocks for line in block
            if "sanitizer report " not in block[0] or not all(map(NO_FINDING.search, block[1:]))]


def on_both(lab, script, *words):
    started = [(node, subprocess.Popen([LAB, "exec", node, "sh", "-c", script, "sh", *words], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                       env=lab.environment)) for node in NODES]
    return {node: process.communicate(timeout=120)[0] for node, process in started}


class Leftovers:
    def __init__(self, lab):
        self.lab = lab
        self.sockets_at_rest = {node: self.sockets(node) for node in NODES}

    def sockets(self, node):
        """That have a name, be it a path or an abstract one."""
        lines = processes.read(f"/proc/{self.lab.first_pid(node)}/net/unix").splitlines()[1:]
        # Those without a flag of listening are connections to one of these.
        return {fields[7] for fields in map(str.split, lines) if len(fields) > 7 and fields[3] == "00010000"}

    def running(self, node):
        return [each for each in processes.processes_in(self.lab.cgroup(node)) if not processes.is_at_rest(each)]

    def mounts(self, node):
        """In the node, and in the mount linux namespaces that podman's pausing processes keep."""
        pids = [self.lab.first_pid(node)]
        pids += [each.pid for each in processes.processes_in(self.lab.cgroup(node)) if processes.pauses(each)]
        lines = {line.split()[4] for pid in pids for line in processes.read(f"/proc/{pid}/mountinfo").splitlines()
                 if MOUNT_OF_CONTAINER.search(line)}
        return sorted(lines)

    def look(self, ask_podman=False):
        said = on_both(self.lab, LOOK, *(["--ask-podman"] if ask_podman else []))
        lines = [f"{node}: {line}" for node in NODES for line in said[node].splitlines()]
        left = [line for line in without_no_findings(lines) if not NATIVE.search(line)]
        for node in NODES:
            left += [f"{node}: mount {mount}" for mount in self.mounts(node)]
            left += [f"{node}: socket {name}" for name in sorted(self.sockets(node) - self.sockets_at_rest[node])]
        return left

    def after(self, seconds, ask_podman=False, no_room=False):
        """What is still there after so long; asks less often than it looks. `no_room`: some place had been full."""
        def look():
            return [line for line in self.look(ask_podman) if not (no_room and NATIVE_WHERE_FULL.search(line))]

        until = time.monotonic() + seconds
        while any(map(self.running, NODES)) and time.monotonic() < until:
            time.sleep(0.05)
        left = look()
        while left and time.monotonic() < until:
            time.sleep(0.3)
            left = look()
        on_both(self.lab, CLEAR_NATIVE)
        if no_room and not left:
            on_both(self.lab, CLEAR_WHERE_FULL)
        return left
