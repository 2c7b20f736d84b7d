# SPDX-License-Identifier: GPL-2.0
"""The access sampler on this kernel: addresses against a program whose buffer is known,
functions against /proc/kallsyms, sums against Python's csv."""
import bisect
import csv
import collections
import json
import os
import subprocess

from lib import (WORK, check, done, equal, hypervisor_changes_tables, in_pid_namespace, kvas, stat,
                 tempdir)

HZ = 4000
SLOW = 1000  # a fork and exec takes less than a few of its periods, on slow hosts too
SECONDS = 2
# Of the ticks that CPU time makes due. A hypervisor that runs both CPUs on one, and tells nobody,
# holds back ticks while the account of CPU time goes on: under PVM perf's own cpu-clock met 0.92 of
# those of a task alone, and kvas beside its busy reader 0.69 to 0.80.
LEAST = 0.5 if hypervisor_changes_tables() else 0.85


def stolen():
    """Seconds for which the hypervisor ran others on this machine's CPUs while these had work. A process's
    CPU time leaves them out; the sampler's timer, which goes by the clock, does not."""
    with open("/proc/stat", encoding="ascii") as f:
        fields = f.readline().split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK") if len(fields) > 8 else 0.0


def recorded(d, *options, kind="files", hz=HZ, seconds=SECONDS):
    """Record the workload: where its buffer is, the rows, and kvas's own report."""
    before = stolen()
    p = kvas("record", "-F", str(hz), "-o", f"{d}/rec", *options, "--", f"{WORK}/access", kind,
             str(seconds))
    lent = stolen() - before
    equal(p.returncode, 0, p.stderr)
    words = dict(line.split(None, 1) for line in p.stdout.splitlines()
                 if line.startswith(("rounds ", "buffer ", "cpu ")))
    start, size = words["buffer"].split()
    with open(f"{d}/rec/access.csv", encoding="ascii", newline="") as f:
        rows = list(csv.DictReader(f))
    p = kvas("report", "--format", "json", f"{d}/rec")
    equal(p.returncode, 0, p.stderr)
    report = json.loads(p.stdout)
    return (int(start, 16), int(start, 16) + int(size)), rows, report, (float(words["cpu"]), lent)


def kernel_rows(rows):
    return [r for r in rows if r["mode"] == "kernel"]


def samples():
    """Some of every second, and none of another process."""
    equal({r["comm"] for r in ROWS} - {"access", "kvas"}, set())
    as_many_as_ticks(len(ROWS), REPORT, TOOK)
    assert len(kernel_rows(ROWS)) > 100, collections.Counter(r["mode"] for r in ROWS)
    times = [int(r["time_ns"]) for r in ROWS]
    equal(times, sorted(times))


def as_many_as_ticks(samples, report, took, hz=HZ):
    """A tick for every 1/HZ of CPU time, those that did not arrive included. The period
    varies by a tenth, and the program's start and end are not in its own account."""
    cpu, lent = took
    missed = report["lost"].get("not_delivered", {}).get("sampler_ticks", 0)
    assert samples < 1.15 * hz * (cpu + lent) + hz / 80, f"{samples} samples of {cpu} s, {lent} s stolen"
    assert samples + missed > LEAST * hz * cpu - hz / 80, f"{samples} samples of {cpu} s, {missed} missed"


def short_lived():
    """Programs that end within a period are met as often as their time is worth."""
    with tempdir() as d:
        _, rows, report, took = recorded(d, kind="processes", hz=SLOW)
    assert report["tasks"]["forks"] > 100, report["tasks"]
    assert took[0] / report["tasks"]["forks"] < 4 / SLOW, f"{took[0]} s: these are not short-lived"
    as_many_as_ticks(len(rows), report, took, SLOW)
    assert len({r["pid"] for r in rows}) > 50, len({r["pid"] for r in rows})


def slowly():
    """At the default rate, with records that wake the reader more often than a tick comes."""
    with tempdir() as d:
        _, rows, report, took = recorded(d, "--events", "all", kind="pipes", hz=99, seconds=4)
    assert report["events"]["switch"]["seen"] > 20000, report["events"]
    as_many_as_ticks(len(rows), report, took, 99)


def ticks_that_do_not_arrive():
    """The kernel runs no program while it works on a BPF map: those ticks are counted."""
    with tempdir() as d:
        out = f"{d}/s.json"
        before = stolen()
        p = kvas("stat", "-F", str(HZ), "--format", "json", "-o", out, "--", "build/live/updates",
                 "1")
        lent = stolen() - before
        equal(p.returncode, 0, p.stderr)
        cpu = float(p.stdout.split()[1])
        with open(out, encoding="utf-8") as f:
            s = json.load(f)
    samples = s["accesses"]["samples"]
    missed = s["lost"]["not_delivered"]["sampler_ticks"]
    assert missed or samples < 0.95 * HZ * cpu, f"{samples} samples, none refused: tests nothing"
    assert 0.85 * HZ * cpu < samples + missed < 1.15 * HZ * (cpu + lent), (samples, missed, cpu, lent)


SPIN = ("timeout", "4", "sh", "-c", "while :; do :; done")


def none_lost_to_the_period():
    """The period changes some eight times in four seconds, and no tick is lost by that. A
    machine that stands still meanwhile may lose some: not every time."""
    for _ in range(4):
        s = stat("-F", "99", "--", *SPIN)
        assert s["accesses"]["samples"] > 20, s["accesses"]
        if "sampler_ticks" not in s["lost"].get("not_delivered", {}):
            return
    raise AssertionError(s["lost"])


def by_comm():
    """-C: of tasks of other names there are no samples, and no ticks that were lost."""
    with subprocess.Popen(["sh", "-c", "while :; do :; done"]) as p:
        try:
            s = stat("-F", str(HZ), "-d", "2", "-C", "nosuchname")
            equal(s["accesses"]["samples"], 0)
            assert "sampler_ticks" not in s["lost"].get("not_delivered", {}), s["lost"]
            # Others may want the CPUs too: of the second it has some part.
            s = stat("-F", str(HZ), "-d", "1", "-C", "sh")
            assert s["accesses"]["samples"] > HZ / 100, s["accesses"]["samples"]
        finally:
            p.kill()


def namespace():
    """Where process numbers are not the kernel's none is followed, rather than another."""
    p = in_pid_namespace("stat", "--", "true")
    equal((p.returncode, p.stdout), (3, ""), p.stderr)
    assert "PID namespace" in p.stderr, p.stderr


def user_addresses():
    """What the kernel copies from and to the program is its buffer."""
    for way in ("load", "store"):
        met = [int(r[way + "_address"], 16) for r in kernel_rows(ROWS)
               if r[way + "_region"] == "user"]
        inside = [a for a in met if BUFFER[0] <= a < BUFFER[1]]
        assert len(met) > 30, f"{len(met)} {way}s of user memory"
        # The rest is its stack and what names and times are passed in.
        assert len(inside) > 0.9 * len(met), f"{way}: {len(inside)} of {len(met)}"


def copies_have_two_ends():
    """A string instruction that loads from the program stores to the kernel, and back."""
    both = [(r["load_region"], r["store_region"]) for r in kernel_rows(ROWS)
            if r["load_from"] == r["store_from"] == "string"]
    assert len(both) > 30, len(both)
    ends = collections.Counter(both)
    kernel = ends[("user", "direct_map")] + ends[("direct_map", "user")]
    assert kernel > 0.8 * len(both), ends


def functions():
    """The function of each sample, by this program's own look-up."""
    symbols = []
    with open("/proc/kallsyms", encoding="ascii") as f:
        for line in f:
            address, kind, name = line.split()[:3]
            if kind in "tTwW" and int(address, 16) >> 63:
                symbols.append((int(address, 16), name))
    symbols.sort(key=lambda s: s[0])
    starts = [s[0] for s in symbols]
    checked = 0
    for r in kernel_rows(ROWS):
        at = bisect.bisect_right(starts, int(r["ip"], 16)) - 1
        aliases = {name[:47] for start, name in symbols[max(0, at - 8):at + 1]
                   if start == starts[at]}
        # Code of BPF programs came and went, with kvas and with others.
        if r["function"].startswith("bpf_") or at < 0 or (
                not r["function"] and all(a.startswith("bpf_prog_") for a in aliases)):
            continue
        assert r["function"] in aliases, (r["ip"], r["function"], aliases)
        checked += 1
    assert checked > 100, checked


def sums():
    """kvas's report against the rows, summed here."""
    a = REPORT["accesses"]
    equal(a["samples"], len(ROWS))
    equal({k: n for k, n in a["modes"].items() if n},
          dict(collections.Counter(r["mode"] for r in ROWS)))
    for way in ("load", "store"):
        met = [r for r in kernel_rows(ROWS) if r[way + "_from"]]
        equal(a["met"][way], sum(int(r[way + "_times"]) for r in met))
        shares = a["shares"][way]
        total = sum(s["share"] for s in shares.values())
        assert abs(total - 1) < 1e-6, shares
        for s in shares.values():
            assert 0 <= s["low"] <= s["share"] <= s["high"] <= 1, s
    other = collections.Counter()
    for r in kernel_rows(ROWS):
        for way in ("load", "store"):
            equal(r[way + "_region"] == "other", r[way + "_why"] in ("no_region", "fs", "vector"), r)
            if r[way + "_region"] == "other":
                other[r[way + "_why"]] += int(r[way + "_times"])
    equal({k: n for k, n in a["other"].items() if k != "irqs_off"}, dict(other))
    by = collections.Counter()
    for r in ROWS:
        if r["mode"] not in ("user", "idle") and r["function"]:
            by[r["function"]] += 1
    equal({f["function"]: f["samples"] for f in a["functions"]}, dict(by))


def nothing_lost():
    equal(REPORT["lost"]["ring_full"]["access"], 0)
    equal(REPORT["events"]["access"]["seen"], len(ROWS))


def per_cpu():
    """Per-CPU data of two CPUs is the same distance apart at every instruction, but where
    one reaches for different objects."""
    by = collections.defaultdict(lambda: collections.defaultdict(set))
    for _ in range(5):  # on a busy machine there are few samples of a second
        meet_per_cpu(by)
        apart = distances(by)
        if sum(apart.values()) >= 5:
            break
    assert sum(apart.values()) >= 5, f"met on both CPUs: {apart}"
    assert apart.most_common(1)[0][1] >= 0.8 * sum(apart.values()), apart


def meet_per_cpu(by):
    """To BY: {instruction: {cpu: {address}}}, with the same work on each CPU, whichever the
    recorded program runs on."""
    beside = [subprocess.Popen(["taskset", "-c", str(cpu), f"{WORK}/access", "paths",
                                "120"], stdout=subprocess.DEVNULL) for cpu in (0, 1)]
    try:
        with tempdir() as d:
            _, rows, _, _ = recorded(d, "-a", kind="paths")
    finally:
        for p in beside:
            p.kill()
            p.wait()
    for r in kernel_rows(rows):
        if r["load_from"] == "percpu":
            by[r["ip"]][r["cpu"]].add(int(r["load_address"], 16))


def distances(by):
    """How far apart two CPUs' addresses are, of instructions with one on each."""
    apart = collections.Counter()
    for cpus in by.values():
        if cpus.get("0") and cpus.get("1") and len(cpus["0"]) == len(cpus["1"]) == 1:
            apart[min(cpus["1"]) - min(cpus["0"])] += 1
    return apart


def off():
    for args, why in (("-F", "0"), "-F 0"), (("--events", "task"), "--events"):
        s = stat(*args, "--", f"{WORK}/calls", "10")
        a = s["accesses"]
        equal(a.pop("shares"), {"load": None, "store": None})
        assert {"samples", "load", "store", "precise"} < set(a), a
        equal([k for k, v in a.items() if v is not None], [])
        for key in (*a, "shares.load", "shares.store"):
            assert why in s["unknown"][f"accesses.{key}"], s["unknown"]


def redacted():
    """Regions are told, addresses are not."""
    with tempdir() as d:
        p = kvas("record", "--redact", "-F", str(HZ), "-o", f"{d}/rec", "--", f"{WORK}/access",
                 "paths", "1")
        equal(p.returncode, 0, p.stderr)
        with open(f"{d}/rec/access.csv", encoding="ascii", newline="") as f:
            rows = kernel_rows(csv.DictReader(f))
    assert len(rows) > 50, len(rows)
    for r in rows:
        for column in ("ip", "load_address", "store_address"):
            assert not r[column].startswith("0xffff"), (column, r[column])
    assert {r["load_region"] for r in rows} >= {"direct_map", "vmalloc"}, rows[0]


# On a busy machine it takes longer until the program has had its time of a CPU.
for longer in (1, 2, 4, 8):
    with tempdir() as DIR:
        BUFFER, ROWS, REPORT, TOOK = recorded(DIR, seconds=longer * SECONDS)
    if TOOK[0] > 0.75 * SECONDS:
        break
check("access: samples of the program, in order", samples)
check("access: programs that end within a period", short_lived)
check("access: as many as are due at the default rate", slowly)
check("access: ticks that do not arrive are counted", ticks_that_do_not_arrive)
check("access: no tick is lost to a new period", none_lost_to_the_period)
check("access: -C takes the tasks of a name", by_comm)
check("access: in a PID namespace of its own", namespace)
check("access: user addresses are the program's buffer", user_addresses)
check("access: a copy loads on one side and stores on the other", copies_have_two_ends)
check("access: functions are those of /proc/kallsyms", functions)
check("access: the report adds up", sums)
check("access: nothing is lost at 4 kHz", nothing_lost)
check("access: per-CPU addresses", per_cpu)
check("access: off, and why", off)
check("access: redacted", redacted)
done()
