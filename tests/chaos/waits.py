"""What waits for ever without a container too, and is no hang of ours: README.md, "Bounds"."""
from dataclasses import dataclass

import commands

OF_MPIRUN = ("mpirun", "orted", "ssh", "sshd", "nsenter")
LINGERING = ("container-keepe", "conmon", "podman-init")


@dataclass(frozen=True)
class Seen:
    """Of a job that goes on."""
    job: object
    kind: object
    what: str  # was struck
    out: str
    err: str
    names: tuple  # of the processes on its nodes


def only_mpirun(seen):
    """For a rank that was killed amid its first words to PMIx, or found no room in /tmp. It does not end when asked; and
    over two nodes it may not have told the other's orted, nor have ended all ranks of its own, where it found no room."""
    expected = OF_MPIRUN + (LINGERING if seen.job.mode == "linger" else ())
    told_nobody = seen.job.nodes == 2 and commands.NO_ROOM in seen.err and "orted" in seen.names
    return (seen.job.launcher == "mpirun" and any(words in seen.err for words in commands.MPIRUN_STUCK)
            and (told_nobody or all(name in expected for name in seen.names)))


def slurm_lacks_a_rank(seen):
    """It could not start one, says so, and leaves the others waiting for it: ours of that node never ran."""
    return seen.job.launcher.startswith("srun") and commands.NOT_LAUNCHED in seen.err


def hydra_lost_a_rank(seen):
    """Over two nodes it says so, and may wait for ranks that nobody ended; of one that ended before its first word to
    PMI, as where a limit has a wrapper say why it cannot go on, or the rank's own loader, it takes no notice."""
    if seen.job.launcher != "hydra":
        return False
    says_so = any(map(commands.HYDRA_STUCK.search, (seen.out, seen.err)))
    limited = seen.kind is not None and seen.kind.strikes in ("limit_at_start", "limit_later")
    why = commands.is_ours(seen.err) or commands.LOADER_SAYS in seen.err
    ended_early = (limited and why and not says_so and not commands.RING.search(seen.out)
                   and seen.names.count("mpi-podman") < seen.job.ranks)
    return ended_early or seen.job.nodes == 2 and says_so


def limited_podman(seen):
    """Of a limit that it met in the middle of its work."""
    return (seen.kind is not None and seen.kind.strikes == "limit_later" and seen.what.startswith("podman ")
            and "podman" in seen.names)


def natively(seen):
    return any(waits(seen) for waits in (only_mpirun, slurm_lacks_a_rank, hydra_lost_a_rank, limited_podman))
