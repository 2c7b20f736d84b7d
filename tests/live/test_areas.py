# SPDX-License-Identifier: GPL-2.0
"""vmalloc areas by caller: against a workload that says what it took, /proc/vmallocinfo and
the kernel's own count of what is freed lazily."""
import contextlib
import json
import os
import re
import signal
import subprocess
import time

from lib import KVAS, WORK, check, done, equal, holding, kvas, narrow, plain_pointers, table, tempdir

N, KEPT, LEFT = 60, 5, 3
ORPHANS = max(40, 4 * os.cpu_count())  # twice what may be in the caches of stacks
# Whose stack it is: inlined into one another or not.
STACKS = ("copy_process", "dup_task_struct", "alloc_thread_stack_node")
MAPS = ("map_area_alloc", "array_map_alloc")  # inlined into one another or not


def is_map(row):
    return any(m in row["caller"] for m in MAPS)


def living():
    """Pids of the processes with a thread that is not dead, from /proc."""
    pids = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            for tid in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{tid}/stat", encoding="latin-1") as f:
                    if f.read().rpartition(")")[2].split()[0] not in "ZX":
                        pids.add(int(pid))
    return pids


def vmallocinfo():
    """{(address, bytes)} of the areas in use; those freed lazily have no caller."""
    with plain_pointers(), open("/proc/vmallocinfo", encoding="ascii") as f:
        lines = [line.split() for line in f if "unpurged" not in line]
    return {(int(x[0].split("-")[0], 16), int(x[1])) for x in lines}


class Run:
    """kvas over the whole system while the workload takes and frees; it then lives on until
    kvas has ended."""

    def __init__(self, d):
        self.rec = os.path.join(d, "rec")
        env = ["--avoid", os.environ["KVAS_AVOID"]] if os.environ.get("KVAS_AVOID") else []
        with subprocess.Popen([KVAS, "record", *env, "-F", "0", "-o", self.rec, "-i", "0.2",
                               "--events", "task,vmalloc", "--format", "json", "-d", "60"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as k:
            self.wait_for_rows()
            self.run(lambda: self.end(k))
        self.rows = table(self.rec, "vmalloc")

    def wait_for_rows(self):
        for _ in range(300):
            time.sleep(0.1)
            with contextlib.suppress(OSError):
                if "end" in {r["scope"] for r in table(self.rec, "interval")}:
                    return
        raise AssertionError("kvas record does not begin")

    def end(self, k):
        k.send_signal(signal.SIGINT)
        out, err = k.communicate(timeout=60)
        equal(k.returncode, 0, err)
        self.sum = json.loads(out)

    def run(self, end):
        self.before = self.reading()
        with subprocess.Popen([f"{WORK}/areas", str(N), str(KEPT), str(LEFT)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as p:
            said = [p.stdout.readline().split() for _ in range(4)]
            equal(said[3], ["ready"])
            self.areas, self.bytes = int(said[0][1]), int(said[0][2])
            self.after = self.reading()
            with holding("orphans", str(ORPHANS)) as (_, told):
                self.orphans = set(told["child"])
                # Who ends in between may or may not count as ended.
                self.looked = time.monotonic_ns()
                self.lived = living()
                end()
                self.live_on = living()
            p.communicate("")

    @staticmethod
    def reading():
        """/proc/vmallocinfo, and the time before and after it was read."""
        return time.monotonic_ns(), vmallocinfo(), time.monotonic_ns()

    def meanwhile(self):
        """Addresses that something happened to while /proc/vmallocinfo was being read."""
        return {int(r["address"], 16) for r in self.rows for begin, _, end in (self.before, self.after)
                if r["op"] in ("alloc", "free") and begin < int(r["time_ns"]) <= end}

    def live(self, begin=0, end=1 << 63):
        """What was allocated and not freed between, from the table: {(address, bytes): row}."""
        by = {}
        for r in self.rows:
            if begin < int(r["time_ns"]) <= end and r["op"] == "alloc":
                by[r["address"]] = r
            elif begin < int(r["time_ns"]) <= end and r["op"] == "free":
                by.pop(r["address"], None)
        return {(int(a, 16), int(r["bytes"])): r for a, r in by.items()}


def bounds(run, areas):
    """At least and at most so many bytes of AREAS, [(bytes, pid)], are of processes that ended:
    one that was there before the end, or began since, may have ended or not."""
    born = {int(r["child_pid"]) for r in table(run.rec, "task")
            if r["child_pid"] and int(r["time_ns"]) >= run.looked}
    return (sum(size for size, pid in areas if pid not in alive)
            for alive in (run.lived | run.live_on | born, run.live_on))


def missed(run):
    """Areas taken or given back that no record tells of, as kvas itself says: a program that is
    under way on a CPU is not run for what comes in between."""
    return sum(n for program, n in run.sum["lost"].get("recursion", {}).items()
               if program.startswith(("vmalloc_alloc", "vmalloc_free")))


def each_once(run):
    maps = [r for r in run.rows if r["op"] == "alloc" and int(r["bytes"]) == run.bytes]
    assert run.areas - missed(run) <= len(maps) <= run.areas, (len(maps), run.areas, missed(run))
    equal([r for r in maps if not is_map(r)], [])


def live_as_the_kernel_has_it(run):
    """What /proc/vmallocinfo has more, kvas calls live, by address and size."""
    (begin, before, _), (end, after, _) = run.before, run.after
    live = run.live(begin, end)
    moving = run.meanwhile()
    before, found, after = ({a for a in s if a[0] not in moving} for s in (before, live, after))
    # One that was there, was freed and is there again is in both readings.
    unlike = (found - before) ^ (after - before)
    assert len(unlike) + len(found - after) <= missed(run), (unlike, found - after, run.sum["lost"])
    kept = sum(size == run.bytes for _, size in live)
    assert abs(kept - KEPT - LEFT) <= missed(run), (kept, run.sum["lost"])
    equal(sum(size for _, size in run.live()), run.sum["vmalloc"]["bytes_live"])


def left_behind(run):
    """Only what ended processes made is leaked: not that of one whose leader alone ended."""
    rows = [c for c in run.sum["vmalloc"]["callers"] if is_map(c)]
    leaked = sum(c["bytes_leaked"] for c in rows)
    low, high = bounds(run, [(size, int(r["pid"])) for (_, size), r in run.live().items()
                             if is_map(r)])
    assert low <= leaked <= high, (low, leaked, high)
    assert LEFT * run.bytes <= leaked < (LEFT + 1) * run.bytes, leaked
    dead = [r for r in table(run.rec, "task")
            if r["op"] == "exit" and r["pid"] == r["tid"] and int(r["pid"]) in run.live_on]
    equal([r["group_dead"] for r in dead], ["0"], "leaders that ended before their threads")


def stacks(run):
    """A stack is of the task that runs on it: those of processes that live on past their
    parent are not leaked."""
    last = {r["stack"]: int(r["child_pid"]) for r in table(run.rec, "task") if r["child_pid"]}
    live = {a: (int(r["bytes"]), last.get(r["address"], int(r["pid"])))
            for a, r in run.live().items() if any(s in r["caller"] for s in STACKS)}
    mine = [a for a, (_, pid) in live.items() if pid in run.orphans]
    # Each CPU may have had two in its cache.
    assert len(mine) >= ORPHANS - 2 * os.cpu_count(), len(mine)
    leaked = sum(c["bytes_leaked"] for c in run.sum["vmalloc"]["callers"]
                 if any(s in c["caller"] for s in STACKS))
    low, high = bounds(run, live.values())
    assert low <= leaked <= high, (low, leaked, high)


def purges(run):
    """60 areas of 4 MiB are more than the kernel lets wait (lazy_max_pages())."""
    v = run.sum["vmalloc"]
    rows = [r for r in run.rows if r["op"] == "purge"]
    assert v["purges"] >= 1, v["purges"]
    equal(v["purges"], len(rows))
    mine = [c for c in v["callers"] if is_map(c)]
    freed = sum(c["bytes_alloc"] - c["bytes_live"] for c in mine)
    equal(sum(c["bytes_lazy"] + c["bytes_purged"] for c in mine), freed)
    assert sum(c["bytes_purged"] for c in mine) >= 16 * run.bytes, mine
    part = sum(c["purges"] for c in v["callers"])
    assert 0 < part <= v["purges"] + 1e-6, part


def lazy_as_the_kernel_counts(run):
    """From one free to the next the kernel's count grows by the bytes of the second, unless a
    purge comes between."""
    frees = [r for r in run.rows if r["op"] == "free" and r["lazy_bytes"] and r["bytes"]]
    if not frees:  # before 6.2 no hook tells it
        equal(run.sum["vmalloc"]["bytes_lazy_system"], None)
        return
    grown = [int(b["lazy_bytes"]) - int(a["lazy_bytes"]) == int(b["bytes"])
             for a, b in zip(frees, frees[1:])]
    shrunk = [int(b["lazy_bytes"]) < int(a["lazy_bytes"]) for a, b in zip(frees, frees[1:])]
    assert len(grown) >= N, len(grown)
    # A purge takes its areas off one by one, while others may be freed.
    assert sum(grown) >= 0.8 * (len(grown) - sum(shrunk)), (len(grown), sum(grown), sum(shrunk))


def flushes(run):
    """A purge flushes the range of what it takes, once."""
    v = run.sum["vmalloc"]
    if v["kernel_flushes_derived"]:
        equal(v["kernel_flushes"], v["purges"])
        equal(v["kernel_flushes_by"], [])
        return
    rows = [r for r in run.rows if r["op"] == "flush"]
    equal(v["kernel_flushes"], len(rows))
    by = [r for r in rows if r["caller"].startswith("__purge_vmap_area_lazy")]
    # A purge counts as it ends and flushes before: kvas may begin or end between the two.
    assert abs(v["purges"] - len(by)) <= 1, (v["purges"], len(by))
    purged = [r for r in run.rows if r["op"] == "purge"]
    ranges = {(r["address"], r["bytes"]) for r in by}
    missing = [r for r in purged if r["bytes"] and (r["address"], r["bytes"]) not in ranges]
    equal([r for r in missing if r is not purged[0]], [])


def callers_add_up(run):
    """The rows are the whole, as Python adds the table up."""
    v = run.sum["vmalloc"]
    for op, key in (("alloc", "bytes_alloc"),):
        by = {}
        for r in run.rows:
            if r["op"] == op:
                by[r["caller"]] = by.get(r["caller"], 0) + int(r["bytes"])
        # Those whose areas are all older than the run (test_there.py) allocated nothing.
        equal({c["caller"]: c[key] for c in v["callers"] if c["alloc"]}, by)
        equal(sum(by.values()), v[key])
    equal(sum(c["bytes_live"] for c in v["callers"]), v["bytes_live"])


def report(run):
    p = kvas("report", "--format", "json", run.rec)
    equal(p.returncode, 0, p.stderr)
    equal(json.loads(p.stdout)["vmalloc"], run.sum["vmalloc"])
    text = narrow("report", "-v", run.rec)
    assert re.search("^VMALLOC BY CALLER +START +ALLOC +LIVE +LEAKED +LAZY +PURGES$", text, re.M), text
    caller = run.sum["vmalloc"]["callers"][0]
    assert re.search(f"^{re.escape(caller['caller'][:23]):23} ", text, re.M), text
    part = text.split("\nPURGES OF FREED AREAS BY CALLER ")[1].split("\n\n")[0]
    said = [re.split(" {2,}", x)[:2] for x in part.split("\n")[1:] if x[:1] != " "]
    want = [[x["caller"][:48] or "(not known)", str(x["count"])] for x in run.sum["vmalloc"]["purges_by"]]
    equal(said, want[:len(said)])
    assert said, part
    # The short text says of areas what there was, on one line.
    assert re.search(r"^ +vmalloc  [0-9,]+ allocated, bytes allocated ", narrow("report", run.rec), re.M)


with tempdir() as directory:
    RUN = Run(directory)
    check("areas: each of the workload's once, by its caller", lambda: each_once(RUN))
    check("areas: live ones are those of /proc/vmallocinfo",
          lambda: live_as_the_kernel_has_it(RUN))
    check("areas: what ended processes leave behind", lambda: left_behind(RUN))
    check("areas: a stack is not leaked while its task lives", lambda: stacks(RUN))
    check("areas: purges take what was freed", lambda: purges(RUN))
    check("areas: freed lazily, as the kernel counts it", lambda: lazy_as_the_kernel_counts(RUN))
    check("areas: one TLB flush a purge, of its range", lambda: flushes(RUN))
    check("areas: callers add up", lambda: callers_add_up(RUN))
    check("areas: the report is the same", lambda: report(RUN))
done()
