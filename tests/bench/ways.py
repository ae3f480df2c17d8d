"""The ways to start the ring that `launch` compares: most are words between mpirun's and the program."""
import shlex
import shutil
from dataclasses import dataclass

from measure.lab import IMAGE, PLACE, mpirun

UNPACKED = "/var/tmp/ring-image"  # on node1, for Charliecloud
PROGRAM = "./ring"
BY_HAND = ["--userns=keep-id", "--net=host", "--ipc=host", "--uts=host", "--volume=/tmp:/tmp",
           f"--volume={PLACE}:{PLACE}"]
ENVIRONMENT = ["--env=OMPI_*", "--env=PMIX_*"]
# Without --pid=host two ranks' shared memory crashes Open MPI; and copying between user namespaces is refused, of
# which it would warn in many lines.
OWN_CONTAINER = ["--pid=host", "--env=OMPI_MCA_btl_vader_single_copy_mechanism=none", f"--workdir={PLACE}"]
LINGERING = ("mpi-podman", "--linger", "60", IMAGE)


@dataclass(frozen=True)
class Way:
    about: str
    words: tuple = ()
    slow: bool = False
    several_nodes: bool = False
    lingers: bool = False  # in a container that is there already


WAYS = {
    "native": Way("mpirun alone", several_nodes=True),
    "cold": Way("mpi-podman: a new container on each node", ("mpi-podman", IMAGE), several_nodes=True),
    "warm": Way("mpi-podman --linger: the container of two jobs before, which were not measured, is still there",
                LINGERING, several_nodes=True, lingers=True),
    "inside": Way("mpirun itself joins such a container, with all its ranks in it: of them none has to", LINGERING,
                  lingers=True),
    "per-rank": Way("mpi-podman --per-rank: a container for each rank", ("mpi-podman", "--per-rank", IMAGE), slow=True),
    "podman-run": Way("`podman run` for each rank, by hand, with all the flags that takes",
                      ("podman", "run", "--rm", *BY_HAND, *OWN_CONTAINER, *ENVIRONMENT, IMAGE), slow=True),
    "podman-exec": Way("one container by hand, `podman exec` for each rank; its start and its removal are in the time",
                       ("podman", "exec", *ENVIRONMENT, f"--workdir={PLACE}", "bench"), slow=True),
    "charliecloud": Way("ch-run --join of the unpacked image", ("ch-run", "--join", "--bind=/home/mpi", f"--cd={PLACE}",
                                                               UNPACKED, "--")),
}
FLOOR = "floor"  # not a way to run the ring: one bare `podman run` of the image


def plain_command(way, nodes, ranks):
    return [*mpirun(nodes, ranks), *WAYS[way].words, PROGRAM]


def exec_command(nodes, ranks):
    start = ["podman", "run", "--detach", "--rm", "--replace", "--name=bench", *BY_HAND, IMAGE, "sleep", "infinity"]
    remove = ["podman", "rm", "--force", "--time=0", "bench"]
    job = shlex.join(plain_command("podman-exec", nodes, ranks))
    return ["sh", "-c", f"{shlex.join(start)} >/dev/null && {job} && {shlex.join(remove)} >/dev/null"]


def command(way, nodes, ranks):
    if way == FLOOR:
        return ["podman", "run", "--rm", IMAGE, "true"]
    if way == "inside":
        return [*WAYS[way].words, *mpirun(nodes, ranks), PROGRAM]
    return exec_command(nodes, ranks) if way == "podman-exec" else plain_command(way, nodes, ranks)


def missing(lab, way):
    """Why it cannot be measured here; nothing where it can."""
    if WAYS[way].lingers and not lab.has_option("--linger"):
        return f"{way} is left out: this mpi-podman has no --linger"
    if way == "charliecloud" and not shutil.which("ch-run"):
        return "charliecloud is left out: ch-run is not installed, and could not be"
    return None


def unpack_image(lab):
    """For Charliecloud, which runs a directory, and mounts only over what is there."""
    lab.on("node1", "sh", "-c", f"""set -e
        mkdir -p {UNPACKED}
        container=$(podman create {IMAGE} true)
        podman export "$container" | tar -C {UNPACKED} -x
        podman rm "$container" >/dev/null
        mkdir -p {UNPACKED}/home/mpi""")
