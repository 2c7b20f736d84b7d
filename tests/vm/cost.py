# SPDX-License-Identifier: GPL-2.0
"""What an operation costs in instructions of the guest, with one tracer after another attached:
boot, measure, compare with the committed baseline, print the table of docs/overhead.md.

A guest has one CPU, whose clock counts instructions, one seed, and no address that chance
chose: a run of the same image goes as the run before. A figure is the median of a row's
windows, so that the few which met a tick, a sample or the tracer's own process do not count;
what those take is in the rows "tick" and "second". A tick's figure is the lower quartile:
up to half of its windows meet one of kvas live's samples, which is no part of a tick. (For
"map" the quartile lies on the edge between two states of the page allocator: another image
moved it by 90.)
"""
import csv
import os
import statistics

import guest
import image
import kernels

BASELINE = "bench/vm-baseline.csv"
COLUMNS = ["kernel", "flavour", "release", "row", "arm", "instructions"]
CELLS = [f"{k}/{f}" for k in ("6.1", "6.12", "7.2") for f in ("kpti", "nopti")]
# The arms are in the order in which they run: what kvas leaves behind would be in "again".
ARMS = ["nothing", "empty", "live", "record", "again", "bpftrace"]
ROWS = {  # name: what is one of it
    "syscall": "system call",
    "pipe": "pipe round trip",
    "fork": "fork, exec, exit, wait",
    "fault": "page fault",
    "map": "mmap, touch, munmap",
    "yield": "sched_yield to another process",
    "switch": "context switch",
    "tick": "timer tick",
    "second": "idle second",
}
GROWTH = {"second": 0.1}  # how much more may be added, a share of what is
GROWTH_ELSE = 0.03
NOISE = {"tick": 0.02}  # a share of the row: what two runs may differ by
NOISE_ELSE = 0.005
BEGIN, END, ROW_BEGIN, ROW_END = "1", "2", str(0xffe0), str(0xffe1)
WORDS = ("nokaslr norandmaps clocksource=tsc transparent_hugepage=never "
         "kvas.run=cost kvas.args=")
QEMU = ["-smp", "1", "-m", "2G", "-icount", "shift=0,sleep=off", "-seed", "1",
        "-rtc", "base=2026-01-01,clock=vm"]
LIMIT = 1200  # seconds
SLOW = {"bpftrace": 3000}  # a compiler in an emulated CPU


class Wrong(Exception):
    """A run that gave no figures, with the reason."""


def make_image(path, arms):
    more = {"/kvas/build/bench/empty": "build/bench/empty"}
    if "bpftrace" in arms:
        more["/usr/bin/bpftrace"] = "/usr/bin/bpftrace"
    return image.make(path, more)


def windows(row, marks):
    """Instructions in each window. The programs of the operations are static, at low addresses: a
    tracer's own do not count, but in an idle second. A tick is the kernel's alone, as the
    program awaits it in user mode."""
    who = {"tick": [3], "second": [1, 2, 3]}.get(row, [1, 3])
    return [sum(int(e[i]) - int(b[i]) for i in who)
            for b, e in zip(marks[1:-1:2], marks[2:-1:2])]


def figure(row, ops, marks):
    """Instructions of one operation."""
    if [m[0] for m in marks] != [ROW_BEGIN] + [BEGIN, END] * (len(marks) // 2 - 1) + [ROW_END]:
        raise Wrong(f"the markers of row {row} are not in order")
    found = windows(row, marks)
    return (statistics.quantiles(found, n=4)[0] if row == "tick" else statistics.median(found)) / ops


def parse(lines, marks):
    """{(arm, row): figure} and {arm: why it failed} of a guest's lines that begin with @@."""
    got, failed, arm, at = {}, {}, None, 0
    for line in lines:
        word, _, rest = line.removeprefix("@@ ").partition(" ")
        if word == "ARM":
            arm = rest
        elif word == "FAILED":
            failed[rest.partition(":")[0]] = rest.partition(": ")[2]
        elif word == "ROW":
            row, ops, windows = rest.split()
            nr = 2 * int(windows) + 2
            got[arm, row] = figure(row, int(ops), marks[at:at + nr])
            at += nr
    for arm in {a for a, _ in got}:
        if (arm, "yield") in got and (arm, "syscall") in got:
            got[arm, "switch"] = got[arm, "yield"] - got[arm, "syscall"]
    return got, failed


def run(cell, arms, initrd, out, extra="", rows="all"):
    """Boot CELL: its release, the figures, the arms that failed."""
    kernel, flavour = cell.split("/")
    where = kernels.ensure(kernel)
    command = guest.command(where, flavour, initrd, WORDS + ",".join([rows, *arms]), extra=[
        *QEMU, "-plugin", f"build/vm/cost.so,out={out}.marks{extra}"])
    g = guest.boot(command, f"{out}.console", max(SLOW.get(a, LIMIT) for a in arms))
    if g.trouble:
        raise Wrong(f"{cell}: {g.trouble}; console: {out}.console")
    with open(f"{out}.marks", encoding="ascii") as f:
        marks = [line.split() for line in f]
    got, failed = parse([line for line in g.lines if line.startswith("@@ ")],
                        [m for m in marks if m[0] != "profile"])
    return g.kernel, got, failed


def rows_of(cell, release, got):
    """As the baseline has them."""
    kernel, flavour = cell.split("/")
    return [dict(zip(COLUMNS, (kernel, flavour, release, row, arm, f"{got[arm, row]:.1f}")))
            for arm in ARMS for row in ROWS if (arm, row) in got]


def read_baseline(path=BASELINE):
    """{cell: (release, {(arm, row): figure})}"""
    by = {}
    if os.path.exists(path):
        with open(path, encoding="ascii", newline="") as f:
            for r in csv.DictReader(f):
                cell = f"{r['kernel']}/{r['flavour']}"
                by.setdefault(cell, (r["release"], {}))[1][r["arm"], r["row"]] = float(
                    r["instructions"])
    return by


def write_baseline(by, path=BASELINE):
    with open(path, "w", encoding="ascii", newline="") as f:
        w = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        w.writeheader()
        for cell in CELLS:
            if cell in by:
                w.writerows(rows_of(cell, *by[cell]))


def added(got, arm, row, to="nothing"):
    """Instructions that ARM adds to an operation; None where it has not run."""
    if (arm, row) not in got or (to, row) not in got:
        return None
    return got[arm, row] - got[to, row]


def allowed(row, was, same):
    """What kvas live may add now: by the baseline WAS, of the SAME kernel."""
    base = added(was, "live", row)
    noise = NOISE.get(row, NOISE_ELSE) * was["nothing", row]
    return (base if same else added(was, "live", row, "empty")) + max(
        GROWTH.get(row, GROWTH_ELSE) * base, noise)


def grown(row, got, was, same):
    """None, or by how much kvas live has grown. Of another kernel release, what kvas adds to
    empty programs is compared: the kernel's own part of an event is in both."""
    now = added(got, "live", row, "nothing" if same else "empty")
    limit = allowed(row, was, same)
    if now <= limit:
        return None
    return (f"kvas adds {now:.0f} instructions to a {ROWS[row]}"
            f"{'' if same else ' beyond what empty programs add'}; at most {limit:.0f} by "
            f"{BASELINE}. Where a growth is meant: make bench-vm BASELINE=write, in a commit of "
            "its own that says why")


def differences(got, was):
    """[(relative difference, arm, row)] of two runs of one cell, the largest first."""
    return sorted(((abs(got[k] / was[k] - 1), *k) for k in got.keys() & was.keys()
                   if was[k]), reverse=True)


def cells_of_row(got, row):
    def text(x, form="{:,.0f}"):
        return "" if x is None else form.format(x)

    def ratio(a, b):
        return None if a is None or b is None or b < 1 else a / b
    adds = {arm: added(got, arm, row) for arm in ARMS}
    return [ROWS[row], text(got["nothing", row]),
            *(text(adds[arm]) for arm in ("empty", "live", "record", "bpftrace")),
            text(ratio(adds["live"], adds["empty"]), "{:.2f}"),
            text(ratio(adds["live"], adds["bpftrace"]), "{:.2f}")]


def table(by):
    """The tables of docs/overhead.md."""
    lines = []
    for cell in CELLS:
        if cell not in by:
            continue
        release, got = by[cell]
        lines += ["", f"{cell}, Linux {release}:", "",
                  "| one | instructions | empty adds | live adds | record adds | bpftrace adds | "
                  "live/empty | live/bpftrace |", "|-" * 8 + "|"]
        lines += ["| " + " | ".join(cells_of_row(got, row)) + " |"
                  for row in ROWS if ("nothing", row) in got]
    return "\n".join(lines[1:]) + "\n"
