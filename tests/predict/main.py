"""What `mpi-podman --check` says, and what happens then: for each image on each host, each strategy."""
import argparse
import json
import os
import sys
from dataclasses import dataclass, replace

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "../bench"), os.path.join(HERE, "../matrix")]

# pylint: disable=wrong-import-position
from measure import tables
from measure.lab import PLACE, Failed, checked, say

from combined import IMAGES as matrix
from combined import LAUNCHERS, SPEAKS
from images import IMAGES
from nodes import LAB, nodes_of
from verdict import Verdict, of_program

RANKS = 2
LIMIT = 30  # seconds: a bound for what hangs
LONGEST = 60  # of what is shown of others' words, in characters
# A host is its launcher and the release that its MPIs are of.
HOSTS = {
    "bookworm, Open MPI": (LAUNCHERS["mpirun4"], "bookworm"),
    "bookworm, MPICH": (LAUNCHERS["hydra"], "bookworm"),
    "trixie, Open MPI": (LAUNCHERS["mpirun5"], "trixie"),
    "trixie, MPICH": (replace(LAUNCHERS["hydra"], name="Hydra 4.2.1", system="trixie"), "trixie"),
}
STRATEGIES = {"image": "the image's MPI", "bridge": "over a bridge", "host": "the host's MPI"}


@dataclass(frozen=True)
class Result:
    predicted: str   # works, caveat, cannot
    ran: Verdict

    @property
    def right(self):
        return (self.predicted == "cannot") != self.ran.ok


def mpi_of(release, family):
    """As the matrix' images have it, whose programs say which they ran with."""
    return next(image for image in matrix.values() if (image.release, image.family) == (release, family))


class Predictions:
    """Of one system's hosts."""

    def __init__(self, lab):
        self.lab = lab

    def run(self, argv):
        done = self.lab.run(argv, limit=LIMIT)
        if done["status"] is None:
            self.lab.again()
        return done

    def check(self, launcher, image, key):
        """The strategies, as a user asks for them before a job."""
        argv = ["mpi-podman", "--check=json", f"--launcher={launcher.words(1, RANKS, {})[0]}", image.name(key),
                image.program, PLACE]
        done = self.run(argv)
        try:
            return json.loads(done["out"])["strategies"]
        except ValueError as error:
            raise Failed(f"{argv}: {error}\n{done['out']}{done['err']}") from error

    def fill(self, host, key):
        launcher, release = HOSTS[host]
        image, results = IMAGES[key], {}
        say(f"{host}: {image.words}")
        for strategy in self.check(launcher, image, key):
            name = strategy["strategy"]
            options = only(name, launcher, image)
            if options:
                argv = [*launcher.words(1, RANKS, {}), "mpi-podman", *options, image.name(key), image.program, PLACE]
                mpi = mpi_of(release, image.family) if name == "host" else None
                results[name] = Result(strategy["outcome"], of_program(self.run(argv), 1, RANKS, mpi))
        return results


def only(strategy, launcher, image):
    """The options with which this is tried and nothing else, whatever --check says; nothing where there is nothing for
    a bridge to do."""
    spoken = {"PMIx": "--pmi=pmix", "PMI": "--pmi=pmi1"}
    if strategy == "bridge":
        return [spoken[SPEAKS[image.family]]] if SPEAKS[image.family] != launcher.speaks else []
    return [spoken[launcher.speaks]] if strategy == "image" else ["--mpi=host", "--abi=none"]


def prepare(lab, keys):
    """The images that are built of others."""
    for key in keys:
        if IMAGES[key].is_built:
            name = IMAGES[key].name(key)
            say(f"build {name}")
            build = f"podman build --quiet --network=none --tag {name} - <<'END'\n{IMAGES[key].containerfile()}END\n"
            checked([LAB, "as", "node1", "sh", "-c", build])


def shown(verdict):
    return "ran" if verdict.ok else f"{verdict.word}: {verdict.more}"[:LONGEST]


def show(results):
    rows = []
    for (host, key), found in results.items():
        for strategy, result in found.items():
            rows.append([host, IMAGES[key].words, STRATEGIES[strategy], result.predicted, shown(result.ran),
                         "right" if result.right else "WRONG"])
    tables.show("Predicted by --check, and seen", [""] * 6, rows, markdown=True)
    wrong = sum(not result.right for found in results.values() for result in found.values())
    print(f"\n{len(results)} pairs, {len(rows)} predictions, {wrong} wrong")
    return wrong == 0


def arguments():
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    for name, known in (("hosts", HOSTS), ("images", IMAGES)):
        parser.add_argument(f"--{name}", nargs="+", choices=list(known), default=list(known), metavar="NAME",
                            help=f"of: {'; '.join(known)}")
    return parser.parse_args()


def main():
    options, results = arguments(), {}
    archives = list(dict.fromkeys(archive for key in options.images for archive in IMAGES[key].archives))
    for system in ("host", "trixie"):
        hosts = [host for host in options.hosts if HOSTS[host][0].system == system]
        if not hosts:
            continue
        with nodes_of(system, archives) as lab:
            prepare(lab, options.images)
            predictions = Predictions(lab)
            for host in hosts:
                results.update({(host, key): predictions.fill(host, key) for key in options.images})
    sys.exit(0 if show(results) else 1)


main()
