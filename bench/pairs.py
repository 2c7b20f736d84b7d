# SPDX-License-Identifier: GPL-2.0
"""Measurements in pairs: every round runs all arms once, in an order drawn anew, and an arm
is judged by its ratio to another of the same round. So what the machine does to a whole
round drops out, and no arm profits from its place.

A figure is the median of the ratios, with a bootstrap interval that holds the true median
in 95 of 100 such runs. A pair whose two runs met different numbers of events is dropped:
somebody else's work was in one of them.
"""
import os
import random
import statistics
import sys
from collections import namedtuple

ROUNDS = int(os.environ.get("ROUNDS", "30"))
RESAMPLES = 4000
SAME = 0.01  # how far the events of a pair may be apart
SEED = 1  # of the orders and of the bootstrap: a run can be had again

# A row: what is run, in nanoseconds for one operation; the events (below) that it consists of.
Row = namedtuple("Row", "name measure events")
Run = namedtuple("Run", "ns events")
Figure = namedtuple("Figure", "median low high pairs dropped")

# Where the kernel counts events for the whole machine: file, first word of the line.
COUNTED = {"switches": ("/proc/stat", "ctxt"), "forks": ("/proc/stat", "processes"),
           "faults": ("/proc/vmstat", "pgfault")}


def count(event):
    path, word = COUNTED[event]
    with open(path, encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.split()[0] == word)


def once(row):
    before = [count(e) for e in row.events]
    ns = row.measure()
    return Run(ns, [count(e) - b for e, b in zip(row.events, before)])


def measured(rows, arms):
    """{arm name: {row name: [Run, one a round]}} of arms given as {name: what to enter}."""
    draw = random.Random(SEED)
    got = {arm: {row.name: [] for row in rows} for arm in arms}
    for n in range(ROUNDS):
        for arm in draw.sample(list(arms), len(arms)):
            with arms[arm]():
                for row in draw.sample(rows, len(rows)):
                    got[arm][row.name].append((row, once(row)))
        print(f"round {n + 1} of {ROUNDS}", file=sys.stderr)
    return {arm: {name: [run for _, run in runs] for name, runs in by.items()}
            for arm, by in got.items()}


def same(runs):
    """Whether the runs of one round met as many events as each other, within SAME."""
    return all(max(n) - min(n) <= SAME * max(n) for n in zip(*(run.events for run in runs)))


def figure(got, row, arms, value):
    """VALUE(ns of each of ARMS) over the rounds, as a Figure; None if no round can be used."""
    rounds = list(zip(*(got[arm][row] for arm in arms)))
    used = [value(*(run.ns for run in runs)) for runs in rounds if same(runs)]
    if not used:
        return None
    draw = random.Random(SEED)
    medians = sorted(statistics.median(draw.choices(used, k=len(used)))
                     for _ in range(RESAMPLES))
    return Figure(statistics.median(used), medians[int(0.025 * RESAMPLES)],
                  medians[int(0.975 * RESAMPLES) - 1], len(used), len(rounds) - len(used))


def ratio(got, row, arm, base):
    return figure(got, row, (arm, base), lambda a, b: a / b)


def added_ratio(got, row, arm, other, bare):
    """What ARM adds to BARE over what OTHER adds to it."""
    return figure(got, row, (arm, other, bare),
                  lambda a, o, b: (a - b) / (o - b) if o > b else float("inf"))


def cell(f, digits=2):
    """A Figure as text: median (low to high)."""
    return f"{f.median:.{digits}f} ({f.low:.{digits}f} to {f.high:.{digits}f})" if f else "no pair"
