"""The processes of a node, seen from outside it, and which of them are of a kind that a fault strikes."""
import os
import signal
from dataclasses import dataclass

OTHER_UID = 7412  # the lab's second user (tests/lab/common.sh), whose job no fault strikes
OTHER_PLACES = (f"-{OTHER_UID}/", f"/{OTHER_UID}/", "/home/other/")
PROGRAMS = {"ring", "hold", "hold-mpich"}


@dataclass(frozen=True)
class Process:
    pid: int
    name: str  # as in /proc/PID/comm: 15 bytes
    words: tuple


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def pids_in(cgroup):
    """Of a node: whatever it starts stays in its cgroup."""
    for directory, _, names in os.walk(cgroup):
        if "cgroup.procs" in names:
            yield from map(int, read(f"{directory}/cgroup.procs").split())


def processes_in(cgroup):
    found = []
    for pid in pids_in(cgroup):
        words = read(f"/proc/{pid}/cmdline")
        name = read(f"/proc/{pid}/comm").rstrip("\n")
        if words and name:
            found.append(Process(pid, name, tuple(words.rstrip("\0").split("\0"))))
    return sorted(found, key=lambda process: process.pid)


def pauses(process):
    """podman's one sleeping process for each user, which stays (tests/e2e/leftovers)."""
    return process.words[-1:] == ("-P",) or process.name in ("podman pause", "catatonit")


def is_named(name):
    return lambda process: process.name == name[:15]


# {kind: whether a process is one}
KINDS = {
    "mpirun": is_named("mpirun"),
    "orted": is_named("orted"),
    "sshd": lambda process: process.words[0].startswith("sshd: mpi"),
    "mpiexec.hydra": is_named("mpiexec.hydra"),
    "hydra_pmi_proxy": is_named("hydra_pmi_proxy"),
    "srun": is_named("srun"),
    "slurmstepd": is_named("slurmstepd"),
    "wrapper": lambda process: process.name == "mpi-podman" and process.words[0].endswith("mpi-podman"),
    "rank-keeper": is_named("rank-keeper"),
    "rank-guard": is_named("rank-guard"),
    "agent": lambda process: process.words[0].startswith("/run/podman-init"),
    "podman": lambda process: process.name == "podman" and not pauses(process),
    "conmon": is_named("conmon"),
    "crun": is_named("crun"),
    "job-janitor": is_named("job-janitor"),
    "container-keeper": is_named("container-keeper"),
    "pmi-server": is_named("pmi-server"),
    "pmix-server": is_named("pmix-server"),
    "rank": lambda process: process.name in PROGRAMS,
}


def is_others(process):
    """By its user, or where that is one of the second user's container by the places that its words name."""
    for line in read(f"/proc/{process.pid}/status").splitlines():
        if line.startswith("Uid:") and int(line.split()[1]) == OTHER_UID:
            return True
    return any(place in word for word in process.words for place in OTHER_PLACES)


def of_kind(kind, cgroup):
    return [process for process in processes_in(cgroup) if KINDS[kind](process) and not is_others(process)]


def is_at_rest(process):
    """What a node has when no job runs: its first process, sshd's listener, Slurm's daemons, podman's pause."""
    words = " ".join(process.words)
    return (pauses(process) or "/usr/sbin/sshd" in words or words.endswith("tests/lab/init")
            or process.name in ("munged", "slurmctld", "slurmd") or "slurmscriptd" in words)


def handle_on(process):
    """A pidfd, unless the number is another's by now."""
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:
        return None
    if read(f"/proc/{process.pid}/comm").rstrip("\n") != process.name:
        os.close(handle)
        return None
    return handle


def send(handle, number):
    """False where it has ended."""
    try:
        signal.pidfd_send_signal(handle, number)
        return True
    except ProcessLookupError:
        return False


def send_to(process, number):
    handle = handle_on(process)
    if handle is not None:
        send(handle, number)
        os.close(handle)
