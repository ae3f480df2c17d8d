"""A podman that is not well, once in a job: a script by --podman, which else is podman."""
from labs import PLACE
from strike import Strike

NAME = "chaos-podman"
# mkdir(2) counts the calls, of both nodes: whoever makes the directory has that number.
SCRIPT = """#!/bin/sh
n=1
until mkdir {place}/call-$n 2>/dev/null; do n=$((n + 1)); [ $n -lt 100 ] || break; done
[ $n = {which} ] || exec podman "$@"
echo "$@" >{place}/struck
{does}
"""
# One process with these words, as podman would be.
HANGS = """exec perl -e '{heed} sleep 1000 while 1' -- "$@" """
DIES = """podman "$@" &
sleep {moment}
kill -KILL $! 2>/dev/null
kill -KILL $$"""


class Podman(Strike):
    ran = False  # what it was asked to, before it failed

    def prepare(self):
        dice = self.dice()
        self.options = ["--podman", NAME]
        # The calls of a job are more where each rank has a container.
        several = self.job.nodes == 2 or self.job.mode == "linger"
        which = dice.randint(1, 5 if self.job.mode == "per-rank" else 2 if several else 1)
        does = getattr(self, self.kind.target)(dice)
        self.lab.as_user("node1", "sh", "-c", f"rm -rf {PLACE}; mkdir {PLACE}")
        self.lab.install_tool(NAME, SCRIPT.format(place=PLACE, which=which, does=does))

    @staticmethod
    def slow(dice):
        return f'sleep {0.3 + 2 * dice.random():.3f}\nexec podman "$@"'

    @staticmethod
    def hangs(dice):
        return HANGS.format(heed=dice.choice(("", "$SIG{TERM} = sub {};")))

    @staticmethod
    def garbage(dice):
        out, err = dice.choice(((0, 300), (300, 0), (2000, 2000), (0, 70000)))
        words = f"head -c {out} /dev/urandom; head -c {err} /dev/urandom >&2"
        return f"{words}\nexit {dice.choice((0, 0, 1, 125, 126, 127, 200))}"

    def fails(self, dice):
        before = dice.choice(("", "", 'podman "$@" >/dev/null 2>&1'))
        self.ran = before != ""
        return f"{before}\nexit {dice.choice((1, 2, 125, 126, 127, 137, 255))}"

    @staticmethod
    def dies(dice):
        moment = dice.choice((0, dice.random() * 0.5))
        return DIES.format(moment=f"{moment:.3f}")

    def strike(self, running):
        """It strikes by itself: whether it did is asked when the job has ended."""
        return False

    def is_like_a_rank(self):
        return self.ran and self.job.mode == "per-rank" and " run " in self.what

    def relieve(self):
        self.lab.install_tool(NAME, '#!/bin/sh\nexec podman "$@"\n')

    def has_struck(self):
        self.what = self.lab.shell("node1", f"cat {PLACE}/struck 2>/dev/null || true").strip()
        return bool(self.what)
