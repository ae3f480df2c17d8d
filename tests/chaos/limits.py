"""Memory, files and processes that run out: by resource limits, from the start or at any time later."""
import os
import resource
import subprocess
import time

import processes
from strike import Strike

OPTIONS = {"as": "--as", "nofile": "--nofile", "nproc": "--nproc"}
UID = 7411  # the lab's user
# Not the janitor, container-keeper and rank-guard: one without files is as one that is killed, and they clean up alone.
OURS = ("wrapper", "agent", "rank-keeper", "podman", "conmon", "pmi-server", "pmix-server")
CLEANING = ("job-janitor", "container-keeper", "rank-guard", "wrapper", "podman", "conmon")
MEGABYTE = 1 << 20
# With less the kernel cannot map the program, and kills it before it is one; with 25 times as much (podman needs near a
# gigabyte) podman runs sometimes, and sometimes cannot remove the container that it made.
LEAST_MEMORY = 24 * MEGABYTE


def which_of(strike):
    """AddressSanitizer takes more address space than any limit would leave."""
    which = strike.kind.target
    return "nofile" if which == "as" and strike.lab.sanitized else which


class Limit(Strike):
    def relieve(self):
        """Of processes the kernel counts those of the other labs' jobs too, and they are many all the time."""
        if which_of(self) != "nproc":
            return
        for node in self.nodes:
            for each in processes.processes_in(self.lab.cgroup(node)):
                if any(processes.KINDS[kind](each) for kind in CLEANING):
                    lift_limit(each.pid)


class LimitAtStart(Limit):
    """Of each mpi-podman, and so of what it starts."""

    def prepare(self):
        which, chance = which_of(self), self.dice().random()
        value = int({"as": LEAST_MEMORY * 25 ** chance, "nofile": 3 + 40 * chance, "nproc": 60 * chance}[which])
        self.what = f"{which} {value}"
        self.prefix = ["prlimit", f"{OPTIONS[which]}={value}"]

    def strike(self, running):
        return True


class LimitLater(Limit):
    """Of one process that runs: what it uses now, and hardly more."""
    patience = 4.0  # seconds

    def strike(self, running):
        dice = self.dice()
        which = which_of(self)
        kinds = dice.sample(OURS, len(OURS))
        until = time.monotonic() + self.patience
        while running.goes_on() and time.monotonic() < until:
            there = [each for node in running.nodes for each in processes.processes_in(self.lab.cgroup(node))]
            for kind in kinds:
                found = [each for each in there if processes.KINDS[kind](each) and not processes.is_others(each)]
                victim = dice.choice(found) if found else None
                if victim and self.limit(victim.pid, which, dice):
                    self.what = " ".join(victim.words)[:200] + f": {self.what}"
                    return True
            running.wait(0.02)
        return False

    def limit(self, pid, which, dice):
        """As the user: root has a right to it only where CAP_SYS_RESOURCE is (prlimit(2))."""
        try:
            value = used(pid, which) + dice.choice((0, 0, 1, 2)) * (MEGABYTE if which == "as" else 1)
        except (OSError, IndexError):
            return False  # it has ended meanwhile
        self.what = f"{which} {value}"
        words = ["prlimit", f"--pid={pid}", f"{OPTIONS[which]}={value}"]
        return subprocess.run(["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", *words],
                              stderr=subprocess.DEVNULL, check=False).returncode == 0


def lift_limit(pid):
    try:
        resource.prlimit(pid, resource.RLIMIT_NPROC, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except OSError:
        pass  # it has ended meanwhile


def used(pid, which):
    if which == "as":
        return int(processes.read(f"/proc/{pid}/statm").split()[0]) * resource.getpagesize()
    if which == "nofile":
        # One more than the highest number, which is what the limit is of.
        return max([int(name) for name in os.listdir(f"/proc/{pid}/fd")], default=0) + 1
    return 1
