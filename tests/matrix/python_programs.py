"""mpi4py's own programs, `python3 -m mpi4py.bench NAME`, under each launcher."""
from dataclasses import dataclass

from measure import tables
from measure.lab import say

from combined import LAUNCHERS, in_container
from verdict import how_it_ended

RANKS = 4
LIMIT = 60
# What each must print so often, of RANKS processes.
PROGRAMS = {
    "helloworld": {f"Hello, World! I am process {rank} of {RANKS} on node": 1 for rank in range(RANKS)},
    "ringtest": {f"({RANKS} processes, 1 bytes)": 1, "time for": 1},
}
IMAGES = {"mpi4py-bookworm": "mpi4py 3.1, Open MPI 4.1.4 bookworm",
          "mpi4py-trixie": "mpi4py 4.0, Open MPI 5.0.7 trixie"}


@dataclass(frozen=True)
class Cell:
    launcher: str
    image: str
    words: str
    more: str = ""


def problem(lab, launcher, image, nodes, program):
    """Nothing, or (what, more about it)."""
    words = LAUNCHERS[launcher].words(nodes, RANKS, {})
    done = lab.run([*words, *in_container(image), "python3", "-m", "mpi4py.bench", program], limit=LIMIT)
    if done["status"] is None:
        lab.again()
    ended = how_it_ended(done)
    if ended:
        return ended.word, ended.more
    missing = [text for text, times in PROGRAMS[program].items() if done["out"].count(text) != times]
    return ("wrong", f"{program} did not print once: {missing[0]}") if missing else None


def fill(lab, launcher, image):
    say(f"{LAUNCHERS[launcher].name}, {IMAGES[image]}")
    for program in PROGRAMS:
        for nodes in (1, 2):
            found = problem(lab, launcher, image, nodes, program)
            if found:
                where = "" if found[0] == "refused" else f"{program} on {nodes} node(s): "
                return Cell(launcher, image, where + found[0], found[1])
    return Cell(launcher, image, "ok")


def show(cells):
    by_place = {(cell.launcher, cell.image): cell for cell in cells}
    rows = [[LAUNCHERS[launcher].name] + [by_place[launcher, image].words for image in IMAGES]
            for launcher in LAUNCHERS if any(cell.launcher == launcher for cell in cells)]
    tables.show(f"`python3 -m mpi4py.bench`: {', '.join(PROGRAMS)}", ["", *IMAGES.values()], rows, markdown=True)
    notes = dict.fromkeys(f"{cell.words}: {cell.more}" for cell in cells if cell.more)
    if notes:
        tables.say_notes(notes, markdown=True)
