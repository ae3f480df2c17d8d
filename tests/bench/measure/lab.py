"""The lab's nodes while a benchmark runs: with mpi-podman, the image, and the programs that are measured."""
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys

REPO = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
LAB = os.path.join(REPO, "tests/lab/lab")
BUILD = os.path.join(REPO, "build-bench")
PLACE = "/home/mpi/bench"  # where the programs are and run, the same on every node
IMAGE = "localhost/mpi-podman/ring"
LIMIT = 120  # seconds: a bound for what hangs, not a measure of anything


class Failed(Exception):
    """A command that should have succeeded; says what it said."""


def say(text):
    """Of progress: standard output is for the tables."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def checked(argv, limit=600):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit, check=False)
    if done.returncode != 0:
        raise Failed(f"{shlex.join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def without_ssh_race(words):
    """mpirun warns of its own race with the ssh that it has started, on a busy machine, natively too."""
    return "".join(line for line in words.splitlines(True) if not re.search("plm:(rsh|ssh): Warning: setpgid", line))


def cores_for(nodes):
    """The nodes share this machine's cores."""
    return max(1, len(os.sched_getaffinity(0)) // nodes)


def mpirun(nodes, ranks, *options):
    """mpirun's words before the program's. It is told of as many slots as there are cores, as a user would tell it:
    where there are more ranks, they yield the core while they wait. Several nodes would bind their first ranks to the
    same core."""
    hosts = ",".join(f"node{number}:{cores_for(nodes)}" for number in range(1, nodes + 1))
    spread = ["--map-by", "node", "--bind-to", "none"] if nodes > 1 else []
    return ["mpirun", "--host", hosts, "--oversubscribe", *spread, "-np", str(ranks), *options]


class Lab:
    """Nodes that are up. Commands are run as the lab's user, and timed, by runner.py on node1."""

    def __init__(self, nodes):
        self.nodes = [f"node{number}" for number in range(1, nodes + 1)]
        self.unsettled = 0
        self.runner = None

    def up(self, *options):
        checked([LAB, "up", "--nodes", str(len(self.nodes)), *options])

    def prepare(self):
        say(f"bring up {len(self.nodes)} nodes, load the image")
        self.up()
        checked(["cmake", "--install", BUILD, "--prefix", checked([LAB, "prefix"]).strip()])
        checked([LAB, "load", "ring"], limit=1800)
        self.clear()
        self.on("node1", "mkdir", "-p", PLACE)
        self.compile("examples/ring/ring.c", "ring")
        self.connect()

    def connect(self):
        self.runner = subprocess.Popen(
            [LAB, "as", "--cwd", PLACE, "node1", "/usr/bin/python3", "-BEs", "/src/tests/bench/measure/runner.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def clear(self):
        """The image stores outlive a lab, and with them what was left there by one that was killed."""
        for node in self.nodes:
            checked([LAB, "exec", node, "bash", "/src/tests/e2e/leftovers", "--clear"])

    def on(self, node, *argv):
        return checked([LAB, "as", node, *argv])

    def compile(self, source, name):
        """By the nodes' own compiler against their own MPI: it runs natively, and in the image, which has the same."""
        self.on("node1", "mpicc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", f"{PLACE}/{name}", f"/src/{source}")

    def has_option(self, option):
        return option in self.on("node1", "mpi-podman", "--help")

    def run(self, argv, settle=True, limit=LIMIT):
        """The answer of runner.py."""
        print(json.dumps({"argv": argv, "settle": settle, "limit": limit}), file=self.runner.stdin, flush=True)
        line = self.runner.stdout.readline()
        if not line:
            raise SystemExit("bench: the connection to node1 broke")
        done = json.loads(line)
        self.unsettled += not done["settled"]
        return done

    def succeeded(self, argv, settle=True, limit=LIMIT):
        """As run(), of a command that must end with status 0."""
        done = self.run(argv, settle, limit)
        if done["status"] is None:
            raise Failed(f"still running after {limit} s: {shlex.join(argv)}")
        if done["status"] != 0:
            raise Failed(f"status {done['status']}: {shlex.join(argv)}\n{done['err'] or done['out']}")
        done["err"] = without_ssh_race(done["err"])
        return done

    def healthy(self, argv, settle=True, limit=LIMIT):
        """As succeeded(), without one word on standard error."""
        done = self.succeeded(argv, settle, limit)
        if done["err"]:
            raise Failed(f"{shlex.join(argv)} said:\n{done['err']}")
        return done

    def end(self):
        """Waits for nothing that still runs: it may be what hangs, and the lab's end is its own."""
        try:
            if self.runner:
                self.runner.kill()
                self.runner.wait()
                self.clear()
        finally:
            checked([LAB, "down"])


def lab_of(nodes):
    return gone_afterwards(Lab(nodes))


@contextlib.contextmanager
def gone_afterwards(lab):
    """A lab that is prepared here and gone afterwards, whatever happens."""
    ways_to_end = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in ways_to_end:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        lab.prepare()
        yield lab
    finally:
        for number in ways_to_end:
            signal.signal(number, signal.SIG_IGN)
        lab.end()
        if lab.unsettled:
            say(f"{lab.unsettled} times something of an earlier run had not ended after 10 s")
