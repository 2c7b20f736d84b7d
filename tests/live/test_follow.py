# SPDX-License-Identifier: GPL-2.0
"""Whom the access sampler follows: a command and what it makes, and no one else."""
import collections
import csv
import os
import subprocess

from lib import WORK, check, counters, done, equal, kvas, table, tempdir

HZ, SECONDS = 2000, 4


def recorded(d):
    """Rows of samples and of tasks, while a process that is not followed is busy too."""
    os.mkdir(d)
    with subprocess.Popen(["sh", "-c", "while :; do :; done"]) as busy:
        p = kvas("record", "-F", str(HZ), "-o", f"{d}/rec", "--", f"{WORK}/access", "processes",
                 str(SECONDS), timeout=120)
        busy.kill()
    equal(p.returncode, 0, p.stderr)
    with open(f"{d}/rec/access.csv", encoding="latin-1", newline="") as f:
        return list(csv.DictReader(f)), table(f"{d}/rec", "task"), busy.pid


def tree():
    """Each sample is of the command or of a process whose fork is among the tasks' rows."""
    forked = {r["child_pid"] for r in TASKS if r["op"] in ("fork", "vfork")}
    execs = [r["pid"] for r in TASKS if r["op"] == "exec"]
    family = forked | {execs[0]}
    equal({r["pid"] for r in ROWS} - family, set())
    assert str(BUSY) not in family, BUSY


def children():
    """The children, which end soon, are met, and in the kernel: it makes and unmakes them."""
    by = collections.Counter(r["comm"] for r in ROWS)
    assert by["nothing"] >= 20, by
    assert len({r["pid"] for r in ROWS}) >= 10, by
    assert sum(r["mode"] == "kernel" for r in ROWS) >= 50, collections.Counter(r["mode"] for r in ROWS)


with tempdir() as D:
    for attempt in range(3):
        ROWS, TASKS, BUSY = recorded(f"{D}/{attempt}")
        if not counters(f"{D}/{attempt}/rec").get("lost.ring.task"):
            break
check("follow: samples are of the command and its children", tree)
check("follow: children that end soon are met", children)
done()
