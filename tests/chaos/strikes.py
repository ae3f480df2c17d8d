"""What a fault does to a job, and how it is undone. One class for each word in kinds.py's column `strikes`."""
import os
import signal
import time

import processes
from beside import SecondUser
from full import Full, ReadOnly
from limits import LimitAtStart, LimitLater
from podman_faults import Podman
from strike import Strike


class Signal(Strike):
    """One process of a kind, chosen among those that are there; where none is yet, the next that comes."""
    patience = 4.0  # seconds: some jobs never have one

    def strike(self, running):
        dice = self.dice()
        handle = self.victim(running, dice)
        if handle is None:
            return False
        try:
            return self.send(handle, dice, running)
        finally:
            os.close(handle)

    def victim(self, running, dice):
        until = time.monotonic() + self.patience
        while running.goes_on() and time.monotonic() < until:
            found = self.candidates(running)
            if found:
                if dice.random() < 0.5:  # not always its first moment
                    running.wait(dice.random() * 0.2)
                    found = self.candidates(running) or found
                victim = dice.choice(found)
                handle = processes.handle_on(victim)
                if handle is not None:
                    self.what = " ".join(victim.words)[:200]
                    return handle
            running.wait(0.005)
        return None

    def candidates(self, running):
        return [each for node in running.nodes for each in processes.of_kind(self.kind.target, self.lab.cgroup(node))]


class Kill(Signal):
    def send(self, handle, dice, running):
        return processes.send(handle, signal.SIGKILL)


class Stop(Signal):
    def send(self, handle, dice, running):
        struck = processes.send(handle, signal.SIGSTOP)
        time.sleep(0.05 + 1.2 * dice.random())  # whatever becomes of the job: it is to go on
        processes.send(handle, signal.SIGCONT)
        running.process.send_signal(signal.SIGCONT)  # nsenter(1) stops itself where what it started does
        return struck


class Cable(Strike):
    """Pulled out at the switch, and put in again."""

    def strike(self, running):
        dice = self.dice()
        node = dice.choice(running.nodes)
        self.what = node
        self.set(node, "down")
        time.sleep(0.1 + 1.5 * dice.random())
        self.set(node, "up")
        return running.goes_on()

    def set(self, node, state):
        argv = ["nsenter", "--target", str(self.lab.switch_pid()), "--net", "--", "ip", "link", "set"]
        self.lab.checked([*argv, node.replace("node", "port"), state])


class Interface(Cable):
    """The node's own end: the kernel there refuses new connections at once."""

    def set(self, node, state):
        self.lab.on(node, "ip", "link", "set", "eth0", state)


class Times(Strike):
    """What compares times of files with the clock sees it jump. (The clock is this machine's: it is not touched.)"""
    script = """
        [ -n "$(find /tmp /run/user /home/mpi/.cache -path '*mpi-podman/*' -print -quit 2>/dev/null)" ] || exit 0
        find /tmp /run/user /home/mpi/.cache -path '*mpi-podman/*' -exec touch --no-dereference --date="$1" {} + \\
            2>/dev/null
        echo struck
    """

    def strike(self, running):
        for _ in range(20):
            if not running.goes_on():
                break
            if any("struck" in self.lab.shell(node, self.script, self.kind.target) for node in running.nodes):
                return True
        return False


class RemoveImage(Strike):
    """An image of its own, which nothing else is made of."""

    def prepare(self):
        self.image = f"localhost/chaos/removed-{self.job.number}"
        text = f"FROM localhost/mpi-podman/{self.job.image}\nENV CHAOS={self.job.number}\n"
        for node in self.nodes:
            build = 'printf %s "$1" | podman build --quiet --tag "$2" -'
            self.lab.as_user(node, "sh", "-c", build, "sh", text, self.image)

    def strike(self, running):
        dice = self.dice()
        force = ["--force"] if dice.random() < 0.85 else []
        node = dice.choice(running.nodes)
        return "removed" in self.lab.as_user(
            node, "sh", "-c", 'if podman rmi "$@" >/dev/null 2>&1; then echo removed; fi', "sh", *force, self.image)

    def put_back(self):
        for node in self.nodes:
            self.lab.as_user(node, "podman", "rmi", "--force", "--ignore", self.image)


BY_NAME = {"kill": Kill, "stop": Stop, "cable": Cable, "interface": Interface, "full": Full, "read_only": ReadOnly,
           "limit_at_start": LimitAtStart, "limit_later": LimitLater, "times": Times, "podman": Podman,
           "remove_image": RemoveImage, "second_user": SecondUser}
