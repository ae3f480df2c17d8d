"""One job, struck by its faults: started, ended, and judged."""
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

import commands
import processes
import waits
from beside import Beside
from kinds import CONTROL, KINDS
from labs import NODES, Failed
from strikes import BY_NAME

# Seconds, and bounds for what never happens: nothing is judged by how long it took.
TO_END = 100  # of a job whose ranks end by themselves
TO_SHOW = 2.5  # a job that a fault ended shows it; else it is asked to end
TO_STOP = 60  # from then
TO_LEAVE = 90  # until nothing is left
TO_BE_FORGOTTEN = 300  # by Slurm: a node that did not answer it asks again after minutes
MOST_WORDS = 1500


@dataclass
class Outcome:
    job: object
    struck: bool = False
    hangs: list = field(default_factory=list)
    left: list = field(default_factory=list)
    unsaid: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    broken: bool = False  # the lab cannot be used any more
    typed: str = ""
    what: str = ""  # was struck
    seconds: str = ""  # of the parts of it
    status: object = None
    out: str = ""
    err: str = ""

    @property
    def ok(self):
        return not (self.hangs or self.left or self.unsaid or self.wrong)


class Running:
    """The launcher, seen from outside; and how to end it as its user would."""

    def __init__(self, lab, job, argv, variables):
        self.lab, self.job = lab, job
        self.nodes = NODES[:job.nodes]
        self.asked = False
        # Files: a pipe would stay open as long as anything that the job left behind.
        self.files = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
        self.began = time.monotonic()
        self.process = subprocess.Popen(lab.user_argv("node1", argv, environment=variables), stdin=subprocess.DEVNULL,
                                        stdout=self.files[0], stderr=self.files[1], env=lab.environment,
                                        start_new_session=True)

    def goes_on(self):
        return self.process.poll() is None

    def wait(self, seconds):
        try:
            self.process.wait(max(0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait_since_start(self, seconds):
        return self.wait(self.began + seconds - time.monotonic())

    def launchers(self):
        kind = {"mpirun": "mpirun", "hydra": "mpiexec.hydra", "none": "wrapper"}.get(self.job.launcher, "srun")
        return processes.of_kind(kind, self.lab.cgroup("node1"))

    def signal(self, number):
        for each in self.launchers():
            processes.send_to(each, number)

    def ask_to_end(self):
        self.asked = True
        if self.job.launcher.startswith("srun"):
            self.lab.on("node1", "scancel", "--user=mpi")
        else:
            self.signal(signal.SIGTERM)

    def end(self):
        """As a user ends it. False where it does not. Hydra passes SIGTERM on to the ranks and waits, natively too."""
        self.ask_to_end()
        if self.job.launcher in ("none", "hydra") and self.job.ranks_do == "stubborn" and not self.wait(3):
            self.signal(signal.SIGKILL)
        return self.wait(TO_STOP)

    def said(self):
        texts = []
        for file in self.files:
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
        return texts


class Trial:
    def __init__(self, lab, leftovers, job, seed):
        self.lab, self.leftovers, self.job, self.seed = lab, leftovers, job, seed
        self.kind = KINDS.get(job.faults[0].kind)
        self.strikes = [BY_NAME[KINDS[fault.kind].strikes](lab, job, KINDS[fault.kind], fault)
                        for fault in job.faults if fault.kind != CONTROL]
        self.outcome = Outcome(job)

    def run(self):
        outcome, beside = self.outcome, None
        prepared = []
        clock = [time.monotonic()]
        try:
            for strike in self.strikes:
                prepared.append(strike)
                strike.prepare()
            if self.job.warm:
                self.healthy_job("the job before", True)
            clock.append(time.monotonic())
            if self.job.beside:
                beside = Beside(self.lab)
            self.struck_job()
        finally:
            for strike in prepared:
                strike.relieve()
        clock.append(time.monotonic())
        outcome.wrong += beside.problems() if beside else []
        for strike in self.strikes:
            outcome.wrong += strike.problems()
        if self.job.mode == "linger":
            if not outcome.hangs:
                self.healthy_job("the job after", False)
            self.stop_lingering()
        clock.append(time.monotonic())
        self.look_for_leftovers()
        clock.append(time.monotonic())
        outcome.seconds = " + ".join(f"{later - earlier:.1f}" for earlier, later in zip(clock, clock[1:])) + " s"
        for strike in self.strikes:
            strike.put_back()
        return outcome

    def struck_job(self):
        outcome = self.outcome
        argv, variables = commands.command(self.job, self.strikes), commands.environment(self.strikes)
        outcome.typed = commands.typed(argv, variables)
        for strike in self.strikes:
            strike.begin()
        running = Running(self.lab, self.job, argv, variables)
        for strike, fault in zip(self.strikes, self.job.faults):
            running.wait_since_start(fault.after)
            outcome.struck = strike.strike(running) or outcome.struck
        self.see_it_end(running)
        outcome.status = running.process.poll()
        outcome.out, outcome.err = running.said()
        outcome.struck = outcome.struck or any(strike.has_struck() for strike in self.strikes)
        outcome.what = "; ".join(strike.what for strike in self.strikes if strike.what)
        if not outcome.hangs:
            self.judge(running.asked)

    def see_it_end(self, running):
        ends_by_itself = self.job.ranks_do == "ring" and not self.outcome_waits()
        if running.wait(TO_END if ends_by_itself else TO_SHOW):
            return
        seen = self.seen(running)
        if ends_by_itself and not waits.natively(seen):
            self.outcome.hangs.append(f"the job goes on after {TO_END} s; {self.what_runs()}")
        ended = running.end()
        if not ended:
            if not (waits.only_mpirun(seen) or waits.only_mpirun(self.seen(running))):
                self.outcome.hangs.append(
                    f"the launcher goes on {TO_STOP} s after it was asked to end; {self.what_runs()}")
            running.signal(signal.SIGKILL)
            if not running.wait(10):
                running.process.kill()

    def seen(self, running):
        names = tuple(each.name for node in NODES for each in self.leftovers.running(node))
        return waits.Seen(self.job, self.kind, "; ".join(strike.what for strike in self.strikes), *running.said(), names)

    def outcome_waits(self):
        """A podman that hangs for ever, or an srun without its slurmstepd, keeps a job waiting."""
        return self.kind is not None and self.kind.waits

    def what_runs(self):
        return "; ".join(f"{node}: {each.name}" for node in NODES for each in self.leftovers.running(node))

    def judge(self, asked):
        outcome, job = self.outcome, self.job
        if job.launcher == "mpirun" and commands.MPIRUN_LOST_ITS_DAEMONS in outcome.err:
            return  # whatever status it makes of it, natively too
        problem = commands.ring_problem(job, outcome.out) if job.ranks_do == "ring" else ""
        if outcome.status == 0 and not asked:
            if job.ranks_do != "ring":
                outcome.wrong.append("ranks that never end ended with status 0")
            elif problem:
                outcome.wrong.append(f"status 0, but {problem}")
        if asked or self.began_without_network() or self.lost_ssh():
            return
        if self.kind is None or self.kind.completes and job.ranks_do == "ring":
            self.expect_right_end(problem)
        elif (outcome.status != 0 and self.kind.named and outcome.struck and not self.is_named()
              and not self.launcher_lost_words() and not any(strike.is_like_a_rank() for strike in self.strikes)):
            outcome.unsaid.append(f"status {outcome.status}, and no line of mpi-podman's")

    def began_without_network(self):
        """UCX then finds no way to the other node and gives up, natively too."""
        return self.kind is not None and self.kind.strikes == "cable" and any(
            commands.NO_CABLE_AT_INIT in text for text in (self.outcome.out, self.outcome.err))

    def lost_ssh(self):
        """An sshd that was stopped and continued before it had a session, as ssh says, natively too: nothing has begun."""
        return (self.kind is not None and self.kind.target == "sshd" and self.kind.completes and not self.outcome.out
                and self.outcome.status == 255 and commands.SSH_GONE.search(self.outcome.err) is not None)

    def expect_right_end(self, problem):
        outcome = self.outcome
        if outcome.status != 0 or problem:
            outcome.wrong.append(f"status {outcome.status}, {problem or 'a right ring'}: it should have ended well")
        elif self.kind is None and commands.without_ssh_race(outcome.err):
            outcome.wrong.append("a healthy job said more on standard error")

    def is_named(self):
        return self.rank_named_it() or commands.is_ours(self.outcome.err)

    def launcher_lost_words(self):
        """Of ranks on two nodes: what one said last, natively too."""
        job, err = self.job, self.outcome.err
        return job.nodes == 2 and (job.launcher == "hydra" and commands.HYDRA_ASSERTS in err
                                   or job.launcher.startswith("srun") and bool(commands.SRUN_ENDS_THE_REST.search(err)))

    def rank_named_it(self):
        """MPI's own words, or the loader's, of a limit that a rank has from who starts it, or of a full /tmp, as natively."""
        if self.kind.target == "/tmp" and commands.NO_ROOM in self.outcome.err:
            return True
        inherited = (self.kind.strikes == "limit_at_start"
                     or self.kind.strikes == "limit_later" and self.outcome.what.split(" ")[0].endswith("mpi-podman"))
        ended_itself = (0 < self.outcome.status < 128 or commands.RANK_EXITED.search(self.outcome.err)
                        or self.outcome.status == 128 + signal.SIGABRT and commands.RANK_ASSERTS in self.outcome.err
                        or self.outcome.status == 128 + signal.SIGSEGV and commands.RANK_CRASHES in self.outcome.err)
        return inherited and (ended_itself and self.outcome.err != "" or commands.LOADER_SAYS in self.outcome.err)

    def healthy_job(self, which, before):
        """With the same image and options, without a fault."""
        running = Running(self.lab, self.job, commands.healthy_command(self.job, self.strikes, before),
                          commands.environment(self.strikes))
        if not running.wait(TO_END):
            self.outcome.hangs.append(f"{which} hangs; {self.what_runs()}")
            running.end()
            return
        out, err = running.said()
        problem = commands.ring_problem(self.job, out)
        if running.process.returncode != 0 or problem or commands.without_ssh_race(err):
            self.outcome.wrong.append(f"{which}: status {running.process.returncode}, {problem}, {err[-MOST_WORDS:]!r}")

    def stop_lingering(self):
        for node in NODES[:self.job.nodes]:
            try:
                self.lab.as_user(node, "mpi-podman", "--stop", limit=60)
            except (Failed, subprocess.TimeoutExpired) as error:
                self.outcome.hangs.append(f"mpi-podman --stop on {node}: {error}")

    def look_for_leftovers(self):
        if self.job.launcher == "mpirun" and any(words in self.outcome.err for words in commands.MPIRUN_STUCK):
            self.kill_what_stays(waits.OF_MPIRUN)  # it crashes then when it is asked to end, natively too
        if self.job.launcher.startswith("srun"):
            self.await_slurm()
            if commands.LOST_AT_HELLO in self.outcome.err:
                self.kill_what_stays(("slurmstepd",))
        self.outcome.left += self.leftovers.after(TO_LEAVE, ask_podman=self.job.number % 10 == 0,
                                                   no_room=self.kind is not None and self.kind.strikes == "full")

    def kill_what_stays(self, names):
        """Of the launcher's own, which may never end."""
        until = time.monotonic() + TO_SHOW
        while stuck := [each for node in NODES for each in self.leftovers.running(node) if each.name in names]:
            if time.monotonic() > until:
                for each in stuck:
                    processes.send_to(each, signal.SIGKILL)
            time.sleep(0.1)

    def await_slurm(self):
        """Slurm knows a job a little longer than its processes are there."""
        until = time.monotonic() + TO_BE_FORGOTTEN
        while self.lab.on("node1", "squeue", "--noheader").strip():
            if time.monotonic() > until:
                self.outcome.hangs.append("Slurm still knows the job: " + self.lab.on("node1", "squeue", "--noheader"))
                return
            time.sleep(0.1)
