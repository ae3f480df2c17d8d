"""Places that are full, or cannot be written."""
import os

from labs import Failed
from strike import Strike

USUAL = {"/tmp": "50%", "/dev/shm": "50%"}  # the sizes of those that are file systems of their own anyway
PAGE = 4096
MOUNT = 'install -d -o mpi -g mpi "$1" && mount -t tmpfs -o mode=0700,uid=7411,gid=7411 chaos "$1"'
UMOUNT = 'umount "$1" || umount --lazy "$1"'
RMDIR = '! test -d "$1" || rmdir --ignore-fail-on-non-empty "$1"'
MOST_ROOM = 200  # pages


class Full(Strike):
    """A tmpfs that is made as small as what is in it, or some pages larger."""

    def prepare(self):
        self.place = self.kind.target
        self.node = self.dice().choice(self.nodes)
        if self.place.startswith("/run/user/"):
            self.environment = {"XDG_RUNTIME_DIR": self.place}
        if self.place not in USUAL:
            for node in self.nodes:
                self.lab.shell(node, MOUNT, self.place)

    def begin(self):
        if self.fault.after == 0:
            self.fill()

    def fill(self):
        room = int(self.dice().random() ** 3 * MOST_ROOM)
        for more in (0, 50, 200):  # it may grow meanwhile, and must not be smaller than what is in it
            try:
                self.resize(self.pages_used() + room + more)
                self.what = f"{self.place} of {self.node}, {room + more} pages left"
                return True
            except Failed:
                pass
        return False

    def resize(self, size):
        size = f"{size * PAGE}" if isinstance(size, int) else size
        self.lab.on(self.node, "mount", "-o", f"remount,size={size}", self.place)

    def pages_used(self):
        status = os.statvfs(self.lab.root_of(self.node) + self.place)
        return max(1, (status.f_blocks - status.f_bfree) * status.f_frsize // PAGE)  # 0 would be no limit

    def strike(self, running):
        return self.fault.after == 0 or self.fill()

    def relieve(self):
        self.resize(USUAL.get(self.place, "50%"))

    def put_back(self):
        if self.place not in USUAL:
            for command in (UMOUNT, RMDIR):  # the nodes share a home: who removes it there unmounts it everywhere
                for node in self.nodes:
                    self.lab.shell(node, command, self.place)


class ReadOnly(Strike):
    def prepare(self):
        self.node = self.dice().choice(self.nodes)

    def begin(self):
        self.struck = self.fault.after == 0 and self.protect()

    def remount(self, how):
        self.lab.on(self.node, "mount", "-o", f"remount,bind,{how}", self.kind.target)

    def protect(self):
        try:
            self.remount("ro")
        except Failed:
            return False  # somebody writes there (mount(2), EBUSY)
        return True

    def strike(self, running):
        return self.struck or self.protect()

    def relieve(self):
        self.remount("rw")
