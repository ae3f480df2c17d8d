"""What every fault has: what it changes of the job's command before, what it does to it, what it undoes."""
import random

from labs import NODES


class Strike:
    def __init__(self, lab, job, kind, fault):
        self.lab, self.job, self.kind, self.fault = lab, job, kind, fault
        self.nodes = NODES[:job.nodes]
        self.image = ""  # in the place of the job's
        self.options = []  # of mpi-podman
        self.prefix = []  # words before mpi-podman
        self.environment = {}  # of the launcher
        self.what = ""  # was struck, in words, for who looks into a failure

    def dice(self):
        return random.Random(self.fault.chance)

    def prepare(self):
        """Before any job of the trial starts."""

    def begin(self):
        """Just before the job starts that is to be struck."""

    def strike(self, running):
        """While it runs. Whether anything was struck."""
        raise NotImplementedError

    def has_struck(self):
        """Asked when the job has ended, of what strikes by itself."""
        return False

    def is_like_a_rank(self):
        """Whether what struck cannot be told from a rank that ended so by itself, and said nothing."""
        return False

    def relieve(self):
        """As soon as it has ended, and before it is looked what was left."""

    def put_back(self):
        """At the very end."""

    def problems(self):
        """What else is wrong with it, of no job that was struck."""
        return []
