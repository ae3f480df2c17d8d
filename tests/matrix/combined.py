"""What is combined: launchers, and images."""
from dataclasses import dataclass
from typing import Callable

from measure.lab import cores_for


def open_mpi(nodes, ranks, settings):
    """As in the benchmarks: as many slots as there are cores, or ranks that wait would keep others from running."""
    hosts = ",".join(f"node{number}:{cores_for(nodes)}" for number in range(1, nodes + 1))
    passed = [word for name, value in settings.items() for word in ("-x", f"{name}={value}")]
    return ["mpirun.openmpi", "--host", hosts, "--oversubscribe", "--map-by", "node", "--bind-to", "none",
            "-np", str(ranks), *passed]


def hydra(nodes, ranks, settings):
    hosts = ",".join(f"node{number}" for number in range(1, nodes + 1))
    passed = [word for name, value in settings.items() for word in ("-genv", name, value)]
    return ["mpiexec.hydra", "-hosts", hosts, "-ppn", str(ranks // nodes), "-n", str(ranks), *passed]


def slurm(kind):
    def words(nodes, ranks, settings):
        """srun passes its environment. Slurm knows of fewer CPUs in a node than some jobs here have ranks."""
        spread = ["--overcommit"] if nodes == 1 else [f"--ntasks-per-node={ranks // nodes}"]
        return ["env", *(f"{name}={value}" for name, value in settings.items()), "srun", "--quiet", f"--mpi={kind}",
                f"--nodes={nodes}", f"--ntasks={ranks}", *spread]
    return words


@dataclass(frozen=True)
class Launcher:
    name: str
    system: str  # of the lab that has it: this machine's, or a bootstrapped release
    speaks: str
    words: Callable


LAUNCHERS = {
    "mpirun4": Launcher("mpirun 4.1.4", "host", "PMIx", open_mpi),
    "mpirun5": Launcher("mpirun 5.0.7", "trixie", "PMIx", open_mpi),
    "hydra": Launcher("Hydra 4.0.2", "host", "PMI", hydra),
    "srun-pmix": Launcher("srun --mpi=pmix", "host", "PMIx", slurm("pmix")),
    "srun-pmi2": Launcher("srun --mpi=pmi2", "host", "PMI", slurm("pmi2")),
}

# What makes an MPI use TCP within a node.
TCP = {
    "Open MPI": {"OMPI_MCA_btl": "self,tcp"},
    # The first for MPICH's own shared memory, the second for that of UCX below it.
    "MPICH": {"MPIR_CVAR_NOLOCAL": "1", "UCX_TLS": "tcp,self"},
}
SPEAKS = {"Open MPI": "PMIx", "MPICH": "PMI"}


@dataclass(frozen=True)
class Image:
    family: str
    version: str
    release: str

    @property
    def name(self):
        return f"{self.family} {self.version} {self.release}"

    @property
    def key(self):
        """As tests/images calls it."""
        return f"{self.family.replace(' ', '').lower()}-{self.release}"

    def with_program(self, program):
        return f"{program}-{self.key}"


IMAGES = {image.key: image for image in (
    Image("Open MPI", "4.1.0", "bullseye"), Image("Open MPI", "4.1.4", "bookworm"),
    Image("Open MPI", "5.0.7", "trixie"),
    Image("MPICH", "3.4.1", "bullseye"), Image("MPICH", "4.0.2", "bookworm"), Image("MPICH", "4.2.1", "trixie"))}


def is_bridged(launcher, image):
    return launcher.speaks != SPEAKS[image.family]


def in_container(name):
    """mpi-podman's words before the program's."""
    return ["mpi-podman", f"localhost/mpi-podman/{name}"]
