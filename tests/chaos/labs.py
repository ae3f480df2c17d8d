"""A lab of two nodes with mpi-podman, images, Slurm and a second user who has a container image too."""
import os
import shutil
import subprocess
import sys

from draw import FAMILY

REPO = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
LAB = os.path.join(REPO, "tests/lab/lab")
NODES = ("node1", "node2")
HOME = "/home/mpi"
PLACE = f"{HOME}/chaos"  # what a job's fault needs of files
IMAGES = tuple(FAMILY)
USER_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}

# The second user: ids of their own, and an image of a shell and its library, made of the node's files.
OTHER_HOME = "/home/other"
OTHER_IMAGE = "localhost/chaos/shell"
OTHER_STORE = "/var/lib/containers/of-other"  # kept with root's (tests/lab/README.md), as it is on a disk
MAKE_OTHER = f"""
    set -e
    for file in /etc/subuid /etc/subgid; do echo other:400065536:65536 >>$file; done
    sed -i "s|^other:\\(.*\\):/nonexistent:|other:\\1:{OTHER_HOME}:|" /etc/passwd
    mkdir -p {OTHER_STORE} {OTHER_HOME}/.local/share/containers
    mount --bind {OTHER_STORE} {OTHER_HOME}/.local/share/containers
    chown other:other {OTHER_HOME} {OTHER_HOME}/.local {OTHER_HOME}/.local/share {OTHER_HOME}/.local/share/containers
    as_other() {{ (cd {OTHER_HOME} && setpriv --reuid=other --regid=other --clear-groups env -i HOME={OTHER_HOME} \\
        PATH=/usr/local/bin:/usr/bin:/bin "$@"); }}
    as_other podman rm --all --force >/dev/null
    as_other podman image exists {OTHER_IMAGE} ||
        tar -C / -ch bin/sh bin/sleep lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6 |
            as_other podman import --quiet - {OTHER_IMAGE} >/dev/null
    as_other podman run --rm --userns=keep-id --net=none {OTHER_IMAGE} /bin/sleep 0
"""


class Failed(Exception):
    """A command that this programme itself needs."""


def say(text):
    """Of progress: standard output is for the table."""
    print(f"==> {text}", file=sys.stderr, flush=True)


class Lab:
    def __init__(self, name, build):
        self.name, self.build = name, build
        self.environment = {**os.environ, "MPI_PODMAN_LAB": name}
        full_name = "mpi-podman-lab" + (f"-{name}" if name else "")
        self.directory = f"/run/{full_name}"
        self.cgroups = f"{self.directory}/cgroup/{full_name}"

    @property
    def sanitized(self):
        with open(os.path.join(self.build, "bin/mpi-podman"), "rb") as file:
            return b"__asan_init" in file.read()

    def checked(self, argv, limit=600):
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=limit, check=False, env=self.environment)
        if done.returncode != 0:
            raise Failed(f"lab '{self.name}': {argv}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def on(self, node, *argv, limit=120):
        """As the node's root."""
        return self.checked([LAB, "exec", node, *argv], limit)

    def shell(self, node, script, *words, limit=120):
        return self.on(node, "sh", "-c", script, "sh", *words, limit=limit)

    def user_argv(self, node, argv, user="mpi", home=HOME, environment=None):
        """What runs as a user of the node, in the home directory, without a login."""
        variables = {"HOME": home, "USER": user, "LOGNAME": user, **USER_ENVIRONMENT, **(environment or {})}
        groups = "--init-groups" if user == "mpi" else "--clear-groups"
        return [LAB, "exec", node, "setpriv", f"--reuid={user}", f"--regid={user}", groups,
                "env", "-i", f"--chdir={home}", *(f"{name}={value}" for name, value in variables.items()), *argv]

    def as_user(self, node, *argv, limit=120):
        return self.checked(self.user_argv(node, argv), limit)

    def cgroup(self, node):
        return f"{self.cgroups}/{node}"

    def first_pid(self, node):
        with open(f"{self.directory}/nodes/{node}/pid", encoding="ascii") as file:
            return int(file.read().split()[0])

    def root_of(self, node):
        """The node's files, from outside."""
        return f"/proc/{self.first_pid(node)}/root"

    def switch_pid(self):
        with open(f"{self.directory}/switch", encoding="ascii") as file:
            return int(file.read().split()[0])

    def up(self):
        try:
            self.checked([LAB, "up"])
        except Failed:  # its bounds are short for a machine that has a lot else to do
            self.checked([LAB, "up"])
        prefix = self.checked([LAB, "prefix"]).strip()
        self.checked(["cmake", "--install", self.build, "--prefix", prefix])
        self.checked([LAB, "load", *IMAGES], limit=3600)
        self.checked([LAB, "slurm"])
        for node in NODES:
            # Where sanitizers of a test build write (tests/e2e/prepare).
            self.on(node, "install", "-d", "-m", "1777", "/var/tmp/mpi-podman-sanitizer")
            for _ in range(2):  # a store that a limit or a kill left half written takes podman two rounds
                self.on(node, "bash", "/src/tests/e2e/leftovers", "--clear")
        self.shell("node1", MAKE_OTHER)
        self.compile_programs()

    def compile_programs(self):
        """hold, for either MPI: a job that never ends by itself."""
        self.as_user("node1", "mkdir", "-p", f"{HOME}/programs", PLACE)
        for compiler, name in (("mpicc.openmpi", "hold"), ("mpicc.mpich", "hold-mpich")):
            self.as_user("node1", compiler, "-O1", "-o", f"{HOME}/programs/{name}", "/src/tests/e2e/programs/hold.c")

    def install_tool(self, name, text):
        """A program in the PATH of both nodes."""
        path = f"{self.directory}/local/bin/{name}"
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path + ".new", 0o755)
        shutil.move(path + ".new", path)

    def again(self):
        """After something that is not to be in the next job."""
        say(f"lab '{self.name}' is made anew")
        self.up()

    def down(self):
        self.checked([LAB, "down"])
