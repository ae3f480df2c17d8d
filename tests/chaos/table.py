"""What a run prints: a line for each job, more for one that failed, and the table."""
import sys

from kinds import CONTROL, KINDS

MOST_WORDS = 2500
COLUMNS = ("jobs", "struck", "hangs", "leftovers", "messages missing", "wrong")


def described(job):
    words = [job.launcher, f"{job.ranks} ranks on {job.nodes}", job.image, job.mode, job.ranks_do]
    return ", ".join(words + ["warm"] * job.warm + ["beside another user's"] * job.beside)


def say_outcome(outcome, seed):
    job, fault = outcome.job, outcome.job.faults[0]
    word = "ok" if outcome.ok else "FAILED"
    struck = "" if outcome.struck or fault.kind == CONTROL else " (did not strike)"
    print(f"{word} {job.number}: {fault.kind}{struck} after {fault.after} s: {described(job)}: "
          f"status {outcome.status}, {outcome.seconds}",
          file=sys.stderr, flush=True)
    if outcome.ok:
        return
    for what, lines in (("hangs", outcome.hangs), ("left", outcome.left), ("message missing", outcome.unsaid),
                        ("wrong", outcome.wrong)):
        for line in lines:
            print(f"    {what}: {line}", file=sys.stderr)
    print(f"    typed on node1: {outcome.typed}\n    struck: {outcome.what}", file=sys.stderr)
    for name, text in (("stdout", outcome.out), ("stderr", outcome.err)):
        if text.strip():
            print(f"    its {name}: " + text[-MOST_WORDS:].strip().replace("\n", "\n        "), file=sys.stderr)
    print(f"    again: tests/chaos/run --seed {seed} --job {job.number}", file=sys.stderr, flush=True)


def row(name, outcomes):
    ways = ("hangs", "left", "unsaid", "wrong")
    failures = (sum(bool(getattr(outcome, way)) for outcome in outcomes) for way in ways)
    return [name, len(outcomes), sum(outcome.struck for outcome in outcomes), *failures]


def show(outcomes, seed, seconds, sanitized):
    rows = []
    for name in [*KINDS, CONTROL]:
        of_it = [outcome for outcome in outcomes if outcome.job.faults[0].kind == name]
        if of_it:
            rows.append(row(name, of_it))
    rows.append(row("all", outcomes))
    width = max(len(each[0]) for each in rows)
    print(f"\n{'fault':{width}}  {'  '.join(COLUMNS)}")
    for each in rows:
        print(f"{each[0]:{width}}  " + "  ".join(f"{number:{len(name)}}" for number, name in zip(each[1:], COLUMNS)))
    beside = sum(each.job.beside for each in outcomes)
    print(f"\nseed {seed}, {seconds / 60:.1f} minutes, {rows[-1][2]} faults; {beside} jobs beside another user's")
    if sanitized:
        print("built with sanitizers, which no limit of memory leaves room for: EMFILE in the place of ENOMEM")
