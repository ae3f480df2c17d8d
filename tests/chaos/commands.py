"""What a user would type for a job, and what the ranks of a ring print."""
import re
import shlex

from labs import HOME

SLOTS = {1: "node1:2", 2: "node1:1,node2:1"}  # of this machine's cores: with more ranks Open MPI yields them
RING = re.compile(r"rank (\d+) of (\d+) on (node\d)")
SSH_RACE = re.compile("plm:(rsh|ssh): Warning: setpgid")  # mpirun's own, natively too, on a busy machine
# libpmix's words, in mpirun or slurmstepd.
LOST_AT_HELLO = "UNREACHABLE in file ../../../../../src/mca/ptl/base/ptl_base_connection_hdlr.c"
NO_ROOM = "PMIX ERROR: OUT-OF-RESOURCE in file ../../../../../../src/mca/common/dstore/"
MPIRUN_STUCK = (LOST_AT_HELLO, NO_ROOM)
MPIRUN_LOST_ITS_DAEMONS = "ORTE does not know how to route a message to the specified daemon"
NOT_LAUNCHED = "launch failed: Slurmd could not connect IO"
HYDRA_ASSERTS = "assert (!closed) failed"
HYDRA_STUCK = re.compile("|".join(("BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES", re.escape(HYDRA_ASSERTS),
                                   "ssh: connect to host")))
SRUN_ENDS_THE_REST = re.compile("srun: error: node\\d: tasks? .*Exited with exit code 12[5-7]")
# By itself; srun's status may be that of one it ended then.
RANK_EXITED = re.compile("srun: error: node\\d: tasks? .*Exited with exit code ([1-9]\\d?|1[01]\\d|12[0-4])$", re.MULTILINE)
RANK_ASSERTS = "Assertion `"  # MPI's own, or UCX's, before it aborts
RANK_CRASHES = "*** Process received signal ***"  # Open MPI's words of its own, in MPI_Init with little memory
LOADER_SAYS = ": error while loading shared libraries: "  # and the launcher's status may be that of ranks it ended then
NO_CABLE_AT_INIT = "no active messages transport to "  # UCX's words in MPI_Init
# Also behind what another process began a line with: libpmi of MPICH ([cli_N]:), Open MPI.
OURS = re.compile(r"\bmpi-podman: node\d: ")
SSH_GONE = re.compile(r"Connection (reset|closed) by \S+ port 22")
LINGER = "600"

# Ranks that ignore what they can, with children and grandchildren in sessions of their own.
STUBBORN = ("trap '' TERM INT HUP; sleep 1000 & setsid sleep 1001 & setsid sh -c 'setsid sleep 1002 & wait' & exec {}")


def launcher_words(job):
    ranks = str(job.ranks)
    if job.launcher == "mpirun":
        return ["mpirun", "--host", SLOTS[job.nodes], "--oversubscribe", "--map-by", "node", "--bind-to", "none",
                "-np", ranks]
    if job.launcher == "hydra":
        hosts = ",".join(f"node{number}" for number in range(1, job.nodes + 1))
        return ["mpiexec.hydra", "-hosts", hosts, "-ppn", str(job.ranks // job.nodes), "-n", ranks]
    if job.launcher.startswith("srun-"):
        # Else Slurm takes the other node where it has not done with the job before.
        on_first = ["--overcommit", "--nodelist=node1"]
        spread = on_first if job.nodes == 1 else [f"--ntasks-per-node={job.ranks // job.nodes}"]
        # Without the first, PMIx leaves ranks waiting for those that died.
        return ["env", "OMPI_MCA_mpi_yield_when_idle=1", "srun", "--kill-on-bad-exit=1", "--quiet",
                f"--mpi={job.launcher[5:]}", f"--nodes={job.nodes}", f"--ntasks={ranks}", *spread]
    return []


def rank_words(job, ranks_do):
    hold = f"{HOME}/programs/hold" + ("-mpich" if job.family == "MPICH" else "")
    if ranks_do == "hold":
        return [hold]
    if ranks_do == "stubborn":
        return ["sh", "-c", STUBBORN.format(hold)]
    return ["sh", "-c", f"sleep {job.pause}; exec ring"] if job.pause else ["ring"]


def mode_options(job):
    return {"node": [], "per-rank": ["--per-rank"], "linger": ["--linger", LINGER]}[job.mode]


def healthy_command(job, strikes, before):
    """Of a job without the fault, before the one that is struck or after it; --linger has them share a container."""
    spared = [strike for strike in strikes if before or not strike.image]
    return command(job, spared, "ring", limited=False)


def command(job, strikes=(), ranks_do=None, limited=True):
    prefix = [word for strike in strikes for word in strike.prefix if limited]
    options = [word for strike in strikes for word in strike.options]
    image = next((strike.image for strike in strikes if strike.image), f"localhost/mpi-podman/{job.image}")
    return [*launcher_words(job), *prefix, "mpi-podman", *mode_options(job), *options, image,
            *rank_words(job, ranks_do or job.ranks_do)]


def environment(strikes):
    return {name: value for strike in strikes for name, value in strike.environment.items()}


def typed(argv, variables):
    return " ".join([*(f"{name}={value}" for name, value in variables.items()), shlex.join(argv)])


def ring_problem(job, out):
    """What is wrong with a ring's output; nothing where it is right."""
    lines = out.splitlines()
    if lines.count(f"ring complete: {job.ranks} ranks") != 1:
        return f"not one ring of {job.ranks} ranks"
    places = [RING.fullmatch(line) for line in lines if not line.startswith("ring complete")]
    if not all(places) or len(places) != job.ranks:
        return "other lines than the ranks'"
    if sorted(int(place[1]) for place in places) != list(range(job.ranks)):
        return "not each rank once"
    on_first = sum(place[3] == "node1" for place in places)
    return "" if on_first == job.ranks // job.nodes else f"{on_first} ranks on node1"


def is_ours(err):
    """Whether a line of it is mpi-podman's."""
    return OURS.search(err) is not None


def without_ssh_race(words):
    return "".join(line for line in words.splitlines(True) if not SSH_RACE.search(line))
