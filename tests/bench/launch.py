"""Seconds of a ring of ranks, from mpirun's start to its exit, with and without containers."""
import argparse
import sys

from measure import machine, plot, rounds, tables
from measure.lab import Failed, lab_of, say
from ways import FLOOR, WAYS, command, missing, unpack_image

SLOW_PAIRS = 3
SLOW_UP_TO = 32
MANY_RANKS, MANY_PAIRS = 64, 5  # these take most of the time
OVER_NODES = range(8, 33)  # how many ranks, where there are several nodes


def numbers(text):
    return [int(word) for word in text.split(",")]


def way_names(text):
    unknown = set(text.split(",")) - set(WAYS)
    if unknown:
        raise argparse.ArgumentTypeError(f"no such way: {', '.join(sorted(unknown))}; there are {', '.join(WAYS)}")
    return text.split(",")


def arguments():
    parser = argparse.ArgumentParser(prog="launch", description=__doc__)
    parser.add_argument("--ranks", type=numbers, default="1,2,8,32,64,96", help="default: %(default)s")
    parser.add_argument("--nodes", type=numbers, default="1,2,4", help="default: %(default)s")
    parser.add_argument("--pairs", type=int, default=7, help="measurements of each way (default: %(default)s)")
    parser.add_argument("--ways", type=way_names, default=",".join(WAYS), help="default: %(default)s")
    parser.add_argument("--slow-up-to", type=int, default=SLOW_UP_TO, metavar="RANKS",
                        help="where the slow ways are left out (default: above %(default)s)")
    tables.add_options(parser, "launch")
    return parser.parse_args()


class Stopwatch:
    """Measures one run of a way."""

    def __init__(self, lab, nodes, ranks):
        self.lab, self.nodes, self.ranks = lab, nodes, ranks

    def __call__(self, way):
        return self.warm(way) if way != FLOOR and WAYS[way].lingers else self.seconds(way)

    def seconds(self, way, settle=True):
        done = self.lab.healthy(command(way, self.nodes, self.ranks), settle)
        if way != FLOOR and done["out"].count(f"ring complete: {self.ranks} ranks\n") != 1:
            raise Failed(f"not one ring of {self.ranks} ranks:\n{done['out']}")
        return done["seconds"]

    def warm(self, way):
        try:
            for _ in range(2):  # the first starts the container, the second is the first that found it
                self.lab.healthy(command("warm", self.nodes, self.nodes), settle=False)
            return self.seconds(way, settle=False)  # what is still there is what is wanted
        finally:
            for node in self.lab.nodes[:self.nodes]:
                self.lab.on(node, "mpi-podman", "--stop")


class Benchmark:
    """All points, one after another, and what is to be said of them."""

    def __init__(self, options, lab):
        self.options, self.lab = options, lab
        self.notes, self.failed, self.points = [], False, []
        reasons = {way: missing(lab, way) for way in options.ways}
        self.ways = [way for way in options.ways if not reasons[way]]
        self.notes += filter(None, reasons.values())

    def wanted(self, nodes, ranks):
        """{way: how many pairs} of a point."""
        pairs = pairs_of(self.options.pairs, ranks)
        wanted = {"native": pairs}
        for way in self.ways:
            if nodes > 1 and not WAYS[way].several_nodes or WAYS[way].slow and ranks > self.options.slow_up_to:
                continue
            wanted[way] = min(pairs, SLOW_PAIRS) if WAYS[way].slow else pairs
        if (nodes, ranks) == (1, self.floor_ranks()) and "cold" in wanted:
            wanted[FLOOR] = pairs
        return wanted

    def floor_ranks(self):
        return 2 if 2 in self.options.ranks else min(self.options.ranks)

    def ranks_over(self, nodes):
        return [ranks for ranks in self.options.ranks if nodes == 1 or ranks in OVER_NODES and ranks >= nodes]

    def run(self):
        if "charliecloud" in self.ways and 1 in self.options.nodes:
            unpack_image(self.lab)
        for nodes in self.options.nodes:
            for number, ranks in enumerate(self.ranks_over(nodes)):
                self.measure(nodes, ranks, warm_up=number == 0)

    def measure(self, nodes, ranks, warm_up):
        wanted = self.wanted(nodes, ranks)
        say(f"{ranks} ranks on {nodes} node(s): {', '.join(wanted)}")
        stopwatch = Stopwatch(self.lab, nodes, ranks)
        if warm_up:  # what only the first run of all has to read or make
            rounds.in_pairs(stopwatch, dict.fromkeys(wanted, 1))
        pairs = rounds.in_pairs(stopwatch, wanted, self.way_failed)
        if pairs:
            self.points.append({"nodes": nodes, "ranks": ranks, **summaries(pairs)})

    def way_failed(self, way):
        self.failed = True
        self.notes.append(f"{way} failed and is left out where it did")


def pairs_of(asked, ranks):
    return min(asked, MANY_PAIRS) if ranks >= MANY_RANKS else asked


def summaries(pairs):
    natives = rounds.natives(pairs)
    return {"native": {"median": rounds.median(natives), "seconds": natives},
            "ways": {way: rounds.summary(samples) for way, samples in pairs.items() if way != "native"}}


def place(point):
    return [str(point["nodes"]), str(point["ranks"])]


def cells(points, ways, cell):
    return [place(point) + [cell(point, way) for way in ways] for point in points]


def median_cell(point, way):
    found = point["native"] if way == "native" else point["ways"].get(way)
    return f"{found['median']:.2f}" if found else "-"


def ratio_cell(point, way):
    found = point["ways"].get(way)
    return f"{found['ratio']:.2f} ({found['max_ratio']:.2f})" if found else "-"


def floor_note(points):
    for point in points:
        if FLOOR in point["ways"] and "cold" in point["ways"]:
            floor = point["ways"][FLOOR]["median"]
            more = rounds.median([cold - native for cold, native in point["ways"]["cold"]["pairs"]])
            return (f"startup floor: one bare `podman run --rm IMAGE true` takes {floor:.2f} s; "
                    f"cold minus native at {point['ranks']} ranks is {more:.2f} s")
    return None


def notes(benchmark):
    options = benchmark.options
    yield from dict.fromkeys(benchmark.notes)
    slow = [way for way in benchmark.ways if WAYS[way].slow]
    if slow:
        pairs = min(options.pairs, SLOW_PAIRS)
        yield f"{', '.join(slow)}: {pairs} pairs, and left out above {options.slow_up_to} ranks"
    if max(options.ranks) >= MANY_RANKS and options.pairs > MANY_PAIRS:
        yield f"{MANY_PAIRS} pairs from {MANY_RANKS} ranks on"
    if max(options.nodes) > 1:
        yield "several nodes share this machine's cores; there it is native, cold and warm with 8 to 32 ranks"
    yield from filter(None, [floor_note(benchmark.points)])
    yield from (f"{way}: {WAYS[way].about}" for way in benchmark.ways)


def show(benchmark, facts):
    options, points = benchmark.options, benchmark.points
    ways = [way for way in benchmark.ways if way != "native"]
    head = ["nodes", "ranks"]
    print(machine.sentence(facts))
    tables.show(f"Seconds, median of {options.pairs} pairs", [*head, "native", *ways],
                cells(points, ["native", *ways], median_cell), options.markdown)
    tables.show("Ratio to the native run beside it, median (highest)", head + ways,
                cells(points, ways, ratio_cell), options.markdown)
    tables.say_notes(notes(benchmark), options.markdown)


def panels(points):
    """What plot.svg draws."""
    found = {}
    for point in points:
        curves = found.setdefault(f"{point['nodes']} node{'s' * (point['nodes'] > 1)}", {})
        for way, samples in {"native": point["native"], **point["ways"]}.items():
            if way != FLOOR:
                curves.setdefault(way, {})[point["ranks"]] = samples["median"]
    return found


def main():
    options = arguments()
    with lab_of(max(options.nodes)) as lab:
        facts = machine.machine()
        benchmark = Benchmark(options, lab)
        benchmark.run()
    if benchmark.points:
        show(benchmark, facts)
        tables.write_results(options.out, {"machine": facts, "points": benchmark.points})
        drawing = plot.svg(panels(benchmark.points), list(dict.fromkeys(["native", *benchmark.ways])))
        tables.write(options.out, "launch.svg", drawing)
    sys.exit(1 if benchmark.failed else 0)


main()
