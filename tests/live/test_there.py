# SPDX-License-Identifier: GPL-2.0
"""The vmalloc areas that are there when a run begins: against /proc/vmallocinfo, and a workload whose
areas are older than the run and freed in it."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from lib import KVAS, WORK, check, done, equal, explored, plain_pointers, stat, table, tempdir

KEPT = 5
FEW = 10  # areas of others that come or go between two readings


def listed():
    """{(address, bytes): caller} of the areas in use."""
    with open("/proc/vmallocinfo", encoding="ascii") as f:
        lines = [line.split() for line in f if "unpurged" not in line]
    return {(int(x[0].split("-")[0], 16), int(x[1])): x[2].partition("+0x")[0] if "+0x" in x[2] else ""
            for x in lines if len(x) > 2}


class Older:
    """KEPT areas of one size, until told to give them up."""

    def __enter__(self):
        self.p = subprocess.Popen([f"{WORK}/areas", "1", str(KEPT), "0"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        said = [self.p.stdout.readline().split() for _ in range(4)]
        equal(said[3], ["ready"])
        self.bytes = int(said[0][2])
        return self

    def give_up(self):
        self.p.communicate("\n", timeout=30)

    def __exit__(self, *_):
        self.p.kill()
        self.p.wait()


class Run:
    """kvas record of the whole host, in which the older areas are freed. kvas's own are not given back
    before the last reading."""

    def __init__(self, d):
        self.rec = os.path.join(d, "rec")
        with plain_pointers(), Older() as own:
            self.before = listed()
            with subprocess.Popen([KVAS, "record", "-F", "0", "-o", self.rec, "-i", "0.2", "--events",
                                   "task,vmalloc", "--format", "json", "-d", "60"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as k:
                self.wait_for(lambda: "end" in {r["scope"] for r in table(self.rec, "interval")})
                self.begun = listed()
                own.give_up()
                self.bytes = own.bytes
                self.wait_for(lambda: len(self.read_freed()) >= KEPT)
                self.end = listed()
                k.send_signal(signal.SIGINT)
                out, err = k.communicate(timeout=60)
                equal(k.returncode, 0, err)
        self.sum = json.loads(out)["vmalloc"]
        self.freed = self.read_freed()
        self.there = {(int(r["address"], 16), int(r["bytes"])): r["caller"] for r in table(self.rec, "vmalloc")
                      if r["op"] == "there"}

    @staticmethod
    def wait_for(happened):
        for _ in range(300):
            time.sleep(0.1)
            with contextlib.suppress(OSError):
                if happened():
                    return
        raise AssertionError("it did not happen within 30 s")

    def read_freed(self):
        """Frees of areas of that size that are older than the window."""
        return [r for r in table(self.rec, "vmalloc") if r["op"] == "free" and r["bytes"] == str(self.bytes)
                and not r["alloc_ns"]]


def areas_of_the_kernel(run):
    """Each area that is in /proc/vmallocinfo before and after, with its caller."""
    steady = {a: c for a, c in run.before.items() if a in run.begun}
    equal({a: (c, run.there.get(a)) for a, c in steady.items() if run.there.get(a) != c}, {})
    more = [a for a in run.there if a not in run.before and a not in run.begun]
    assert len(more) <= FEW, more
    assert len(steady) > 10, steady


def sums(run):
    equal((run.sum["start"], run.sum["bytes_start"]), (len(run.there), sum(size for _, size in run.there)))
    equal(sum(c["bytes_start"] for c in run.sum["callers"]), run.sum["bytes_start"])
    equal(sum(c["bytes_start_freed"] for c in run.sum["callers"]), run.sum["bytes_start_freed"])


def freed_have_sizes(run):
    """The workload's were freed: with their size, under the caller that took them."""
    equal(len(run.freed), KEPT)
    assert run.sum["start_freed"] >= KEPT, run.sum["start_freed"]
    callers = {c for (_, size), c in run.there.items() if size == run.bytes}
    freed = sum(c["bytes_start_freed"] for c in run.sum["callers"] if c["caller"] in callers)
    assert freed >= KEPT * run.bytes, (callers, freed)
    assert run.sum["free_unsized"] <= FEW, run.sum["free_unsized"]


def at_the_end(run):
    assert abs(run.sum["end"] - len(run.end)) <= FEW, (run.sum["end"], len(run.end))
    assert abs(run.sum["bytes_end"] - sum(size for _, size in run.end)) <= FEW * (64 << 10), run.sum


def unknown_has_a_reason():
    """Where addresses are not shown, and under a filter."""
    s = stat("-a", "-d", "0.2")
    known = s["vmalloc"]["start"] is not None
    equal(known, explored("vmalloc")["addresses"])
    if not known:
        assert "kptr_restrict=1" in s["unknown"]["vmalloc.start"], s["unknown"]
    filtered = stat("--", "true")
    equal((filtered["vmalloc"]["start"], filtered["unknown"]["vmalloc.start"]),
          (None, "a filter leaves out what was there before"))


def main():
    with tempdir() as d:
        run = Run(d)
    for name, fn in (("each area of the kernel's list", areas_of_the_kernel), ("sums", sums),
                     ("what is freed has a size and a caller", freed_have_sizes),
                     ("at the end", at_the_end)):
        check(f"there: {name}", lambda f=fn: f(run))
    check("there: unknown has a reason", unknown_has_a_reason)
    done()


if __name__ == "__main__":
    sys.exit(main())
