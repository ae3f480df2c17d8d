"""The table: each launcher with each image, on one node and on two, and over shared memory within a node."""
import re
from dataclasses import dataclass, field

from measure import tables
from measure.lab import PLACE, say

from combined import IMAGES, LAUNCHERS, TCP, in_container, is_bridged
from verdict import AT_END, Verdict, of_program

RANKS = 4
LIMIT = 60  # seconds: a bound for what hangs
# What hangs at its end now and then without containers too. It is tried more often, with a shorter limit.
KNOWN = {("mpich-bookworm", 2): "MPICH 4.0.2 over TCP, so on two nodes, hangs in MPI_Finalize now and then, under its "
                                "own mpiexec without containers too: shown is how often it did not"}
KNOWN_LIMIT = 15
# How much slower TCP is within a node at least: 5 us and more, where shared memory takes less than 2.
SLOWER = 2.0
USED = re.compile(r"mca: bml: Using (\S+) btl for send to")
SHARED_MEMORY = {"vader", "sm"}  # Open MPI 4's name, and 5's


@dataclass
class Cell:
    launcher: str
    image: str
    problems: dict = field(default_factory=dict)  # {which run: Verdict}
    attempts: list = field(default_factory=list)  # [Verdict], of what is known to hang natively too
    natively: list = field(default_factory=list)  # [Verdict] beside it
    latency: float = 0.0
    latency_of_tcp: float = 0.0
    transports: list = field(default_factory=list)


class Matrix:
    """Runs the cells of one system."""

    def __init__(self, lab, options):
        self.lab, self.options = lab, options

    def run(self, argv, limit=LIMIT):
        done = self.lab.run(argv, limit=limit)
        if done["status"] is None:
            self.lab.again()
        return done

    def program(self, cell, nodes, settings=None, apart=(), limit=LIMIT):
        launcher, image = LAUNCHERS[cell.launcher], IMAGES[cell.image]
        words = launcher.words(nodes, RANKS, settings or {})
        done = self.run([*words, *in_container(image.with_program("matrix")), "matrix", PLACE, *apart], limit)
        return of_program(done, nodes, RANKS, image), done

    def fill(self, launcher, image):
        cell = Cell(launcher, image)
        say(f"{LAUNCHERS[launcher].name}, {IMAGES[image].name}")
        for nodes in (1, 2):
            self.on_nodes(cell, nodes)
        if cell.latency:
            self.compare_with_tcp(cell)
            if IMAGES[image].family == "Open MPI":
                self.ask_for_transports(cell)
        return cell

    def on_nodes(self, cell, nodes):
        if (cell.image, nodes) in KNOWN:
            self.several_times(cell, nodes)
            return
        verdict, _ = self.program(cell, nodes)
        if nodes == 1:
            cell.latency = verdict.latency
        if not verdict.ok:
            cell.problems[str(nodes)] = verdict

    def several_times(self, cell, nodes):
        """Only hanging at the end, and only now and then, is what is known."""
        verdict, _ = self.program(cell, nodes, limit=KNOWN_LIMIT)
        if verdict.word == "refused":
            cell.problems[str(nodes)] = verdict
            return
        more = range(self.options.attempts - 1)
        cell.attempts = [verdict, *(self.program(cell, nodes, limit=KNOWN_LIMIT)[0] for _ in more)]
        others = [verdict for verdict in cell.attempts if verdict.word not in ("", AT_END)]
        if others:
            cell.problems[str(nodes)] = others[0]
        if self.options.native:
            cell.natively = [self.natively(cell, nodes) for _ in range(self.options.attempts)]

    def natively(self, cell, nodes):
        """The image's own files, run by its own loader: no container, and no MPI of the nodes'. By its own launcher,
        where this one would need a bridge."""
        image = IMAGES[cell.image]
        launcher = "hydra" if is_bridged(LAUNCHERS[cell.launcher], image) else cell.launcher
        place = self.lab.unpack(image.with_program("matrix"), "./usr/lib", "./usr/local/bin/matrix")
        libraries = self.lab.on("node1", "sh", "-c", f"echo {place}/usr/lib/*-linux-gnu").strip()
        loader = self.lab.on("node1", "sh", "-c", f"ls {libraries}/ld-linux*.so.*").strip()
        argv = [*LAUNCHERS[launcher].words(nodes, RANKS, {}), loader, "--library-path", libraries,
                f"{place}/usr/local/bin/matrix", PLACE]
        return of_program(self.run(argv, KNOWN_LIMIT), nodes, RANKS, image)

    def compare_with_tcp(self, cell):
        """Shared memory is known by its latency, whatever a library says about itself."""
        verdict, _ = self.program(cell, 1, TCP[IMAGES[cell.image].family], ["apart"], KNOWN_LIMIT)
        cell.latency_of_tcp = verdict.latency
        if not verdict.latency:
            cell.problems["TCP"] = verdict
        elif verdict.latency < SLOWER * cell.latency:
            more = f"{cell.latency:.2f} us, and {verdict.latency:.2f} us where TCP was asked for"
            cell.problems["memory"] = Verdict("no shared memory", more)

    def ask_for_transports(self, cell):
        """Open MPI's own words for what each rank uses for each of the others."""
        _, done = self.program(cell, 1, {"OMPI_MCA_btl_base_verbose": "100"})
        used = USED.findall(done["out"] + done["err"])
        cell.transports = sorted(set(used))
        shared = sum(name in SHARED_MEMORY for name in used)
        if shared != RANKS * (RANKS - 1) or set(used) - SHARED_MEMORY - {"self"}:
            cell.problems["transports"] = Verdict("no shared memory", f"Open MPI says it uses {cell.transports}, "
                                                  f"shared memory for {shared} of {RANKS * (RANKS - 1)} pairs")


PLACES = {"1": "one node", "2": "two nodes", "TCP": "TCP within a node", "memory": "one node", "transports": "one node"}


def rate(verdicts):
    return f"{sum(verdict.ok for verdict in verdicts)} of {len(verdicts)}"


def first_problem(cell):
    return next(iter(cell.problems.items()))


def note_of(cell):
    place, verdict = first_problem(cell)
    return verdict.more if verdict.word == "refused" else f"{PLACES[place]}: {verdict.more}"


def words_of(cell, notes):
    """What the table says. `notes` are {note: its number}."""
    if cell.problems:
        place, verdict = first_problem(cell)
        words = verdict.word if verdict.word == "refused" else f"{PLACES[place]}: {verdict.word}"
        words += f" [{notes[note_of(cell)]}]"
    else:
        words = "ok"
    if cell.attempts:
        words += f"; two nodes {rate(cell.attempts)}"
    return words + (f", natively {rate(cell.natively)}" if cell.natively else "")


def latencies_of(cell):
    return f"{cell.latency:.2f} / {cell.latency_of_tcp:.2f}" if cell.latency_of_tcp else "-"


def numbered(cells):
    """{note: its number}, one for all cells where it is the same."""
    notes = dict.fromkeys(note_of(cell) for cell in cells if cell.problems)
    return {note: number for number, note in enumerate(notes, 1)}


def table(cells, content):
    """A row for each launcher, a column for each image."""
    by_place = {(cell.launcher, cell.image): cell for cell in cells}
    images = [key for key in IMAGES if any(cell.image == key for cell in cells)]
    rows = [[LAUNCHERS[launcher].name] + [content(by_place[launcher, image]) for image in images]
            for launcher in LAUNCHERS if any(cell.launcher == launcher for cell in cells)]
    return ["", *(IMAGES[image].name for image in images)], rows


def show(cells):
    order = list(LAUNCHERS)
    cells = sorted(cells, key=lambda cell: order.index(cell.launcher))
    notes = numbered(cells)
    tables.show(f"{RANKS} ranks on one node, and on two with {RANKS // 2} each",
                *table(cells, lambda cell: words_of(cell, notes)), markdown=True)
    known = [text for (image, _), text in KNOWN.items() if any(cell.image == image and cell.attempts for cell in cells)]
    tables.say_notes([*(f"[{number}] {note}" for note, number in notes.items()), *known], markdown=True)
    tables.show("Microseconds for 8 bytes within a node, and where TCP is asked for",
                *table(cells, latencies_of), markdown=True)
