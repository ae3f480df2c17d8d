"""Whether a run of the matrix' program did what it had to."""
import re
from dataclasses import dataclass

from measure.lab import without_ssh_race

# The line of program.c.
LINE = re.compile(r"^matrix: (\d+) ranks on (\d+) nodes, ok, latency ([\d.]+) us, (.*)$", re.MULTILINE)

AT_END = "hangs at its end"


@dataclass(frozen=True)
class Verdict:
    """One word and more about it where something is wrong; no word where all is well."""
    word: str = ""
    more: str = ""
    latency: float = 0.0

    @property
    def ok(self):
        return not self.word


def refusal(words):
    """What mpi-podman said, without its name and the node's."""
    said = re.search(r"^mpi-podman: (?:\S+: )?(.*)$", words, re.MULTILINE)
    return said.group(1) if said else None


def first_line(words):
    """The first that tells something, of launchers and libraries that like to draw lines."""
    own = re.search(r"^matrix: .*$", words, re.MULTILINE)
    lines = [line.strip() for line in words.splitlines() if line.strip(" -*=")]
    return own.group() if own else lines[0] if lines else "nothing on standard error"


def how_it_ended(done):
    """Nothing, or what is wrong whatever it printed."""
    if done["status"] is None:
        return Verdict("hangs", first_line(done["err"]))
    if done["status"] != 0:
        said = refusal(done["err"])
        said = said or f"status {done['status']}: {first_line(done['err'])}"
        return Verdict("refused" if refusal(done["err"]) else "fails", said)
    return None


def of_lines(lines, nodes, ranks, image):
    """One line, with these numbers, from this image's MPI. N silent singletons are N lines of 1."""
    if not lines:
        return Verdict("wrong", "no line of rank 0")
    if len(lines) > 1:
        return Verdict("wrong", f"{len(lines)} jobs of {lines[0][0]} rank(s) instead of one of {ranks}")
    found_ranks, found_nodes, latency, library = lines[0]
    if (int(found_ranks), int(found_nodes)) != (ranks, nodes):
        return Verdict("wrong", f"{found_ranks} ranks on {found_nodes} nodes")
    if image.family not in library or image.version not in library:
        return Verdict("wrong", f"the MPI that ran is {library}")
    return Verdict(latency=float(latency))


def of_program(done, nodes, ranks, image):
    printed = of_lines(LINE.findall(done["out"]), nodes, ranks, image)
    ended = how_it_ended(done)
    if ended and ended.word == "hangs" and printed.ok:
        return Verdict(AT_END, "all was done and right, MPI_Finalize or the launcher did not end",
                       printed.latency)
    if ended:
        return ended
    said = without_ssh_race(done["err"])
    if printed.ok and said.strip():
        return Verdict("says more", first_line(said), printed.latency)
    return printed
