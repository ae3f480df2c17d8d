"""Two nodes with mpi-podman, images and Slurm: of this machine's system, or of a bootstrapped Debian release."""
import os
import shutil

from measure.lab import BUILD, LAB, PLACE, REPO, Lab, checked, gone_afterwards, say

ARCHIVES = "/var/cache/mpi-podman/images"  # where every node has those that tests/images/build made


class Nodes(Lab):
    def __init__(self, system, images):
        super().__init__(2)
        self.system, self.images = system, images

    def prepare(self):
        say(f"two nodes of {'this machine' if self.system == 'host' else self.system}, {len(self.images)} images")
        self.up(*self.root_option())
        self.install()
        checked([LAB, "load", *self.images], limit=3600)
        self.clear()
        # Whether srun is wanted or not: mpirun too is another where there is munge, which comes with Slurm.
        checked([LAB, "slurm"])
        self.on("node1", "mkdir", "-p", PLACE)
        self.connect()

    def again(self):
        """After something hung: what it left behind, on whatever node, is to be in no other run."""
        self.runner.kill()
        self.runner.wait()
        self.prepare()

    def root_option(self):
        if self.system == "host":
            return []
        root = checked([os.path.join(REPO, "tests/lab/root"), self.system], limit=3600)
        return ["--root", root.strip().splitlines()[-1]]

    def install(self):
        prefix = checked([LAB, "prefix"]).strip()
        if self.system == "host":
            checked(["cmake", "--install", BUILD, "--prefix", prefix])
        else:
            self.install_inside(prefix, os.path.join(BUILD, "inside", self.system))

    def install_inside(self, prefix, kept):
        """Built by that release's compiler, against its libraries. The build is kept: the next has less to do."""
        build, as_prefix = "/usr/local/build", "/usr/local"  # as the nodes see `prefix`
        if os.path.isdir(kept):
            shutil.copytree(kept, f"{prefix}/build", symlinks=True)
        node = [LAB, "exec", "node1", "cmake"]
        checked([*node, "-S", "/src", "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"])
        checked([*node, "--build", build], limit=3600)
        checked([*node, "--install", build, "--prefix", as_prefix])
        shutil.rmtree(kept, ignore_errors=True)
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        shutil.move(f"{prefix}/build", kept)

    def unpack(self, name, *paths):
        """Parts of an image's archive, for a native run: where they are then."""
        place = f"{PLACE}/native/{name}"
        self.on("node1", "mkdir", "-p", place)
        self.on("node1", "tar", "-C", place, "-xf", f"{ARCHIVES}/{name}.tar", *paths)
        return place


def nodes_of(system, images):
    return gone_afterwards(Nodes(system, images))
