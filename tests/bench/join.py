"""What a rank costs that joins its node's container: CPU time and memory of the wrapper and its rank-keeper."""
import argparse
import os
import subprocess

from measure import machine, rounds, tables
from measure.lab import IMAGE, LAB, LIMIT, PLACE, Failed, checked, lab_of, mpirun, say

WRAPPER = ["mpi-podman", IMAGE]
GATE = "gate"  # a fifo: ranks that wait at it all go on when somebody opens it


def arguments():
    parser = argparse.ArgumentParser(prog="join", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="joining ranks to measure (default: %(default)s)")
    parser.add_argument("--held", type=int, default=32, help="ranks whose memory is looked at (default: %(default)s)")
    tables.add_options(parser, "join")
    return parser.parse_args()


def reaped(lab, count):
    """{kind: [[CPU milliseconds, MiB at most]]}, as join.c says it."""
    say(f"{count} ranks join a container, one after another")
    lab.compile("tests/bench/join.c", "join")
    found = {}
    for line in lab.healthy([*mpirun(1, 1), "./join", str(count), *WRAPPER])["out"].splitlines():
        kind, microseconds, kilobytes = line.split()
        found.setdefault(kind, []).append([int(microseconds) / 1000, int(kilobytes) / 1024])
    return found


def field(path, name):
    with open(path, encoding="ascii", errors="replace") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(f"{name}:"))


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return None  # it has ended meanwhile


def processes_of_node1(name):
    """Those with its network, which its containers have too: seen from outside by root, who may read all of them."""
    init = checked([LAB, "status"]).split()[2]
    network = os.stat(f"/proc/{init}/ns/net").st_ino
    return [pid for pid in os.listdir("/proc")
            if pid.isdigit() and name_of(pid) == name and os.stat(f"/proc/{pid}/ns/net").st_ino == network]


def cost_now(pid):
    """[CPU milliseconds, MiB at most, MiB now, where a page that n processes share counts as one nth]"""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        milliseconds = int(file.read().split()[0]) / 1e6
    highest, share = field(f"/proc/{pid}/status", "VmHWM"), field(f"/proc/{pid}/smaps_rollup", "Pss")
    return [milliseconds, highest / 1024, share / 1024]


def wait_for_words(job, count):
    for number in range(count):
        if not job.stdout.readline():
            raise Failed(f"only {number} of {count} ranks began")


def held(lab, count):
    """{kind: [cost_now()]}, while so many ranks of one job run."""
    say(f"{count} ranks are held")
    lab.on("node1", "mkfifo", f"{PLACE}/{GATE}")
    rank = ["sh", "-c", f"echo began; exec cat {GATE}"]
    argv = [LAB, "as", "--cwd", PLACE, "node1", "timeout", str(LIMIT), *mpirun(1, count), *WRAPPER, *rank]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as job:
        wait_for_words(job, count)
        found = {name: [cost_now(pid) for pid in processes_of_node1(name)] for name in ("mpi-podman", "rank-keeper")}
        lab.on("node1", "sh", "-c", f": >{PLACE}/{GATE}")
    return found


def median_of(samples, column):
    return rounds.median([sample[column] for sample in samples])


def cpu_rows(alone, more):
    join, native, agent = (alone[kind] for kind in ("join", "native", "agent"))
    costs = [with_wrapper[0] - without[0] + agent[0][0] for with_wrapper, without in zip(join, native)]
    yield "a joining rank", rounds.median(costs), max(costs)
    yield "  of it the agent's", agent[0][0], None
    yield "  of it the wrapper's, until its rank runs", median_of(more["mpi-podman"], 0), None
    yield "  of it the rank-keeper's, until its rank runs", median_of(more["rank-keeper"], 0), None


def memory_rows(alone, more):
    highest = [sample[1] for sample in alone["join"]]
    yield "a joining rank's wrapper, at most", rounds.median(highest), max(highest)
    yield "a wrapper while its rank runs, its share of what is shared", median_of(more["mpi-podman"], 2), None
    yield "a rank-keeper, the same", median_of(more["rank-keeper"], 2), None


def show(title, rows, markdown):
    cells = [[what, f"{middle:.2f}", "" if highest is None else f"{highest:.2f}"] for what, middle, highest in rows]
    tables.show(title, ["", "median", "highest"], cells, markdown)


def main():
    options = arguments()
    with lab_of(1) as lab:
        facts = machine.machine()
        alone = reaped(lab, options.count)
        more = held(lab, options.held)
    print(machine.sentence(facts))
    show(f"Milliseconds of CPU time, {options.count} ranks", cpu_rows(alone, more), options.markdown)
    show(f"MiB of memory, {options.count} ranks, {options.held} held", memory_rows(alone, more), options.markdown)
    tables.say_notes(["a joining rank: the wrapper, its rank-keeper and what the agent does for it; without the rank",
                      "the first rank of a node, which has podman start the container, is not among them"],
                     options.markdown)
    tables.write_results(options.out, {"machine": facts, "reaped": alone, "held": more})


main()
