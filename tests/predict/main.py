"""What `mpi-podman --check` says, and what happens then: for each image on each host, each strategy."""
import argparse
import json
import os
import re
import sys
from dataclasses import dataclass, replace

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "../bench"), os.path.join(HERE, "../matrix")]

# pylint: disable=wrong-import-position
from measure import tables
from measure.lab import PLACE, Failed, checked, say, without_ssh_race

from combined import LAUNCHERS, SPEAKS
from images import IMAGES
from nodes import LAB, nodes_of
from verdict import COMPLAINT, LINE, gist

RANKS = 2
LIMIT = 30  # seconds: a bound for what hangs
LONGEST = 60  # of what is shown of others' words, in characters
# A host is its system and the MPI of its launcher, with that MPI's own words for its version.
HOSTS = {
    "bookworm, Open MPI": (LAUNCHERS["mpirun4"], {"Open MPI": "Open MPI v4.1.4", "MPICH": "MPICH Version:\t4.0.2"}),
    "bookworm, MPICH": (LAUNCHERS["hydra"], {"Open MPI": "Open MPI v4.1.4", "MPICH": "MPICH Version:\t4.0.2"}),
    "trixie, Open MPI": (LAUNCHERS["mpirun5"], {"Open MPI": "Open MPI v5.0.7", "MPICH": "MPICH Version:      4.2.1"}),
    "trixie, MPICH": (replace(LAUNCHERS["hydra"], name="Hydra 4.2.1", system="trixie"),
                      {"Open MPI": "Open MPI v5.0.7", "MPICH": "MPICH Version:      4.2.1"}),
}
STRATEGIES = {"image": "the image's MPI", "bridge": "over a bridge", "host": "the host's MPI"}


@dataclass(frozen=True)
class Result:
    predicted: str   # works, caveat, cannot
    reasons: list
    ran: str         # nothing where it ran rightly, or what was wrong

    @property
    def right(self):
        return (self.predicted == "cannot") == bool(self.ran)


def release(line):
    """Of the words of MPI_Get_library_version."""
    found = re.search(r"(Open MPI|MPICH Version:)\s*v?([\d.]+)", line)
    return found.groups() if found else None


def wrong_with(done, library):
    """What was not as it should be in a run of the program; nothing where all was. `library`: whose it must have been,
    if that is known."""
    if done["status"] is None:
        return f"hangs; {gist(done['err'])}"
    lines = LINE.findall(done["out"])
    sizes = [size for size, *_ in lines] + COMPLAINT.findall(done["err"])
    if any(int(size) != RANKS for size in sizes):
        return f"{len(sizes)} jobs of {sizes[0]} rank(s)"
    if done["status"] != 0:
        return f"status {done['status']}: {gist(done['err'])}"
    if len(lines) != 1:
        return f"{len(lines)} lines of a rank 0"
    if library and release(lines[0][3]) != release(library):
        return f"it ran with {lines[0][3]}"
    said = without_ssh_race(done["err"]).strip()
    return f"ran, and said: {gist(said)}" if said else ""


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
        launcher, libraries = HOSTS[host]
        image, results = IMAGES[key], {}
        say(f"{host}: {image.words}")
        for strategy in self.check(launcher, image, key):
            name = strategy["strategy"]
            options = only(name, launcher, image)
            if options:
                argv = [*launcher.words(1, RANKS, {}), "mpi-podman", *options, image.name(key), image.program, PLACE]
                library = libraries[image.family] if name == "host" else None
                results[name] = Result(strategy["outcome"], [reason["what"] for reason in strategy["reasons"]],
                                       wrong_with(self.run(argv), library))
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


def show(results):
    rows = []
    for (host, key), found in results.items():
        for strategy, result in found.items():
            rows.append([host, IMAGES[key].words, STRATEGIES[strategy], result.predicted, result.ran[:LONGEST] or "ran",
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
