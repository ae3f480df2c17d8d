"""The kinds of fault: which jobs each can strike, and what is expected of those jobs then."""
from dataclasses import dataclass

PMIX_LAUNCHERS = ("mpirun", "srun-pmix")
IN_NODE = ("node", "linger")
CONTROL = "none (control)"


@dataclass(frozen=True)
class Kind:
    name: str
    strikes: str  # what in strikes.py does it
    target: str = ""
    launchers: tuple = ()  # those of the jobs it can strike; empty: any
    modes: tuple = ()
    bridge: str = ""
    nodes: int = 0
    ranks_do: tuple = ()
    weight: float = 1.0
    completes: bool = False  # the job comes to its right end all the same, if its ranks end by themselves
    waits: bool = False  # the job may have to be asked to end
    named: bool = False  # where the job fails, a line of mpi-podman's says why


def of_process(name, **needs):
    """Its SIGKILL, and its SIGSTOP with a SIGCONT some time later: which no job has to mind."""
    of_kill = {word: needs.pop(word) for word in ("completes", "named", "waits") if word in needs}
    return [Kind(f"SIGKILL {name}", "kill", name, **of_kill, **needs),
            Kind(f"SIGSTOP, SIGCONT {name}", "stop", name, completes=True, **{**needs, "weight": 0.5})]


SRUN = ("srun-pmix", "srun-pmi2")
ALL = [
    *of_process("mpirun", launchers=("mpirun",)),
    *of_process("orted", launchers=("mpirun",), nodes=2),
    *of_process("sshd", launchers=("mpirun",), nodes=2),  # Hydra waits for ever then, natively
    *of_process("mpiexec.hydra", launchers=("hydra",)),
    *of_process("hydra_pmi_proxy", launchers=("hydra",)),
    *of_process("srun", launchers=SRUN),
    *of_process("slurmstepd", launchers=SRUN, waits=True),  # srun goes on without it, natively
    *of_process("wrapper"),
    *of_process("rank-keeper", modes=IN_NODE),
    *of_process("agent", modes=IN_NODE, named=True),
    *of_process("podman", named=True),
    *of_process("conmon", named=True),
    *of_process("crun", named=True),
    # Not where the launcher may kill the wrappers too: README.md, what is not done.
    *of_process("job-janitor", completes=True, ranks_do=("ring",)),
    *of_process("container-keeper", modes=("linger",), completes=True),
    *of_process("rank-guard", modes=("per-rank",), completes=True),
    *of_process("pmi-server", bridge="pmi-server", named=True),
    *of_process("pmix-server", bridge="pmix-server", named=True),
    *of_process("rank"),
    Kind("network cut and restored", "cable", nodes=2, weight=1.5, completes=True),
    Kind("interface down and up", "interface", nodes=2),
    Kind("full /tmp", "full", "/tmp", weight=1.5, named=True),
    Kind("full /dev/shm", "full", "/dev/shm"),
    Kind("full runtime directory", "full", "/run/user/7411", weight=1.5, named=True),
    Kind("full ~/.cache", "full", "/home/mpi/.cache", launchers=("hydra", *SRUN, "none"), named=True),
    Kind("read-only home", "read_only", "/home", named=True),
    Kind("ENOMEM from the start", "limit_at_start", "as", weight=1.5, named=True),
    Kind("EMFILE from the start", "limit_at_start", "nofile", weight=1.5, named=True),
    Kind("EAGAIN from the start", "limit_at_start", "nproc", named=True),
    Kind("ENOMEM later", "limit_later", "as", named=True),
    Kind("EMFILE later", "limit_later", "nofile", named=True),
    Kind("EAGAIN later", "limit_later", "nproc", named=True),
    Kind("clock forward, by files' times", "times", "2 hours ago", completes=True),
    Kind("clock back, by files' times", "times", "2 hours", completes=True),
    Kind("podman is slow", "podman", "slow", completes=True),
    Kind("podman hangs", "podman", "hangs", waits=True),
    Kind("podman says garbage", "podman", "garbage", weight=1.5, named=True),
    Kind("podman fails silently", "podman", "fails", weight=1.5, named=True),
    Kind("podman dies", "podman", "dies", weight=1.5, named=True),
    Kind("image removed", "remove_image", weight=1.5, named=True),
    Kind("two users at once", "second_user", ranks_do=("ring",), completes=True),
]
KINDS = {kind.name: kind for kind in ALL}
