"""Latency, bandwidth and transports between two ranks, with and without containers."""
import argparse
import re
import sys

from measure import machine, rounds, tables
from measure.lab import IMAGE, lab_of, mpirun, say

# "again" is native too: how far two runs of the same differ here.
WAYS = {"native": [], "again": [], "container": ["mpi-podman", IMAGE], "per-rank": ["mpi-podman", "--per-rank", IMAGE]}
NODES = (1, 2)
VERBOSE = ["--mca", "btl_base_verbose", "100", "--mca", "pml_base_verbose", "100"]
CHOICES = {"pml": r"select: component (\S+) selected", "btl": r"Using (\S+) btl for send to"}


def arguments():
    parser = argparse.ArgumentParser(prog="pingpong", description=__doc__)
    parser.add_argument("--pairs", type=int, default=7, help="measurements of each way (default: %(default)s)")
    tables.add_options(parser, "pingpong")
    return parser.parse_args()


class Between:
    """Measures two ranks on one node, or on one each."""

    def __init__(self, lab, nodes):
        self.lab, self.nodes = lab, nodes
        self.copies = {way: set() for way in WAYS}
        self.warned = {way: 0 for way in WAYS}

    def run(self, way, *options):
        return self.lab.succeeded([*mpirun(self.nodes, 2, *options), *WAYS[way], "./pingpong"])

    def __call__(self, way):
        """{bytes: microseconds}"""
        done = self.run(way)
        self.warned[way] += bool(done["err"])
        lines = [line.split() for line in done["out"].splitlines()]
        self.copies[way].update(words[1] for words in lines if words[0] == "copy")
        return {int(size): float(time) for size, time in lines if size != "copy"}

    def transports(self, way):
        """What Open MPI says that it has chosen: {"btl self", ...}, with how shared memory copies."""
        done = self.run(way, *VERBOSE)
        said = done["out"] + done["err"]
        found = {f"{kind} {name}" for kind, line in CHOICES.items() for name in re.findall(line, said)}
        return found | {f"copy {name}" for name in self.copies[way]}


def by_size(pairs):
    """{bytes: {way: summary}}"""
    sizes = next(iter(pairs.values()))[0][0]
    return {size: {way: rounds.summary([[mine[size], native[size]] for mine, native in samples])
                   for way, samples in pairs.items()} for size in sizes}


def measured(lab, nodes, pairs):
    say(f"two ranks on {nodes} node(s)")
    between = Between(lab, nodes)
    rounds.in_pairs(between, dict.fromkeys(WAYS, 1))  # what only the first run has to read or make
    samples = rounds.in_pairs(between, dict.fromkeys(WAYS, pairs))
    ways = ["native", *samples]
    natives = rounds.natives(samples)
    return {"nodes": nodes, "ways": list(samples), "sizes": by_size(samples),
            "native": {size: rounds.median([native[size] for native in natives]) for size in natives[0]},
            "transports": {way: sorted(between.transports(way)) for way in ways},
            "runs_that_warned": {way: between.warned[way] for way in ways}}


def speed(size, microseconds):
    return [f"{microseconds:.2f}", f"{size / microseconds:.1f}"]  # bytes in a microsecond are megabytes in a second


def fastest(pairs):
    """Ratio of the fastest run to the fastest native one: what disturbs a run only makes it slower."""
    return min(mine for mine, _ in pairs) / min(native for _, native in pairs)


def rows(result):
    for size, ways in result["sizes"].items():
        cells = [str(size), *speed(size, result["native"][size])]
        for way in result["ways"]:
            found = ways[way]
            cells += [*speed(size, found["median"]), f"{found['ratio']:.2f} ({found['max_ratio']:.2f})",
                      f"{fastest(found['pairs']):.2f}"]
        yield cells


def notes(result):
    native = result["transports"]["native"]
    for way, chosen in result["transports"].items():
        judged = "" if way in ("native", "again") else ": the same" if chosen == native else ": not the same"
        yield f"{way}, transports: {', '.join(chosen)}{judged}"
        warned = result["runs_that_warned"][way]
        yield f"{way}, standard error: " + (f"words in {warned} runs" if warned else "silent, no warning of CMA")


def show(result, pairs, markdown):
    head = ["bytes", "native us", "MB/s"]
    for way in result["ways"]:
        head += [f"{way} us", "MB/s", "to native", "fastest"]
    where = "one node" if result["nodes"] == 1 else "two nodes"
    tables.show(f"Between two ranks on {where}: microseconds one way, median of {pairs}; to native: median (highest), "
                "and of the fastest",
                head, list(rows(result)), markdown)
    tables.say_notes(notes(result), markdown)


def main():
    options = arguments()
    with lab_of(max(NODES)) as lab:
        facts = machine.machine()
        lab.compile("tests/bench/pingpong.c", "pingpong")
        results = [measured(lab, nodes, options.pairs) for nodes in NODES]
    print(machine.sentence(facts))
    for result in results:
        show(result, options.pairs, options.markdown)
    tables.write_results(options.out, {"machine": facts, "results": results})
    sys.exit(0 if all(len(result["ways"]) == len(WAYS) - 1 for result in results) else 1)


main()
