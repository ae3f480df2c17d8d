"""Every block of every page is run by a test, or marked: what can be seen without a lab. See README.md here.

check.py PROGRAM: the mpi-podman that was built
"""
import glob
import os
import re
import shlex
import subprocess
import sys

from blocks import blocks_of
from marks import Wrong, way_of

REPO = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
LIMIT = 60  # seconds: a bound for what hangs


def pages():
    found = glob.glob("**/*.md", root_dir=REPO, recursive=True)
    return sorted(page for page in found if not page.startswith("build"))


def read(path):
    with open(os.path.join(REPO, path), encoding="utf-8") as file:
        return file.read()


def all_blocks(names=None):
    return [block for page in names or pages() for block in blocks_of(page, read(page))]


def logical_lines(block):
    """Each command line without what is remarked behind it, by a # or in a column of its own."""
    text = "\n".join(command.text for command in block.commands()).replace("\\\n", " ")
    for line in text.splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield re.split(r"\s+#\s|(?<=\S)\s{3,}(?=\S)", line.strip(), maxsplit=1)[0]


def squeezed(text):
    return " ".join(text.replace("\\\n", " ").split())


def contained(line, tests):
    """Whether one of the tests has this very command."""
    for test in tests:
        if not os.path.isfile(os.path.join(REPO, test)):
            raise Wrong(f"there is no {test}")
    return any(squeezed(line) in squeezed(read(test)) for test in tests)


def help_of(program, binary):
    words = [binary] if program == "mpi-podman" else [os.path.join(REPO, program)]
    done = subprocess.run([*words, "--help"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=LIMIT, check=False)
    return squeezed(done.stdout)


def listed(line, binary):
    """Whether the program's --help has the line, or else each option in it; of the program's name alone, that it has it."""
    program, *words = line.split()
    said = help_of(program, binary)
    if squeezed(line) in said or f"{os.path.basename(program)} {' '.join(words)}" in said:
        return True
    options = [word for word in shlex.split(line)[1:] if word.startswith("-")]
    is_name = not words and os.path.basename(program) in said
    return is_name or (bool(options) and all(option in said for option in options))


def check(block, binary):
    way = way_of(block)
    for line in logical_lines(block):
        if way.by and not contained(line, way.by):
            raise Wrong(f"not in {', '.join(way.by)}: {line}")
        if way.help_lists_it and not listed(line, binary):
            raise Wrong(f"not in its --help: {line}")


def main():
    blocks, wrong = all_blocks(), 0
    for block in blocks:
        try:
            check(block, sys.argv[1])
        except Wrong as why:
            wrong += 1
            print(f"{block.where()}: {why}", file=sys.stderr)
    print(f"{len(blocks)} blocks in {len(pages())} pages, {wrong} wrong")
    return wrong != 0 or not blocks


if __name__ == "__main__":
    sys.exit(main())
