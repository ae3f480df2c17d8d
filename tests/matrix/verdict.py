"""Whether a run of the matrix' program did what it had to."""
import re
from dataclasses import dataclass

from measure.lab import without_ssh_race

# The line of program.c.
LINE = re.compile(r"^matrix: (\d+) ranks on (\d+) nodes, ok, latency ([\d.]+) us, (.*)$", re.MULTILINE)
COMPLAINT = re.compile(r"^matrix: rank \d+ of (\d+) on .*$", re.MULTILINE)

AT_END = "hangs at its end"
LONGEST = 400  # of what others say, in characters


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
    """What mpi-podman said, without its name and the node's; the same for all images."""
    said = re.search(r"^mpi-podman: (?:\S+: )?(.*)$", words, re.MULTILINE)
    return re.sub(r"localhost/mpi-podman/\S+", "IMAGE", said.group(1)) if said else None


def gist(words):
    """What program.c says, or else the first that launchers and libraries do, who like to draw lines around it."""
    own = COMPLAINT.search(words)
    if own:
        return own.group()
    blocks = [" ".join(block.split()) for block in re.split(r"^[-*=]{5,}$", words, flags=re.MULTILINE) if block.strip()]
    return blocks[0][:LONGEST] if blocks else "nothing on standard error"


def how_it_ended(done):
    """Nothing, or what is wrong whatever it printed."""
    if done["status"] is None:
        return Verdict("hangs", gist(done["err"]))
    if done["status"] != 0:
        said = refusal(done["err"])
        said = said or f"status {done['status']}: {gist(done['err'])}"
        return Verdict("refused" if refusal(done["err"]) else "fails", said)
    return None


def of_lines(lines, nodes, ranks, image):
    """One line, with these numbers, from this image's MPI, or any if that is None."""
    if len(lines) != 1:
        return Verdict("wrong", f"{len(lines)} lines of a rank 0 instead of one")
    _, found_nodes, latency, library = lines[0]
    if int(found_nodes) != nodes:
        return Verdict("wrong", f"{found_nodes} nodes instead of {nodes}")
    if image and (image.family not in library or image.version not in library):
        return Verdict("wrong", f"the MPI that ran is {library}")
    return Verdict(latency=float(latency))


def of_program(done, nodes, ranks, image):
    lines = LINE.findall(done["out"])
    # Before all else: silent singletons may also fail, at each other's files.
    for size in [line[0] for line in lines] + COMPLAINT.findall(done["err"]):
        if int(size) != ranks:
            return Verdict("wrong", f"jobs of {size} rank(s) instead of one of {ranks}")
    printed, ended = of_lines(lines, nodes, ranks, image), how_it_ended(done)
    if ended and ended.word == "hangs" and printed.ok:
        return Verdict(AT_END, "all was done and right, MPI_Finalize or the launcher did not end", printed.latency)
    if ended:
        return ended
    said = without_ssh_race(done["err"])
    if printed.ok and said.strip():
        return Verdict("says more", gist(said), printed.latency)
    return printed
