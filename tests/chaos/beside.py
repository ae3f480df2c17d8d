"""The second user's job, which is to come to its right end whatever becomes of the first one's."""
import subprocess
import tempfile

from labs import OTHER_HOME, OTHER_IMAGE
from strike import Strike

RANKS = 2
BOUND = 120  # seconds


class Beside:
    """Two ranks on node1 that say which they are."""

    def __init__(self, lab):
        self.out, self.err = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        argv = ["mpirun", "--host", "node1:1", "--oversubscribe", "--bind-to", "none", "-np", str(RANKS), "mpi-podman",
                OTHER_IMAGE, "/bin/sh", "-c", "sleep 0.5; echo rank $OMPI_COMM_WORLD_RANK"]
        self.process = subprocess.Popen(lab.user_argv("node1", argv, "other", OTHER_HOME), stdin=subprocess.DEVNULL,
                                        stdout=self.out, stderr=self.err, env=lab.environment, start_new_session=True)

    def problems(self):
        """What is wrong with it, when it has ended."""
        try:
            status = self.process.wait(BOUND)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return [f"the second user's job hangs: more than {BOUND} s"]
        said = {}
        for name, file in (("out", self.out), ("err", self.err)):
            file.seek(0)
            said[name] = file.read()
        lines = sorted(said["out"].splitlines())
        if status != 0 or lines != [f"rank {rank}" for rank in range(RANKS)] or said["err"]:
            return [f"the second user's job: status {status}, {said['out']!r}, {said['err']!r}"]
        return []


class SecondUser(Strike):
    def strike(self, running):
        self.beside = Beside(self.lab)
        return True

    def problems(self):
        return self.beside.problems() if hasattr(self, "beside") else []
