# SPDX-License-Identifier: GPL-2.0
"""Sums of copies and allocations: the difference between a workload that does a thing N times
and the same that does none must be what it says it did."""
import csv
import json
import os
import subprocess

from lib import KVAS, WORK, Skip, check, done, equal, kvas, stat, tempdir

N = 1009
# What must be attached for a copy to be seen.
HOOKS = {
    "messages": {"to_user": ["copy_check"], "from_user": ["copy_check"]},
    "pipe": {"to_user": ["copy_pipe_read"], "from_user": ["copy_pipe_write"]},
    "file": {"to_user": ["copy_shmem_read"], "from_user": ["copy_file_write"]},
    "cached": {"to_user": ["copy_file_read"], "from_user": ["copy_file_write"]},
    "names": {"to_user": ["copy_check"]},
    "paths": {"strings": ["copy_check"]},
}
PAGES = ("alloc_one_pg_vec_page", "alloc_pg_vec", "packet_set_ring")


def order(size):
    return (size - 1).bit_length()


class Work:
    """What kvas says of the workload, with 0 and with N of each."""

    def __init__(self):
        with tempdir() as d:
            said = os.path.join(d, "said")
            runs = [stat("-m", "--", "sh", "-c", f"exec {WORK}/memory {n} >{said}")
                    for n in (0, N)]
            with open(said, encoding="ascii") as f:
                lines = [x.split() for x in f]
        self.did = {w: (int(n), int(size)) for w, n, size in lines}
        self.none, self.some = runs

    def grew(self, use, region, size, functions=None):
        """(count, bytes) of objects of up to SIZE bytes and more than half of it."""
        sums = []
        for run in (self.none, self.some):
            rows = [r for r in run["memory"]["rows"]
                    if r["use"] == use and r["region"] == region
                    and r["size_most"] == 1 << order(size)
                    and (not functions or any(f in r["function"] for f in functions))]
            sums.append((sum(r["count"] for r in rows), sum(r["bytes"] for r in rows)))
        return sums[1][0] - sums[0][0], sums[1][1] - sums[0][1]

    def copied(self, use, region, what):
        m = self.some["memory"][use]
        if m["count"] is None:
            raise Skip("no hook for copies here")
        n, size = self.did[what]
        if any(self.some["hooks"][h]["how"] is None for h in HOOKS[what][use]):
            equal(m["lower_bound"], "a hook is missing", what)
            n = 0
        if size:
            equal(self.grew(use, region, size), (n, n * size), what)
        else:
            equal(m["count"] - self.none["memory"][use]["count"], n, what)
            equal(m["bytes"], None, "bytes of strings")


def copies(w, what, *ways):
    def claim():
        for use, region in ways:
            w.copied(use, region, what)
    return claim


def slab(w):
    n, size = w.did["messages"]
    header = 48  # struct msg_msg
    count, total = w.grew("slab", "direct_map", size + header, ("load_msg", "alloc_msg"))
    equal(count, n, "messages")
    # kmalloc rounds up: to a power of two, or a cache between two.
    assert n * (size + header) <= total <= n * 2 * (size + header), total


def pages(w):
    n, size = w.did["blocks"]
    if not n:
        raise Skip("no packet sockets here")
    equal(w.grew("pages", "direct_map", size, PAGES), (n, n * size), "blocks")
    n, size = w.did["file"]
    count, _ = w.grew("pages", "direct_map", size)
    assert count >= n, f"{count} pages for a file of {n}"


def sums(w):
    for use, m in w.some["memory"].items():
        if isinstance(m, list) or m["count"] is None:
            continue
        rows = [r for r in w.some["memory"]["rows"] if r["use"] == use]
        for key in ("count", "bytes") if use != "strings" else ("count",):
            equal(sum(r[key] for r in rows), m[key], f"{use} {key}")
            equal(sum(x[key] for x in m["by_region"].values()), m[key], f"{use} {key}")
            # The same again, sizes together.
            equal(sum(r[key] or 0 for r in w.some["memory"]["functions"] if r["use"] == use), m[key],
                  f"{use} {key} by function")
        for r in rows:
            assert use == "strings" or r["count"] * r["size_most"] >= r["bytes"] > 0, r


def known(w):
    """The stack was had and named for each: a copy of a string that was not named so once
    stood among the bytes copied, with all the room there was for it."""
    for run in (w.none, w.some):
        equal([r for r in run["memory"]["rows"] if r["use"] != "slab" and not r["function"]], [],
              "rows of no function")


def report():
    with tempdir() as d:
        rec = os.path.join(d, "rec")
        p = kvas("record", "-m", "-i", "0.1", "-o", rec, "--format", "json", "--", "sh", "-c",
                 f"for i in 1 2 3 4; do {WORK}/memory {N} >{d}/said; sleep 0.2; done")
        ran = json.loads(p.stdout)["memory"]
        again = subprocess.run([KVAS, "report", "--format", "json", rec], capture_output=True,
                               text=True, timeout=60, check=True)
        equal(json.loads(again.stdout)["memory"], ran, "report")
        with open(os.path.join(rec, "memory.csv"), newline="", encoding="ascii") as f:
            rows = list(csv.DictReader(f))
        assert len({r["time_ns"] for r in rows}) > 2, "sums of one interval only"
        for use in ("slab", "pages"):
            for key in ("count", "bytes"):
                equal(sum(int(r[key]) for r in rows if r["use"] == use), ran[use][key],
                      f"{use} {key} of memory.csv")


def filtered():
    """Of the command alone: what others copy and allocate meanwhile is not in it."""
    def messages(*args):
        rows = stat("-m", *args, "--", "sleep", "1")["memory"]["rows"]
        return [r for r in rows if r["function"] in ("load_msg", "alloc_msg", *PAGES)]
    with tempdir() as d, subprocess.Popen(
            ["sh", "-c", f"while :; do {WORK}/memory {N} >{d}/other; done"]) as other:
        try:
            quiet, all_of_them = messages(), messages("-a")
        finally:
            other.terminate()
    equal(quiet, [], "rows of another process")
    assert all_of_them, "the other process has no row with -a either"


def not_asked():
    s = stat("--", "true")
    equal((s["memory"], s["unknown"]["memory"]), (None, "not asked for: -m"))


def no_regions():
    """Where the layout is not known nothing is of user memory: pages are in the direct map all
    the same, the rest is in no region."""
    p = subprocess.run(["build/live/noregions", str(N)], capture_output=True, text=True,
                       timeout=60, check=True)
    lines = [x.split() for x in p.stdout.splitlines()]
    equal(lines.pop(), ["done"])
    count = {(use, region): int(n) for use, region, n in lines}
    assert count["pages", "direct_map"] >= N, count
    assert count["slab", "other"] >= N, count
    want = {"pages": {"direct_map"}, "slab": {"other"}}
    for use, region in count:
        # Of copies those of whole pages are known, where they can be hooked.
        assert region in want.get(use, {"other", "direct_map"}), count


def main():
    w = Work()
    both = [("to_user", "direct_map"), ("from_user", "direct_map")]
    check("memory - messages copied into slab objects and out of them",
          copies(w, "messages", *both))
    check("memory - a pipe's pages, written and read", copies(w, "pipe", *both))
    check("memory - a file's pages, written and read", copies(w, "file", *both))
    check("memory - a cached file's pages, written and read", copies(w, "cached", *both))
    check("memory - names of sockets are copied from a stack in vmalloc",
          copies(w, "names", ("to_user", "vmalloc")))
    check("memory - paths are strings of unknown length",
          copies(w, "paths", ("strings", "direct_map")))
    check("memory - slab objects of messages, by their caller", lambda: slab(w))
    check("memory - blocks of pages, by their caller", lambda: pages(w))
    check("memory - rows, regions and totals add up", lambda: sums(w))
    check("memory - who copied and who took pages is always known", lambda: known(w))
    check("memory - report says what record said; memory.csv has the sums", report)
    check("memory - a command's own only", filtered)
    check("memory - no region is known: none is user", no_regions)
    check("memory - without -m it is unknown, with the reason", not_asked)
    done()


main()
