"""How a block of a page is known to be right: what the comments before it say."""
from dataclasses import dataclass

# README.md here tells what each means.
NOT_RUN = ("needs a registry", "needs hardware")
RUN = {"as root": "as_root", "numbers vary": "numbers_vary", "shown in part": "in_part"}


@dataclass
class Way:
    """Run, unless something else is said."""
    run: bool = True
    as_root: bool = False
    numbers_vary: bool = False
    in_part: bool = False
    help_lists_it: bool = False
    by: tuple = ()  # the tests that run it


class Wrong(Exception):
    """A mark that is none, or does not go with another; a block that is not as its mark says."""


def way_of(block):
    way = Way()
    for mark in block.marks:
        word, _, rest = mark.partition(": ")
        if mark in RUN:
            setattr(way, RUN[mark], True)
        elif mark == "not run: its --help lists it":
            way.run, way.help_lists_it = False, True
        elif (word == "not run" and rest in NOT_RUN) or (word == "no command" and rest):
            way.run = False
        elif word == "run by" and rest:
            way.run, way.by = False, tuple(rest.split(", "))
        else:
            raise Wrong(f"unknown mark '{mark}'")
    if not way.run and any(mark in RUN for mark in block.marks):
        raise Wrong("its marks say that it is run, and that it is not")
    return way
