"""What a bridge costs: start-up beside the image's MPI run natively by its own launcher, latency beside the same image
under its own launcher."""
from dataclasses import dataclass, field

from measure import rounds, tables
from measure.lab import PLACE, Failed, say

from combined import IMAGES, LAUNCHERS, in_container, is_bridged
from verdict import of_program

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
        rounds.in_pairs(measure, dict.fromkeys(wanted, 1))  # what only the first run of all has to read or make
        found = {way: rounds.summary(samples) for way, samples in rounds.in_pairs(measure, wanted).items()}
        if "this" not in found:
            raise Failed("it could not be run")
        return found

    def fill(self, launcher, image, own):
        cell = Cell(launcher, image)
        say(f"speed: {LAUNCHERS[launcher].name}, {IMAGES[image].name}")
        try:
            cell.start = self.start(launcher, image, own)
            cell.latency = self.latency(launcher, image, own)
        except Failed as error:
            cell.failed = str(error)
        return cell


def pairs_of(system, launchers, images):
    """(launcher, image, the image's own launcher), of those that need a bridge."""
    for image, own in OWN[system].items():
        for launcher in launchers:
            if image in images and LAUNCHERS[launcher].system == system and is_bridged(LAUNCHERS[launcher], IMAGES[image]):
                yield launcher, image, own


def too_slow(cell):
    return cell.start["this"]["ratio"] > MOST_START or cell.latency["this"]["ratio"] > MOST_LATENCY


def natively(summary):
    return rounds.median([native for _, native in summary["pairs"]])


def row(cell):
    head = [f"{LAUNCHERS[cell.launcher].name}, {IMAGES[cell.image].name}"]
    if cell.failed:
        return head + ["-"] * 6
    start, latency = cell.start, cell.latency["this"]
    own = f"{start['own']['median']:.2f}" if "own" in start else "-"
    return head + [f"{natively(start['this']):.2f}", own, f"{start['this']['median']:.2f}",
                   f"{start['this']['ratio']:.2f} ({start['this']['max_ratio']:.2f})",
                   f"{natively(latency):.3f} {latency['median']:.3f}", f"{latency['ratio']:.2f} ({latency['max_ratio']:.2f})"]


def show(cells, pairs):
    tables.show(f"Across a bridge: seconds of a ring of {START_RANKS} ranks on one node, microseconds for 8 bytes between "
                f"two; medians of {pairs} pairs; ratio: median (highest)",
                ["", "native", "own launcher", "bridged", "to native", "own launcher, bridged us", "to own launcher"],
                [row(cell) for cell in cells], markdown=True)
    tables.say_notes(["native: the image's MPI, run by its own launcher without a container; own launcher: the same in one"]
                     + [f"{LAUNCHERS[cell.launcher].name}, {IMAGES[cell.image].name}: {cell.failed.splitlines()[0]}"
                        for cell in cells if cell.failed], markdown=True)
