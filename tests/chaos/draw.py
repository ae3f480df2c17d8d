"""What a seed stands for: the jobs of a run, the faults that strike each, and when. Pure: no node is looked at."""
import random
from dataclasses import dataclass, field

from kinds import CONTROL, KINDS, PMIX_LAUNCHERS

FAMILY = {"ring-openmpi-bookworm": "Open MPI", "ring-openmpi-trixie": "Open MPI",
          "ring-mpich-bookworm": "MPICH", "ring-mpich-trixie": "MPICH"}
LAUNCHERS = ("mpirun", "mpirun", "mpirun", "hydra", "srun-pmix", "srun-pmi2", "none")
MODES = ("node", "node", "node", "per-rank", "linger")
RANKS_OF = ("ring", "ring", "hold", "stubborn")
CONTROL_EACH = 10  # jobs: one without a fault
BESIDE = 0.12  # how often the second user runs a job at the same time


@dataclass(frozen=True)
class Fault:
    kind: str
    after: float  # seconds from the job's start; what the fault strikes may come later
    chance: float  # 0 to 1: all that the kind has to choose


@dataclass
class Job:
    number: int
    launcher: str = ""
    nodes: int = 1
    ranks: int = 1
    image: str = ""
    mode: str = ""
    ranks_do: str = ""
    pause: float = 0  # before a ring: time in which something can happen
    beside: bool = False
    warm: bool = False  # a container waits already (--linger)
    faults: list = field(default_factory=list)

    @property
    def family(self):
        return FAMILY[self.image]

    @property
    def bridge(self):
        """What stands between launcher and image (README.md, "Any launcher, any MPI in the image")."""
        if self.launcher == "none" or (self.launcher in PMIX_LAUNCHERS) == (self.family == "Open MPI"):
            return ""
        return "pmi-server" if self.launcher in PMIX_LAUNCHERS else "pmix-server"


def suits(job, kind):
    return ((not kind.launchers or job.launcher in kind.launchers) and (not kind.modes or job.mode in kind.modes)
            and (not kind.bridge or job.bridge == kind.bridge) and (not kind.nodes or job.nodes == kind.nodes)
            and (not kind.ranks_do or job.ranks_do in kind.ranks_do))


def can_be(job):
    """What works without a fault too (tests/lab/README.md says what does not, without a container)."""
    if job.nodes == 2:
        return (job.launcher != "none" and job.image != "ring-mpich-bookworm" and job.ranks % 2 == 0
                and not (job.launcher == "srun-pmix" and job.family == "Open MPI" and job.ranks > 2))
    if job.launcher == "none":
        return job.ranks == 1
    # MPICH's ranks do not yield the core while they wait.
    return job.family == "Open MPI" or job.ranks <= 4


def any_job(number, dice):
    while True:
        job = Job(number, dice.choice(LAUNCHERS), dice.choice((1, 2)), dice.randint(1, 8), dice.choice(list(FAMILY)),
                  dice.choice(MODES), dice.choice(RANKS_OF), dice.choice((0, 0.4, 0.8)))
        if can_be(job):
            return job


def draw(seed, number):
    """Job `number` of a seed, whatever became of those before it."""
    dice = random.Random(f"{seed}/{number}")
    if number % CONTROL_EACH == CONTROL_EACH - 1:
        job = any_job(number, dice)
        job.ranks_do, job.faults = "ring", [Fault(CONTROL, 0, 0)]
        return job
    kind = dice.choices(list(KINDS.values()), [kind.weight for kind in KINDS.values()])[0]
    while True:
        job = any_job(number, dice)
        if suits(job, kind):
            break
    job.faults = [Fault(kind.name, round(dice.choice((0, dice.random(), 1.5 * dice.random())), 3), dice.random())]
    job.beside = dice.random() < BESIDE and kind.target != "/tmp"  # which is full for everybody
    job.warm = job.mode == "linger" and kind.strikes != "podman" and dice.random() < 0.6
    if kind.completes and job.ranks_do == "ring":
        job.pause = max(job.pause, 0.8)
    return job
