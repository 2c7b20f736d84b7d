# SPDX-License-Identifier: GPL-2.0
"""Boot the matrix of kernels and flavours, judge each cell, print one table.

    python3 tests/vm/matrix.py [CELL ...]     a cell is KERNEL/FLAVOUR; all without
    python3 tests/vm/matrix.py --shell CELL   a shell in that guest

Ends with "ok", "not ok" and "skip" lines and "done", as tests/run.sh reads them.
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time

import guest
import image
import kernels
import ledger

OUT = "build/vm"
GOLDEN = "tests/golden"
LIMIT = int(os.environ.get("KVAS_VM_LIMIT", "900"))  # seconds a boot may take
ROOM_MB = 500  # free space that a run needs for logs, image and kernels

FULL = ["hooks", "verify", "exact", "refused", "ledger"]
JUDGED = {"ledger", "ledger-some", "nmis", "plain"}  # their windows are in the judge's file
# The long ones first: two at a time, they decide when the run ends.
CELLS = {
    "7.2/nopti-nokaslr": ["exact", "ledger", "dmap", "watch", "areas", "there", "memory", "cgroup",
                          "capabilities"],
    "6.1/la57": ["avoid", "plain", "avoid-areas", "disturbed", "capabilities", "forbidden"],
    "6.12/la57": ["avoid", "layout", "pgd", "dmap", "check", "watch", "avoid-memory",
                  "precise"],
    "5.10/nopti-nokaslr": ["exact", "loss", "ledger", "layout", "watch", "areas", "there", "objects",
                           "memory", "precise", "follow", "capabilities"],
    "6.12/kpti": ["hooks", "verify", "exact", "refused", "ledger-some", "capabilities", "forbidden"],
    "7.2/kpti": FULL + ["nmis"],
    "7.3/la57": ["hooks", "verify", "refused", "ledger-some"],
    "6.1/kpti": FULL + ["nmis"],
    "5.10/kpti": FULL + ["dmap", "cgroup"],
}

# What a kernel does not have: checks that may be skipped there, and nowhere else.
ABSENT = {"5.10": ["skip dmap: secret memory is missing, and its splits are counted alike: "
                   "no secret memory here"]}  # memfd_secret(2) came with 5.14

# Messages of level warning that say nothing about kvas.
HARMLESS = re.compile(r"umip: ledger\[|\d+ callbacks suppressed|clocksource: |hrtimer: interrupt took"
                      r"|workqueue: .* hogged CPU"
                      r"|NOHZ tick-stop error|hpet: Lost \d+ RTC interrupts|no longer affine to cpu")


class Cell:
    def __init__(self, name):
        self.name = name
        self.kernel, self.flavour = name.split("/")
        self.tests = CELLS[name]
        self.results = []  # (test, passed, failed, skip reason or None)
        self.failures = []
        self.account = []  # the ledger's lines
        self.verdicts = {}  # program: "accepted 123"
        self.took = {}  # test: seconds
        self.seconds = 0.0

    def log(self, kind):
        return f"{OUT}/{self.name.replace('/', '-')}.{kind}"

    def add(self, test, passed, failed, skipped=None):
        self.results.append((test, passed, failed, skipped))

    def reproduce(self):
        return f"python3 tests/vm/matrix.py {self.name}"


def sections(lines):
    """{test: its lines} and {test: its seconds}, as tests/vm/guest/cell heads them."""
    by, began, now = {}, [], None
    for line in lines:
        if line.startswith("@@ TEST "):
            _, _, test, uptime = line.split()
            now = by.setdefault(test, [])
            began.append((test, float(uptime)))
        elif line.startswith("@@ TESTED "):
            began.append((None, float(line.split()[2])))
        elif now is not None:
            now.append(line)
    return by, {test: end - at for (test, at), (_, end) in zip(began, began[1:])}


def checks(cell, test, lines):
    """A live test's own lines. What a guest is booted for is not to be skipped in it."""
    bad = [line for line in lines if line.startswith(("not ok ", "skip "))
           and line not in ABSENT.get(cell.kernel, [])]
    if "done" not in lines:
        bad.append(f"{test} was cut short: {lines[-1] if lines else 'it said nothing'}")
    cell.failures += bad
    cell.add(test, sum(line.startswith("ok ") for line in lines), len(bad))


def hooks(cell, lines):
    """kvas hooks against the golden file; the first line names the kernel's version."""
    path = f"{GOLDEN}/hooks-{cell.kernel}.txt"
    got = "\n".join(line[9:].rstrip() for line in lines if line.startswith("@@ HOOKS "))
    got = re.sub(r"\A.*\n", "", got) + "\n"
    if os.environ.get("KVAS_GOLDEN") == "write":
        with open(path, "w", encoding="utf-8") as f:
            f.write(got)
    try:
        with open(path, encoding="utf-8") as f:
            want = f.read()
    except OSError:
        want = ""
    if got == want:
        cell.add("hooks", 1, 0)
        return
    with open(cell.log("hooks"), "w", encoding="utf-8") as f:
        f.write(got)
    cell.failures.append(f"kvas hooks is not as in {path}: diff it with {cell.log('hooks')}; "
                         "KVAS_GOLDEN=write accepts it")
    cell.add("hooks", 0, 1)


def verify(cell, lines):
    """No program is refused, but of two for one function's two shapes one must be."""
    rows = [line.split()[2:] for line in lines if line.startswith("@@ VERIFY ")]
    rows = [r for r in rows if len(r) == 4]
    cell.verdicts = {r[1]: f"{r[2]} {r[3]}" for r in rows}
    refused = {r[1] for r in rows if r[2] == "refused"}
    if len(refused & {"seccomp_fexit_0", "seccomp_fexit_1"}) == 1:
        refused -= {"seccomp_fexit_0", "seccomp_fexit_1"}
    cell.failures += [f"the verifier refuses {name}" for name in sorted(refused)]
    if not rows:
        cell.failures.append("the verifier's verdicts are missing")
    cell.add("verify", len(rows) - len(refused), len(refused) or not rows)


def account(cell, g, judge):
    """All windows of the cell against the judge."""
    lines, wrong = ledger.judge(g, judge)
    cell.account = lines
    with open(cell.log("ledger"), "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")
    cell.failures += wrong
    cell.add("ledger", len(lines) - len(wrong), len(wrong))
    want = guest.FLAVOURS[cell.flavour][2]
    stat = g.marked("STAT")[:1]
    if not stat or not stat[0].startswith("{"):
        cell.failures.append(f"kvas stat told nothing; console: {cell.log('console')}")
        cell.add("host", 0, 1)
    else:
        host = json.loads(stat[0])["host"]
        bad = [f"{k} is {host[k]}, not {v}" for k, v in want.items() if host[k] != v
               and not (cell.kernel == "5.10" and k == "paging_levels")]
        cell.failures += bad
        cell.add("host", len(want) - len(bad), len(bad))


def dmesg(cell, g):
    bad = [line for line in g.marked("DMESG") if not HARMLESS.search(line)]
    cell.failures += [f"the guest's kernel said: {line[:160]}" for line in bad[:10]]
    cell.add("dmesg", 0 if bad else 1, len(bad))


def run_cell(cell, where, initrd, nr):
    began = time.monotonic()
    print(f"== vm: {cell.name} (cell {nr}) begins", flush=True)
    judge_cell(cell, where, initrd)
    failed = f", {len(cell.failures)} FAILED" if cell.failures else ""
    print(f"== vm: {cell.name} (cell {nr}) took {time.monotonic() - began:.0f} s{failed}", flush=True)


def judge_cell(cell, where, initrd):
    if isinstance(where, Exception):
        cell.add("boot", 0, 0, str(where))
        return
    judge = cell.log("judge")
    qemu = guest.command(where, cell.flavour, initrd,
                         f"kvas.run=cell kvas.args={','.join(cell.tests)}", judge)
    g = guest.boot(qemu, cell.log("console"), LIMIT)
    cell.seconds = g.seconds
    if g.trouble:
        cell.failures.append(f"{g.trouble}; console: {cell.log('console')}")
        cell.add("boot", 0, 1)
    else:
        cell.add("boot", 1, 0)
    by, cell.took = sections(g.lines)
    for test in cell.tests:
        lines = by.get(test, [])
        if test == "hooks":
            hooks(cell, lines)
        elif test == "verify":
            verify(cell, lines)
        elif test not in JUDGED:
            checks(cell, test, lines)
    if JUDGED & set(cell.tests) and not g.trouble:
        account(cell, g, judge)
    dmesg(cell, g)


def print_table(cells):
    print()
    for c in cells:
        ran = ", ".join(f"{t} {p}/{p + f}" + (f" {c.took[t]:.0f} s" if t in c.took else "")
                        if not why else f"{t} skipped" for t, p, f, why in c.results)
        print(textwrap.fill(ran, 96, initial_indent=f"{c.name:19}{c.seconds:4.0f} s  ",
                            subsequent_indent=" " * 27))
    print("passed/run of each test, and its seconds\n")


def print_verdicts(cells):
    """Instructions the verifier went through, per program and kernel."""
    have = [c for c in cells if c.verdicts]
    if not have:
        return
    names = list(dict.fromkeys(n for c in have for n in c.verdicts))
    with open(f"{OUT}/verifier.txt", "w", encoding="ascii") as f:
        f.write(f"{'program':28}" + "".join(f"{c.kernel:>10}" for c in have) + "\n")
        for n in names:
            words = [c.verdicts.get(n, "? ?").split() for c in have]
            f.write(f"{n:28}" + "".join(
                f"{(w[1] if w[0] == 'accepted' else w[0]):>10}" for w in words) + "\n")
    with open(f"{OUT}/verifier.txt", encoding="ascii") as f:
        print("instructions the verifier went through\n" + f.read())


def report(cells):
    print_verdicts(cells)
    for c in cells:
        if c.account:
            print(f"{c.name}: CR3 writes, what the judge saw at least and at most, and kvas")
            print("\n".join(c.account) + "\n")
    print_table(cells)
    for c in cells:
        for test, passed, failed, skipped in c.results:
            for i in range(passed):
                print(f"ok vm {c.name} {test} {i + 1}")
            if skipped:
                print(f"skip vm {c.name}: {skipped}")
        for why in c.failures:
            print(f"not ok vm {c.name}: {why}; again: {c.reproduce()}")
    booted = {c.kernel for c in cells if any(r[0] == "boot" and r[1] for r in c.results)}
    if len(booted) < min(3, len({c.kernel for c in cells})):
        print(f"not ok vm: {len(booted)} kernels ran, fewer than three")
    print("done", flush=True)


def room():
    free = shutil.disk_usage(OUT).free >> 20
    return None if free >= ROOM_MB else (
        f"{free} MB are free for {OUT}, {ROOM_MB} are needed: make room")


def shell(kernel, flavour):
    """A guest on this terminal."""
    if kernel not in kernels.WANTED or flavour not in guest.FLAVOURS:
        return (f"KERNEL is one of {' '.join(kernels.WANTED)}, FLAVOUR one of "
                f"{' '.join(guest.FLAVOURS)}")
    try:
        where = kernels.ensure(kernel)
    except kernels.Unavailable as e:
        return f"Linux {kernel} cannot be had: {e}"
    qemu = guest.command(where, flavour, image.make(f"{OUT}/shell.img"))
    qemu[qemu.index("stdio")] = "mon:stdio"
    return subprocess.run(qemu, check=False).returncode


def main(args):
    os.makedirs(OUT, exist_ok=True)
    if args[:1] == ["--shell"]:
        sys.exit(shell(*args[1].split("/")))
    unknown = [a for a in args if a not in CELLS]
    if unknown:
        sys.exit(f"no cell {unknown[0]}; there are {' '.join(CELLS)}")
    cells = [Cell(a) for a in args or CELLS]
    began = time.monotonic()
    full = room()
    where = kernels.ensure_all(sorted({c.kernel for c in cells})) if not full else {}
    if full:
        cells[0].failures.append(full)
        cells = cells[:1]
    else:
        initrd = image.make(f"{OUT}/initrd.img")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(lambda c, nr: run_cell(c, where[c.kernel], initrd, f"{nr} of {len(cells)}"),
                          cells, range(1, len(cells) + 1)))
    report(cells)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


main(sys.argv[1:])
