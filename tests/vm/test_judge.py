# SPDX-License-Identifier: GPL-2.0
"""The judge itself: its counts of memory accesses against a program whose bytes are
known, and its count of CR3 writes against the kernel's own rule for a program that
makes none. Printed as tests/run.sh reads it."""
import json
import sys
import tempfile

import guest
import image
import kernels

sys.path.insert(0, "tests/live")
from lib import check, done, equal  # noqa: E402

KERNEL = "6.1"
IMAGE = "build/vm/judge.img"


def run(d):
    g = guest.boot(guest.command(kernels.ensure(KERNEL), "nopti-nokaslr", IMAGE,
                                 "kvas.run=copy", guest.counting(f"{d}/out")), f"{d}/console", 200)
    equal(g.trouble, None)
    with open(f"{d}/out", encoding="ascii") as f:
        marks = [json.loads(line) for line in f]
    return int(g.marked("COPIED")[0]), marks


def copies(sent, marks):
    """A copy of N bytes is at least N / 8 accesses on either side, and at most N."""
    equal([m["marker"] for m in marks], [0xfff0, 0xfff1])
    equal(set(marks[0]["load"].values()) | set(marks[0]["store"].values()), {0},
          "counted before the window")
    for access in ("load", "store"):
        for region in ("user", "direct_map"):
            n = marks[1][access][region]
            assert n >= sent / 8, f"{n} {access}s of {region} for {sent} bytes"
        assert marks[1][access]["user"] <= sent * 1.1, marks[1]


def stacks(marks):
    """Task stacks are in vmalloc, code only reads the image's constants and counters."""
    for access in ("load", "store"):
        assert marks[1][access]["vmalloc"] > marks[1][access]["modules"], marks[1]
        equal(marks[1][access]["vmemmap"] < marks[1][access]["direct_map"], True)


def no_switches(marks):
    """One process that does not sleep, no KPTI: next to no CR3 write."""
    count = [sum(sum(s["count"]) for s in m["sites"]) for m in marks]
    assert count[1] - count[0] < 50, count


image.make(IMAGE)
with tempfile.TemporaryDirectory(prefix="kvas-vm-") as directory:
    SENT, MARKS = run(directory)
    check("judge: a copy's loads and stores", lambda: copies(SENT, MARKS))
    check("judge: stacks are in vmalloc", lambda: stacks(MARKS))
    check("judge: no CR3 writes where there is no cause", lambda: no_switches(MARKS))
done()
