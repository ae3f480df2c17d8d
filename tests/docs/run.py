"""Runs the commands of pages as a reader would, and compares what they print with what the pages show: README.md here.

run.py [PAGE...]                   as the lab's user on node1, in a directory that looks like a checkout
run.py --as-root BUILD [PAGE...]   what is marked `as root`, on this machine, in the checkout

A lab with the images must be up; as root, the pages make theirs. BUILD is what the pages call `build`.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys

from check import REPO, all_blocks, pages
from marks import way_of

LAB = os.path.join(REPO, "tests/lab/lab")
CHECKOUT = "/home/mpi/checkout"
IMAGE = "localhost/mpi-podman/ring"
LIMIT = 300  # seconds: a bound for what hangs
BETWEEN = "=== of the next command ==="
# What mpirun says, natively too, where its ssh was quicker to exec than mpirun to name its process group.
SSH_RACE = re.compile(r"^\[[^]]*\] plm:(rsh|ssh): Warning: setpgid\([0-9,]*\) failed in parent")
# A reader's own names: IMAGE, ./ring, hf for a hostfile, DIR (a site's hooks), and more slots than this machine has.
SET_UP = f"""
mkdir -p {CHECKOUT}
cd {CHECKOUT}
cp -r /src/examples /src/hostfiles .
ln -sfn /src/tests tests
cp hostfiles/lab hf
cp ~/programs/ring ring
mkdir -p DIR
sed 's|/opt/openmpi/lib|/usr/lib/x86_64-linux-gnu|g; s|"BIND_MOUNTS=[^"]*|"BIND_MOUNTS=/usr/lib/x86_64-linux-gnu/openmpi|' \
    /usr/local/share/mpi-podman/hooks.d/open-mpi.json >DIR/open-mpi.json
"""
# The images of the examples were built by this very command where the mirror is in reach (tests/images/build).
BUILT = re.compile(r"^podman build -t (localhost/mpi-podman/(\w+)) examples/\2$", re.MULTILINE)
BEGIN = "set -e\nexport OMPI_MCA_rmaps_base_oversubscribe=1\n"


def as_user(script, cwd="/home/mpi"):
    """stdin is the lab's own affair: what is started there must not read the script's."""
    return captured([LAB, "as", "--cwd", cwd, "node1", "bash", "-c", script])


def on_this_machine(script):
    return captured(["bash", "-c", f"cd {REPO}\n{script}"])


def captured(argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=LIMIT, check=False)
    return done.returncode, [line for line in done.stdout.splitlines() if not SSH_RACE.match(line)]


def script_of(block, build):
    parts = [command.text for command in block.commands()]
    text = f"\necho '{BETWEEN}'\n".join(parts)
    text = re.sub(r"\bIMAGE\b", IMAGE, BUILT.sub(r"podman image exists \1", text))
    return BEGIN + (text.replace("--install build ", f"--install {build} ") if build else text)


def printed_by_each(lines):
    each = [[]]
    for line in lines:
        if line == BETWEEN:
            each.append([])
        else:
            each[-1].append(line)
    return each


def comparable(lines, way):
    """Ranks print in any order, and sizes of columns follow their numbers."""
    kept = [" ".join(line.split()) for line in lines if line.strip()]
    if way.numbers_vary:
        kept = [re.sub(r"\d+(\.\d+)?", "N", line) for line in kept]
    return sorted(kept)


def is_as_shown(shown, printed, way):
    shown, printed = comparable(shown, way), comparable(printed, way)
    if way.in_part:
        return all(line in printed for line in shown)
    return shown == printed


def differences(block, way, lines):
    """Of each command that has its output shown."""
    found = []
    for command, printed in zip(block.commands(), printed_by_each(lines)):
        if command.shown and not is_as_shown(command.shown, printed, way):
            found += [f"$ {command.text}", *difflib.unified_diff(command.shown, printed, "shown", "printed", lineterm="")]
    return found


def problem_with(block, way, build):
    script = script_of(block, build)
    status, lines = on_this_machine(script) if way.as_root else as_user(script, CHECKOUT)
    if status != 0:
        return [f"status {status}", *lines]
    return differences(block, way, lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--as-root", metavar="BUILD")
    parser.add_argument("pages", metavar="PAGE", nargs="*")
    options = parser.parse_args()
    if not options.as_root:
        status, lines = as_user(BEGIN + SET_UP)
        if status != 0:
            sys.exit("\n".join(["cannot set up the reader's directory:", *lines]))
    wrong = done = 0
    for block in all_blocks(options.pages or pages()):
        way = way_of(block)
        if not way.run or way.as_root != bool(options.as_root):
            continue
        done += 1
        problem = problem_with(block, way, options.as_root)
        wrong += bool(problem)
        print(f"{block.where()}: {'NOT AS WRITTEN' if problem else 'ok'}", flush=True)
        print("".join(f"    {line}\n" for line in problem), end="")
    print(f"{done} blocks run, {wrong} not as written")
    return wrong != 0 or done == 0


if __name__ == "__main__":
    sys.exit(main())
