# SPDX-License-Identifier: GPL-2.0
"""In a guest: what one does not do to a host. CPUs go off and come again, the clock of the wall is set
by years, the machine sleeps. Counts stay exact, and times are those of CLOCK_MONOTONIC."""
import collections
import csv
import os
import re
import sys
import threading
import time

sys.path.insert(0, "tests/live")
from lib import WORK, check, counters, done, equal, explored, kvas, meta, stat, table, tempdir  # noqa: E402

SAMPLE_RATE = "/proc/sys/kernel/perf_event_max_sample_rate"
KPTR = "/proc/sys/kernel/kptr_restrict"
PID_MAX = "/proc/sys/kernel/pid_max"
ONLINE = "/sys/devices/system/cpu/cpu1/online"
NOTHING = f"{WORK}/nothing"
YEAR = 31557600
CALLS = 300007


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def read(path):
    with open(path, encoding="ascii") as f:
        return f.read()


class Again:
    """STEP(0), STEP(1), ... by a thread for as long as the block runs; at least TWO of them."""

    def __init__(self, step, apart):
        self.step, self.apart, self.done, self.error = step, apart, 0, None
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.end.is_set() or self.done % 2:
                self.step(self.done)
                self.done += 1
                self.end.wait(self.apart)
        except OSError as e:
            self.error = e

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.end.set()
        self.thread.join(60)
        if not kind:
            assert not self.error and self.done >= 2, f"{self.done} steps: {self.error}"


def cpus_come_and_go():
    """CPU 1 is off and on in turn; on at the end."""
    return Again(lambda n: write(ONLINE, str(n % 2)), 0.1)


def stormed(out):
    """How many children the storm says it had."""
    return int(re.search(r"^storm (\d+)$", out, re.M).group(1))


def calls_are_exact():
    with cpus_come_and_go():
        few, many = (stat("-F", "0", "--", f"{WORK}/calls", str(n))["crossings"]["syscall"]
                     for n in (0, CALLS))
    equal(many - few, CALLS)


def children_are_exact():
    """Also those that a recording has rows of; it says what the sampler did not see."""
    with tempdir() as d:
        with cpus_come_and_go():
            p = kvas("record", "-F", "99", "-i", "0.5", "-o", f"{d}/rec", "--", f"{WORK}/storm", "0", "1500",
                     NOTHING)
        equal((p.returncode, p.stderr.count("\n")), (0, 1), p.stderr)
        same_children(f"{d}/rec", stormed(p.stdout))
        equal(unsampled(f"{d}/rec"), ["1"])


def same_children(rec, nr, execs=1):
    """NR forks, as many exits and one, as many execs and EXECS."""
    total, rows = counters(rec), table(rec, "task")
    # While a CPU is not quite on or off, the kernel fires no tracepoint: that is said.
    equal([c for c in total if c.startswith("lost.") and c != "lost.switches"], [])
    want = [nr, nr + execs, nr + 1]  # the storm itself executes and exits, too
    equal([total[f"tasks.{t}"] for t in ("forks", "execs", "exits")], want)
    equal([sum(r["op"] == op for r in rows) for op in ("vfork", "exec", "exit")], want)
    equal(meta(rec)["complete"], True)
    equal(kvas("report", rec).returncode, 0)


def unsampled(rec):
    return [r["count"] for r in table(rec, "loss") if r["what"] == "cpus_switched"]


def streams_on():
    """live says its intervals, all of them, and ends by itself; then what it did not sample."""
    with tempdir() as d, cpus_come_and_go():
        p = kvas("live", "-v", "-F", "99", "-i", "0.4", "-n", "4", "--csv", f"{d}/live.csv")
        equal((p.returncode, p.stderr), (0, ""))
        equal(len(re.findall(r"^  entries/s ", p.stdout, re.M)), 4)
        assert re.search(r"^ *not_sampled +cpus_switched +1$", p.stdout, re.M), p.stdout[-900:]


def begins_without(pinned):
    """CPU 1 comes on once kvas is attached: what runs there is counted, and not sampled."""
    with tempdir() as d:
        write(ONLINE, "0")
        try:
            p = kvas("record", "-F", "99", "-i", "0.5", "-o", f"{d}/rec", "--", "sh", "-c",
                     f"echo 1 >{ONLINE}; exec {WORK}/storm {pinned} 700 {NOTHING}")
        finally:
            write(ONLINE, "1")
        equal(p.returncode, 0, p.stderr)
        same_children(f"{d}/rec", stormed(p.stdout), execs=2)
        equal(unsampled(f"{d}/rec"), ["1"])
        assert int(pinned) in {int(r["cpu"]) for r in table(f"{d}/rec", "task")}


def ends_without():
    """What a CPU counted before it went off is in the totals."""
    with tempdir() as d:
        try:
            p = kvas("record", "-F", "0", "-o", f"{d}/rec", "--", "sh", "-c",
                     f"{WORK}/storm 1 700 {NOTHING}; echo 0 >{ONLINE}")
        finally:
            write(ONLINE, "1")
        equal(p.returncode, 0, p.stderr)
        nr, total = stormed(p.stdout), counters(f"{d}/rec")
        # The shell forks the storm, and executes itself.
        equal([total[f"tasks.{t}"] for t in ("forks", "execs", "exits")], [nr + 1, nr + 2, nr + 2])
        on_1 = sum(r["op"] == "exec" and r["cpu"] == "1" for r in table(f"{d}/rec", "task"))
        assert on_1 >= nr, f"{on_1} of {nr} on CPU 1"


def undisturbed():
    """Without all that nothing is said of it."""
    with tempdir() as d:
        kvas("record", "-F", "99", "-o", f"{d}/rec", "--", f"{WORK}/storm", "1", "300", NOTHING)
        equal(unsampled(f"{d}/rec"), [])


def pids_come_again():
    """Every process has its own counts, though its number was another's a moment ago: all children do the same
    work, so all have the same count of system calls."""
    most = read(PID_MAX)
    with tempdir() as d:
        try:
            write(PID_MAX, "500")  # from 300 on they are given again
            p = kvas("record", "-F", "0", "-i", "0.5", "-o", f"{d}/rec", "--", f"{WORK}/storm", "0", "6000",
                     NOTHING)
        finally:
            write(PID_MAX, most)
        equal((p.returncode, p.stderr.count("\n")), (0, 1), p.stderr)
        nr, rows = stormed(p.stdout), table(f"{d}/rec", "task")
        same_children(f"{d}/rec", nr)
        exits = [r for r in rows if r["op"] == "exit" and r["comm"] == "nothing"]
        equal((len(exits), len({(r["pid"], r["start_ns"]) for r in exits})), (nr, nr))
        pids = {r["pid"] for r in exits}
        assert len(pids) <= 200 and nr > 4 * len(pids), f"{nr} children had {len(pids)} numbers"
        equal(len({r["syscalls"] for r in exits}), 1, {r["syscalls"] for r in exits})
        # By the intervals too: each process has its own, and none has another's counts. (One that an
        # interval's end caught before its exec has a row under its parent's name, too.)
        by = collections.Counter()
        for r in table(f"{d}/rec", "interval"):
            if r["scope"] == "process" and r["counter"] == "syscalls":
                by[r["pid"], r["start_ns"]] += int(r["value"])
        equal({by[r["pid"], r["start_ns"]] for r in exits}, {int(exits[0]["syscalls"])})
        print(f"{nr} children under {len(pids)} numbers")


def few_samples_are_allowed():
    """As many as the host allows, and the difference is said in each format."""
    most = read(SAMPLE_RATE)
    with tempdir() as d:
        try:
            write(SAMPLE_RATE, "50")
            a = stat("-F", "4000", "-d", "0.5")["accesses"]
            p = kvas("record", "-F", "4000", "-d", "0.5", "-o", f"{d}/rec")
            q = kvas("live", "-F", "4000", "-i", "0.3", "-n", "1")
        finally:
            write(SAMPLE_RATE, most)
        equal((a["sample_hz"], a["sample_hz_asked"]), (50, 4000))
        equal((p.returncode, q.returncode), (0, 0), p.stderr + q.stderr)
        for text in (p.stdout, q.stdout, kvas("report", f"{d}/rec").stdout):
            assert "50 samples a second, not 4000: kernel.perf_event_max_sample_rate" in text, text[:400]
        assert "\naccesses.sample_hz_asked,4000\n" in kvas("report", "--format", "csv", f"{d}/rec").stdout


def areas_of_the_kernel():
    """{start: (bytes, pages, caller)} of /proc/vmallocinfo, those in use."""
    rows = {}
    with open("/proc/vmallocinfo", encoding="ascii") as f:
        for line in f:
            span, size, *rest = line.split()
            pages = [w[6:] for w in rest if w.startswith("pages=")]
            if "unpurged" not in rest:
                rows[span.split("-")[0]] = (int(size), int(pages[0]) if pages else 0,
                                            rest[0].partition("+0x")[0] if "+0x" in rest[0] else None)
    return rows


def areas_by_bpf():
    """The kernel's own lists, read by BPF, are what the kernel prints of them: addresses too, which
    /proc/vmallocinfo shows with kptr_restrict at 1 alone."""
    hidden = read(KPTR)
    try:
        write(KPTR, "1")
        for _ in range(20):
            before, doc, after = areas_of_the_kernel(), explored("vmalloc"), areas_of_the_kernel()
            got = {a["start"]: (a["bytes"], a["pages"], a["caller"]) for a in doc["areas"] if a["type"] != "freed"}
            steady = {k: v for k, v in before.items() if after.get(k) == v}
            wrong = {k: (v, got.get(k)) for k, v in steady.items() if got.get(k) != v}
            if not wrong:
                break
        equal((doc["source"], doc["addresses"], wrong), ("bpf", True, {}))
        assert len(steady) > 20, steady
        # The largest gap is one: nothing in use begins in it.
        gap = doc["largest_gap"]["vmalloc"]
        first, end = int(gap["start"], 16), int(gap["start"], 16) + gap["bytes"]
        equal([a for a in after if first <= int(a, 16) < end], [])
        pieces = [a["pieces"] for a in doc["areas"] if a["pieces"] is not None]
        assert pieces and all(1 <= p for p in pieces) and 1 in pieces, pieces
        equal(doc["unwalked_pages"], 0)
        for word in ("0", "2"):
            write(KPTR, word)
            equal(explored("vmalloc")["source"], "bpf" if word == "0" else "vmallocinfo", f"kptr_restrict {word}")
    finally:
        write(KPTR, hidden)


def wall(seconds):
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)


def interval_ends(path):
    """The times at which the intervals of a table end."""
    with open(path, newline="", encoding="latin-1") as f:
        return [int(r["time_ns"]) for r in csv.DictReader(f) if r["scope"] == "end"]


def timed(rec, before, after, least):
    """The window of recording REC is at least LEAST ns, and within BEFORE and AFTER; it is what its
    intervals fill."""
    start, end = (meta(rec)["clock"][k] for k in ("start_ns", "end_ns"))
    assert before <= start and end <= after, (before, start, end, after)
    assert end - start >= least, (start, end)
    ends = interval_ends(f"{rec}/interval.csv")
    equal(ends, sorted(set(ends)), "times of intervals go on")
    assert start < ends[0] and ends[-1] == end, (start, ends, end)
    return ends


def clock_is_set():
    """By 20 years, there and back, five times a second: nothing but the wall's time changes."""
    with tempdir() as d:
        before = time.monotonic_ns()
        with Again(lambda n: wall(20 * YEAR * (-1 if n % 4 in (1, 2) else 1)), 0.1):
            p = kvas("record", "-F", "0", "-i", "0.3", "-o", f"{d}/rec", "--", f"{WORK}/storm", "0", "1500",
                     NOTHING)
            q = kvas("live", "-F", "0", "-i", "0.3", "-n", "4", "--csv", f"{d}/live.csv")
            s = stat("-F", "0", "-d", "1")
        after = time.monotonic_ns()
        equal((p.returncode, q.returncode), (0, 0), p.stderr + q.stderr)
        ends = timed(f"{d}/rec", before, after, 1500 * 10**6)
        assert len(ends) <= (ends[-1] - meta(f"{d}/rec")["clock"]["start_ns"]) / 0.3e9 + 1, ends
        same_children(f"{d}/rec", stormed(p.stdout))
        ends = interval_ends(f"{d}/live.csv")
        equal((ends == sorted(set(ends)), len(ends) >= 4), (True, True), ends)
        assert before < ends[0] and ends[-1] < after, (before, ends, after)
        assert 10**9 <= s["window_ns"] <= after - before, s["window_ns"]


def machine_sleeps():
    """For a second and more, by the wall. CPU 1 goes off for it and comes on again. What is counted, and
    how long it took, is what the machine was awake for."""
    alarm = "/sys/class/rtc/rtc0/wakealarm"
    with tempdir() as d:
        before, boot = time.monotonic_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        p = kvas("record", "-F", "99", "-i", "0.3", "-o", f"{d}/rec", "--", "sh", "-c",
                 f"echo 0 >{alarm}; echo +3 >{alarm}; echo mem >/sys/power/state; exec {WORK}/storm 1 1000 {NOTHING}")
        after, boot = time.monotonic_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME) - boot
        assert boot - (after - before) > 10**9, f"it slept for {boot - (after - before)} ns: {p.stderr}"
        equal(p.returncode, 0, p.stderr)
        timed(f"{d}/rec", before, after, 10**9)
        same_children(f"{d}/rec", stormed(p.stdout), execs=2)
        equal(unsampled(f"{d}/rec"), ["1"])


for NAME, FN in (("undisturbed, nothing is said", undisturbed),
                 ("CPUs come and go: system calls are exact", calls_are_exact),
                 ("CPUs come and go: children are exact, in counters and rows", children_are_exact),
                 ("CPUs come and go: live streams on", streams_on),
                 ("a CPU comes on once kvas is attached", lambda: begins_without("1")),
                 ("a CPU is off at the end", ends_without),
                 ("numbers of processes are given again", pids_come_again),
                 ("perf allows few samples", few_samples_are_allowed),
                 ("vmalloc: areas by BPF", areas_by_bpf),
                 ("the clock of the wall is set by years", clock_is_set),
                 ("the machine sleeps", machine_sleeps)):
    check(NAME, FN)
done()
