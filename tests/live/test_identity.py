# SPDX-License-Identifier: GPL-2.0
"""A process is its PID and when it began: two under one PID are two. And what kvas keeps of
each does not hold up how the kernel takes memory back."""
import json
import os
import signal
import subprocess

from lib import KVAS, WORK, Skip, check, done, equal, kvas, table, tempdir

CALLS = {"first": 7003, "second": 3003}
SLACK = 20  # system calls of fork, prctl and exit


def near(got, name, what):
    assert CALLS[name] <= got <= CALLS[name] + SLACK, f"{what}: {name} made {got} system calls"


def reuse(d):
    rec = os.path.join(d, "rec")
    p = kvas("record", "-o", rec, "-F", "0", "--", f"{WORK}/reuse")
    equal(p.returncode, 0, p.stderr)
    pid = next(line.split()[1] for line in p.stdout.splitlines() if line.startswith("reuse "))
    if pid == "0":
        raise Skip("the PID could not be had again here")
    exits = {r["comm"]: r for r in table(rec, "task") if r["op"] == "exit" and r["pid"] == pid}
    equal(set(exits), set(CALLS))
    total = {}
    for r in table(rec, "interval"):
        if r["scope"] == "process" and r["pid"] == pid and r["counter"] == "syscalls":
            total[r["start_ns"]] = total.get(r["start_ns"], 0) + int(r["value"])
    for name, row in exits.items():
        near(int(row["syscalls"]), name, "task.csv")
        equal(total[row["process_start_ns"]], int(row["syscalls"]), f"interval.csv: {name}")
    shown = json.loads(kvas("report", "--format", "json", rec).stdout)["processes"]
    for p in shown:
        if p["pid"] == int(pid):
            near(p["syscalls"], p["comm"], "report")
    equal(sorted(p["comm"] for p in shown if p["pid"] == int(pid)), ["first", "second"])


def vmalloc_kib():
    with open("/proc/meminfo", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmallocUsed:"))


def storm():
    """Children that ended in 5 s, and by how many KiB the most vmalloc memory exceeded the
    first."""
    before, most = vmalloc_kib(), 0
    with subprocess.Popen([f"{WORK}/storm", "0", "5000", f"{WORK}/nothing"],
                          stdout=subprocess.PIPE, text=True) as p:
        while p.poll() is None:
            most = max(most, vmalloc_kib() - before)
            try:
                p.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                pass
        equal(p.returncode, 0, "storm")
        return int(p.stdout.read().split()[1]), most


def memory():
    """A kernel stack is 16 KiB and its guard; those of a second's children may wait."""
    bare, without = storm()
    with subprocess.Popen([KVAS, "live", "-i", "1"], stdout=subprocess.PIPE, text=True) as p:
        assert p.stdout.readline(), "kvas live says nothing"  # the first interval: all is attached
        with_kvas, most = storm()
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=20)
    assert bare > 100 and with_kvas > 100, (bare, with_kvas)
    assert most < 3 * without + 40 * 1024, \
        f"VmallocUsed grew by {most} KiB with kvas, by {without} KiB without"


with tempdir() as directory:
    check("two processes with one PID are two, with their own counts", lambda: reuse(directory))
check("a fork storm's kernel stacks do not pile up", memory)
done()
