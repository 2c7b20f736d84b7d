# SPDX-License-Identifier: GPL-2.0
"""A workload writes down what it did; a recording of it must say the same."""
import collections
import os
import time

from lib import (KVAS, WORK, between, check, counters, done, equal, hidden, kvas, meta, processes,
                 table, tempdir)

FORKS, EXECS, PAGES, TRIPS = 37, 31, 1009, 211


def expected(path):
    want = collections.defaultdict(list)
    with open(path, encoding="ascii") as f:
        for line in f:
            what, *rest = line.split()
            want[what].append(tuple(rest))
    return want


PF_KTHREAD = 0x200000


def kernel_threads():
    """Their tids, as /proc has them; 0 is idle."""
    tids = {"0"}
    for tid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{tid}/stat", encoding="latin-1") as f:
                flags = f.read().rpartition(")")[2].split()[6]
        except OSError:
            continue
        if int(flags) & PF_KTHREAD:
            tids.add(tid)
    return tids


def main(d):
    rec, trace = os.path.join(d, "rec"), os.path.join(d, "trace")
    began, threads = time.monotonic_ns(), kernel_threads()
    p = kvas("record", "-o", rec, "--", f"{WORK}/trace", trace)
    ended, threads = time.monotonic_ns(), threads & kernel_threads()
    check("record ends with the command's status", lambda: equal(p.returncode, 0, p.stderr))
    want = expected(trace)
    task, pgd, fault = (table(rec, k) for k in ("task", "pgd", "fault"))
    switch, total = table(rec, "switch"), counters(rec)

    check("the workload did what its name says", lambda: (
        equal(len(want["fork"]), FORKS), equal(len(want["exec"]), EXECS + 1),
        equal(len(want["page"]), PAGES)))

    def lines(op, *cols):
        return sorted(tuple(r[c] for c in cols) for r in task if r["op"] == op)

    check("forks: each parent and child, no other",
          lambda: equal(lines("fork", "pid", "child_pid"), sorted(want["fork"])))
    check("execs: each process, no other",
          lambda: equal(lines("exec", "pid"), sorted(want["exec"])))
    check("exits: each process and status, no other", lambda: equal(
        sorted((r["pid"], str(int(r["exit_code"]) >> 8)) for r in task if r["op"] == "exit"),
        sorted(want["exit"])))
    check("counters agree: forks, execs, exits", lambda: equal(
        (total["tasks.forks"], total["tasks.execs"], total["tasks.exits"]),
        (FORKS, EXECS + 1, FORKS + 1)))

    # One PGD for each fork and each exec; each is freed; and one more is freed,
    # that of the process kvas forked, which its exec replaced.
    alloc = [r for r in pgd if r["op"] == "alloc"]
    free = [r for r in pgd if r["op"] == "free"]
    check("a PGD is allocated for each fork and each exec",
          lambda: equal(len(alloc), FORKS + EXECS + 1))
    def matched():
        live, unmatched, again = {}, 0, 0
        for r in sorted(pgd, key=lambda r: int(r["time_ns"])):
            if r["op"] == "alloc":
                again += r["pgd"] in live
                live[r["pgd"]] = r
            elif r["pgd"] in live:
                a = live.pop(r["pgd"])
                equal(r["alloc_ns"], a["time_ns"] if a["how"] == "observed" else r["alloc_ns"])
            else:
                unmatched += 1
        equal(unmatched, 1, "freed only")
        equal(again, total.get("lost.pgd_frees", 0), "allocated twice")
        equal(again + len(live), FORKS + EXECS + 2 - len(free), "allocated only")
    check("every PGD allocated is freed, once", matched)
    check("PGD frees: as many, and the first process's own", lambda: between(
        FORKS + EXECS + 2 - hidden(total), len(free), FORKS + EXECS + 2))
    check("PGD size is known and a power of two pages", lambda: equal(
        {r["bytes"] for r in free} <= {"4096", "8192"} and len({r["bytes"] for r in free}), 1))
    check("a PGD is page aligned and in the direct map", lambda: equal(
        {(int(r["pgd"], 16) % 4096, r["pgd_region"]) for r in pgd}, {(0, "direct_map")}))

    def pages():
        seen = collections.Counter(
            int(r["address"], 16) & ~4095 for r in fault if r["mode"] == "user")
        for (page,) in want["page"]:
            equal(seen[int(page, 16)], 1, page)
    check("each of the 1009 pages faults once, from user mode", pages)

    def written():
        pages = {int(p[0], 16) for p in want["page"]}
        flags = {r["flags"] for r in fault if int(r["address"], 16) & ~4095 in pages}
        equal(flags, {"write|user"})
    check("those faults are writes to pages not present", written)
    check("their addresses are the bytes touched", lambda: equal(
        sorted(int(r["address"], 16) for r in fault
               if int(r["address"], 16) & ~4095 in {int(p[0], 16) for p in want["page"]}),
        sorted(int(p[0], 16) + i % 4096 for i, p in enumerate(want["page"]))))

    (a, b, trips), = want["roundtrips"]
    def turns():
        # Each read of either blocks, so each leaves the CPU that often; who comes
        # next may be a third. What the kernel did not report is counted as lost.
        n = sum(1 for r in switch if r["pid"] in (a, b))
        missed = sum(int(r["count"]) for r in table(rec, "loss") if r["what"] == "sched_switch")
        assert n + missed >= 2 * int(trips), f"{n} + {missed} switches, want {2 * int(trips)}"
        # The one that ends first gives up its mm and borrows the other's from then on.
        ops = [r["op"] for r in switch if {r["pid"], r["next_pid"]} == {a, b}]
        while ops and ops[-1] != "mm_loaded":
            ops.pop()
        equal(set(ops), {"mm_loaded"}, "two processes, two address spaces")
    check("at least two switches a round trip, each loading the other mm", turns)
    def lazy():
        """Who has no address space of its own is told by /proc and the workload."""
        to_threads = {(r["op"], r["next_mm"]) for r in switch if r["next_tid"] in threads}
        equal(to_threads, {("lazy_kthread", "")}, "to kernel threads")
        for tid in (a, b):
            # It gives its own up when it exits, and has none from then on.
            has = [(r["op"] != "lazy_kthread", r["next_mm"] != "") for r in switch
                   if r["next_tid"] == tid]
            equal(has, sorted(has, reverse=True), "to a process")
            assert has.count((True, True)) >= int(trips), (len(has), set(has))
    check("switches to kernel threads load no mm, those to processes do until they exit", lazy)

    kinds = {"task": ("tasks.forks", "tasks.threads", "tasks.execs", "tasks.exits"),
             "pgd": ("pgd.alloc", "pgd.free"), "switch": ("switches.total",),
             "fault": ("faults.user", "faults.kernel"),
             "vmalloc": ("vmalloc.alloc", "vmalloc.free", "vmalloc.purges",
                         "vmalloc.kernel_flushes")}
    for kind, names in kinds.items():
        check(f"seen + lost = happened: {kind}", lambda: equal(
            len(table(rec, kind)) + total.get(f"lost.ring.{kind}", 0),
            sum(total.get(n, 0) for n in names)))
    check("no record and no map entry was lost", lambda: equal(
        [c for c in total if c.startswith(("lost.ring.", "lost.map."))], []))
    check("the recording is complete", lambda: equal(meta(rec)["complete"], True))
    check("files are private", lambda: equal(
        {os.stat(os.path.join(rec, f)).st_mode & 0o777 for f in os.listdir(rec)}, {0o600}))

    def per_process():
        # What the processes did, summed, is what the counters say of the tree.
        by = processes(rec)
        for ours, theirs in (("faults_user", "faults.user"), ("syscalls", "crossings.syscall")):
            equal(sum(v for (_, c), v in by.items() if c == ours), total[theirs], ours)
    check("processes add up to the whole", per_process)
    def root_faults():
        by = processes(rec)
        root = int(want["roundtrips"][0][0])
        equal(by[root, "faults_user"],
              sum(1 for r in fault if r["mode"] == "user" and int(r["pid"]) == root))
    check("a process's counted faults are its recorded ones", root_faults)

    def in_order():
        """A child is forked, executes a program and exits, on whichever CPU."""
        at = {(r["op"], r["child_pid"] if r["op"] == "fork" else r["pid"]): int(r["time_ns"])
              for r in task}
        for _, child in want["fork"]:
            life = [at[op, child] for op in ("fork", "exec", "exit") if (op, child) in at]
            assert life == sorted(life) and began < life[0] and life[-1] < ended, (child, life)
        for first, second in zip(want["fork"], want["fork"][1:]):
            # The parent waits for each, but the two that write to each other are the last.
            assert at["exit", first[1]] < at["fork", second[1]], (first, second)
    check("times are the clock's, and children live in the order in which they did", in_order)


with tempdir() as directory:
    main(directory)
done()
