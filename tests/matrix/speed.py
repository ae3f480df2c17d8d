"""What a bridge costs: start-up beside the image's MPI run natively by its own launcher, latency beside the same image
under its own launcher."""
from dataclasses import dataclass, field

from measure import rounds, tables
from measure.lab import PLACE, Failed, say

from combined import IMAGES, LAUNCHERS, in_container, is_bridged
from verdict import of_program, refusal

START_RANKS = 32
LIMIT = 120
MOST_START, MOST_LATENCY = 1.5, 1.1  # ratios that are wanted
# Of each system the images of its own release, whose programs run natively there, with their MPI's own launcher.
OWN = {"host": {"openmpi-bookworm": "mpirun4", "mpich-bookworm": "hydra"},
       "trixie": {"openmpi-trixie": "mpirun5"}}
NATIVE = "native"  # rounds.py's name for what all others are compared with


@dataclass
class Cell:
    launcher: str
    image: str
    start: dict = field(default_factory=dict)
    latency: dict = field(default_factory=dict)
    failed: str = ""


def cause(error):
    """In one line: what mpi-podman said, or the last that was said."""
    return refusal(str(error)) or str(error).strip().splitlines()[-1]


class Speed:
    def __init__(self, lab, pairs):
        self.lab, self.pairs = lab, pairs

    def done(self, argv):
        try:
            return self.lab.healthy(argv, limit=LIMIT)
        except Failed as error:
            if "still running" in str(error):
                self.lab.again()
            raise

    def seconds(self, launcher, program):
        done = self.done([*LAUNCHERS[launcher].words(1, START_RANKS, {}), *program])
        if done["out"].count(f"ring complete: {START_RANKS} ranks\n") != 1:
            raise Failed(f"not one ring of {START_RANKS} ranks:\n{done['out']}")
        return done["seconds"]

    def start(self, launcher, image, own):
        ring = IMAGES[image].with_program("ring")
        ways = {NATIVE: (own, [f"{self.lab.unpack(ring, './usr/local/bin/ring')}/usr/local/bin/ring"]),
                "own": (own, [*in_container(ring), "ring"]), "this": (launcher, [*in_container(ring), "ring"])}
        return self.compared(lambda way: self.seconds(*ways[way]), ["own", "this"])

    def microseconds(self, launcher, image):
        program = IMAGES[image].with_program("matrix")
        done = self.done([*LAUNCHERS[launcher].words(1, 2, {}), *in_container(program), "matrix", PLACE])
        verdict = of_program(done, 1, 2, IMAGES[image])
        if not verdict.ok:
            raise Failed(f"{verdict.word}: {verdict.more}")
        return verdict.latency

    def latency(self, launcher, image, own):
        return self.compared(lambda way: self.microseconds(own if way == NATIVE else launcher, image), ["this"])

    def compared(self, measure, ways):
        wanted = dict.fromkeys([NATIVE, *ways], self.pairs)
        for way in wanted:  # what only the first run of all has to read or make; and what cannot be run fails here
            measure(way)
        found = {way: rounds.summary(samples) for way, samples in rounds.in_pairs(measure, wanted).items()}
        if "this" not in found:
            raise Failed("it failed later on")
        return found

    def fill(self, launcher, image, own):
        cell = Cell(launcher, image)
        say(f"speed: {LAUNCHERS[launcher].name}, {IMAGES[image].name}")
        try:
            cell.start = self.start(launcher, image, own)
            cell.latency = self.latency(launcher, image, own)
        except Failed as error:
            cell.failed = cause(error)
        return cell


def pairs_of(system, launchers, images):
    """(launcher, image, the image's own launcher), of those that need a bridge."""
    there = [name for name in launchers if LAUNCHERS[name].system == system]
    for image, own in OWN[system].items():
        for launcher in there:
            if image in images and is_bridged(LAUNCHERS[launcher], IMAGES[image]):
                yield launcher, image, own


def least(cell):
    """[bridged, under its own launcher]: latency has several levels, native too, by which cores the ranks are on and
    what else runs; the least of all runs is what the transport can do."""
    return [min(values) for values in zip(*cell.latency["this"]["pairs"])]


def latency_ratio(cell):
    """What is slower by itself is so both in its best run and in most pairs. A level that only one of two has met in all
    its runs shows in the one figure, what disturbed many runs in the other."""
    bridged, own = least(cell)
    return min(bridged / own, cell.latency["this"]["ratio"])


def too_slow(cell):
    return cell.start["this"]["ratio"] > MOST_START or latency_ratio(cell) > MOST_LATENCY


def natively(summary):
    return rounds.median([native for _, native in summary["pairs"]])


HEAD = ["", "native s", "own launcher s", "bridged s", "to native", "own launcher us", "bridged us", "to own launcher",
        "of pairs"]


def ratio(summary):
    return f"{summary['ratio']:.2f} ({summary['max_ratio']:.2f})"


def name_of(cell):
    return f"{LAUNCHERS[cell.launcher].name}, {IMAGES[cell.image].name}"


def row(cell):
    if cell.failed:
        return [name_of(cell)] + ["-"] * (len(HEAD) - 1)
    start, (bridged, unbridged) = cell.start["this"], least(cell)
    own = f"{cell.start['own']['median']:.2f}" if "own" in cell.start else "-"
    return [name_of(cell), f"{natively(start):.2f}", own, f"{start['median']:.2f}", ratio(start),
            f"{unbridged:.3f}", f"{bridged:.3f}", f"{bridged / unbridged:.2f}", ratio(cell.latency["this"])]


def show(cells, pairs):
    tables.show(f"Across a bridge: seconds of a ring of {START_RANKS} ranks on one node, medians of {pairs} pairs, "
                "ratio: median (highest); microseconds for 8 bytes between two ranks, the least of as many, and as ratio of pairs",
                HEAD, [row(cell) for cell in cells], True)
    notes = ["native: the image's program with the nodes' MPI of the same release, by its own launcher, no container",
             "own launcher: the same image under the launcher of its own MPI, where no bridge is needed"]
    notes += [f"{name_of(cell)}: {cell.failed}" for cell in cells if cell.failed]
    tables.say_notes(notes, markdown=True)
