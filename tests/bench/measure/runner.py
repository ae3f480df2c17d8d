"""Runs commands on a node, one after another, and times them there, so that no ssh is in the time.

Node 1 runs it as the lab's user (lab.py). It reads a line of JSON for each command: argv, limit (seconds until it is
ended), settle (whether to wait first until all that earlier commands started has ended). It writes a line for each:
status (null where it had to be ended), seconds, out, err, settled.
"""
import glob
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

SETTLE_AT_MOST = 10


def number_in(path):
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def is_ours(pid):
    """Whether it is a process of this user that still runs. The owner of /proc/PID would not tell: of one that may not
    be traced it is root."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    except OSError:
        return False
    return int(status["Uid"].split()[0]) == os.getuid() and not status["State"].startswith("Z")


def running():
    # Podman leaves one process per user, which keeps the user's namespace.
    pauses = {number_in(path) for path in glob.glob("/tmp/*/libpod/tmp/pause.pid")}
    return {int(pid) for pid in os.listdir("/proc") if pid.isdigit() and is_ours(pid)} - pauses


def settle(known):
    """A container ends a little later than its mpirun: that must not be in the time of whatever runs next."""
    until = time.monotonic() + SETTLE_AT_MOST
    while running() - known:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def end(process):
    """mpirun first, so that it can end its ranks; then whatever has not."""
    os.kill(process.pid, signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def time_of(argv, limit, out, err):
    """The exit status, or nothing where it took longer than `limit`; and seconds."""
    begin = time.monotonic()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
    with os.fdopen(os.pidfd_open(process.pid)) as pidfd:
        ended = select.select([pidfd], [], [], limit)[0]
    seconds = time.monotonic() - begin
    if not ended:
        end(process)
    status = process.wait()
    return status if ended else None, seconds


def text_of(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def run(request, known):
    settled = settle(known) if request["settle"] else True
    # Files: a pipe would stay open as long as anything that the command left behind.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        status, seconds = time_of(request["argv"], request["limit"], out, err)
        return {"status": status, "seconds": seconds, "out": text_of(out), "err": text_of(err), "settled": settled}


def main():
    known = running()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line), known)), flush=True)


main()
