"""Random jobs under random faults: nothing hangs, nothing is left, what failed is named. Prints a table."""
import argparse
import itertools
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
import traceback

import table
from draw import draw
from labs import Failed, Lab, say
from leftovers import Leftovers
from trial import Outcome, Trial

WAYS_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def arguments():
    name = os.environ.get("MPI_PODMAN_LAB", "")
    parser = argparse.ArgumentParser(prog="tests/chaos/run", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long new jobs are started (default: %(default)s)")
    parser.add_argument("--seed", default=str(secrets.randbelow(1_000_000)),
                        help="of a run to repeat (default: a new one)")
    parser.add_argument("--job", type=int, action="append", metavar="N", help="only this of the seed; may be repeated")
    parser.add_argument("--kind", default="", metavar="TEXT", help="only jobs whose kind of fault has this in its name")
    parser.add_argument("--build", required=True, metavar="DIR",
                        help="with what is built there (default: build it, in build-bench/)")
    parser.add_argument("--labs", type=lambda text: text.split(","), default=[name, f"{name}twin"], metavar="NAME,...",
                        help="one job at a time runs in each (default: the one MPI_PODMAN_LAB names, and its twin)")
    return parser.parse_args()


class Run:
    """The jobs of a seed, one after another, each in whichever lab is free."""

    def __init__(self, options):
        self.options = options
        self.outcomes = []
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.numbers = iter(options.job) if options.job else itertools.count()
        self.until = float("inf")
        self.troubles = []

    def next_job(self):
        with self.lock:
            while not self.ended.is_set() and time.monotonic() < self.until:
                number = next(self.numbers, None)
                if number is None:
                    return None
                job = draw(self.options.seed, number)
                if self.options.kind in job.faults[0].kind:
                    return job
        return None

    def work(self, lab):
        try:
            leftovers = Leftovers(lab)
            while (job := self.next_job()) is not None:
                outcome = self.one(lab, leftovers, job)
                with self.lock:
                    self.outcomes.append(outcome)
                    table.say_outcome(outcome, self.options.seed)
                if outcome.hangs or outcome.left or outcome.broken:
                    lab.again()
                    leftovers = Leftovers(lab)
        except Exception:  # pylint: disable=broad-except  # of a thread: it would be lost
            self.troubles.append(f"lab '{lab.name}': {traceback.format_exc()}")
            self.ended.set()

    def one(self, lab, leftovers, job):
        trial = Trial(lab, leftovers, job, self.options.seed)
        try:
            return trial.run()
        except (Failed, subprocess.TimeoutExpired, OSError) as error:
            trial.outcome.wrong.append(f"the programme's own: {error}\n{traceback.format_exc()}")
            trial.outcome.broken = True
            return trial.outcome

    def take_down(self, lab):
        try:
            lab.down()
        except (Failed, subprocess.TimeoutExpired) as error:
            self.troubles.append(f"lab '{lab.name}' does not end: {error}")

    def in_labs(self, labs):
        self.until = time.monotonic() + 60 * self.options.minutes if not self.options.job else self.until
        threads = [threading.Thread(target=self.work, args=(lab,)) for lab in labs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def bring_up(labs):
    # One at a time where they build the same images; two loads at once would only wait for each other's disk.
    for lab in labs:
        say(f"lab '{lab.name}': two nodes, images, Slurm")
        lab.up()


def main():
    options = arguments()
    if os.getuid() != 0:
        sys.exit("chaos: run it as root: it makes labs of nodes")
    labs = [Lab(name, os.path.abspath(options.build)) for name in options.labs]
    run = Run(options)
    for number in WAYS_TO_END:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    began = time.monotonic()
    try:
        bring_up(labs)
        say(f"seed {options.seed}, {options.minutes:g} minutes")
        began = time.monotonic()
        run.in_labs(labs)
    finally:
        run.ended.set()
        for number in WAYS_TO_END:
            signal.signal(number, signal.SIG_IGN)
        for lab in labs:
            run.take_down(lab)
    for trouble in run.troubles:
        print(trouble, file=sys.stderr)
    table.show(run.outcomes, options.seed, time.monotonic() - began, labs[0].sanitized)
    sys.exit(0 if not run.troubles and run.outcomes and all(outcome.ok for outcome in run.outcomes) else 1)


main()
