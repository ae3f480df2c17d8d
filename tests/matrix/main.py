"""Every launcher starts every image: what works, and what a bridge costs. Tables go to standard output, as Markdown."""
import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../bench"))

# pylint: disable=wrong-import-position
import cells
import python_programs
import speed
from combined import IMAGES, LAUNCHERS
from nodes import nodes_of

PARTS = ("cells", "mpi4py", "speed")


def names_of(known):
    def names(text):
        unknown = set(text.split(",")) - set(known)
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return text.split(",")
    return names


def arguments():
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--parts", type=names_of(PARTS), default="cells,mpi4py",
                        help=f"of {', '.join(PARTS)} (default: %(default)s)")
    parser.add_argument("--launchers", type=names_of(LAUNCHERS), default=",".join(LAUNCHERS),
                        help="default: %(default)s")
    parser.add_argument("--images", type=names_of(IMAGES), default=",".join(IMAGES), help="default: %(default)s")
    parser.add_argument("--native", action="store_true",
                        help="run what is known to hang without containers too also without one, as often")
    parser.add_argument("--attempts", type=int, default=6, help="of what is known to hang (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=7, help="measurements of speed (default: %(default)s)")
    parser.add_argument("--judge", action="store_true",
                        help=f"speed fails above {speed.MOST_START} for start-up, {speed.MOST_LATENCY} for latency")
    return parser.parse_args()


def images_for(options, system):
    """As tests/images calls them."""
    names = []
    if "cells" in options.parts:
        names += [IMAGES[key].with_program("matrix") for key in options.images]
    if "mpi4py" in options.parts:
        names += python_programs.IMAGES
    if "speed" in options.parts:
        names += [IMAGES[image].with_program(program) for _, image, _ in speed_of(options, system)
                  for program in ("ring", "matrix")]
    return list(dict.fromkeys(names))


def speed_of(options, system):
    return list(speed.pairs_of(system, options.launchers, options.images))


class Results:
    def __init__(self):
        self.cells, self.mpi4py, self.speed = [], [], []

    def of_system(self, options, system, launchers):
        images = images_for(options, system)
        if not images:
            return  # what speed compares, this system has none of
        with nodes_of(system, images) as lab:
            if "cells" in options.parts:
                matrix = cells.Matrix(lab, options)
                self.cells += [matrix.fill(launcher, image) for launcher in launchers for image in options.images]
            if "mpi4py" in options.parts:
                self.mpi4py += [python_programs.fill(lab, launcher, image) for launcher in launchers
                                for image in python_programs.IMAGES]
            if "speed" in options.parts:
                self.speed += [speed.Speed(lab, options.pairs).fill(*pair) for pair in speed_of(options, system)]

    def show(self, options):
        if self.cells:
            cells.show(self.cells)
        if self.mpi4py:
            python_programs.show(self.mpi4py)
        if self.speed:
            speed.show(self.speed, options.pairs)

    def all_well(self, options):
        return not (any(cell.problems for cell in self.cells) or any(cell.words != "ok" for cell in self.mpi4py)
                    or any(cell.failed for cell in self.speed)
                    or options.judge and any(speed.too_slow(cell) for cell in self.speed))


def main():
    options = arguments()
    results = Results()
    for system in dict.fromkeys(launcher.system for launcher in LAUNCHERS.values()):
        launchers = [name for name in LAUNCHERS if name in options.launchers and LAUNCHERS[name].system == system]
        if launchers:
            results.of_system(options, system, launchers)
    results.show(options)
    sys.exit(0 if results.all_well(options) else 1)


main()
