# SPDX-License-Identifier: GPL-2.0
"""kvas vmalloc against /proc/vmallocinfo, /proc/meminfo, and areas of the test's own."""
import collections
import re
import subprocess
import sys

from lib import WORK, check, done, equal, explored, narrow

LINE = re.compile(r"0x([0-9a-f]+)-0x([0-9a-f]+) +(\d+)(?: (\S+)\+0x\S+)?(.*)")
KEPT = 5
TRIES = 10


def kernel():
    """The rows of /proc/vmallocinfo that are in use: {(bytes, pages, caller): how many}."""
    rows = collections.Counter()
    with open("/proc/vmallocinfo", encoding="ascii") as f:
        for line in f:
            _, _, size, caller, rest = LINE.match(line).groups()
            pages = re.search(r" pages=(\d+)", rest)
            if "unpurged" not in rest:
                rows[int(size), int(pages[1]) if pages else 0, caller] += 1
    return rows


def meminfo(name):
    with open("/proc/meminfo", encoding="ascii") as f:
        return int(re.search(rf"^{name}: +(\d+) kB$", f.read(), re.M)[1])


def in_use(doc):
    return [a for a in doc["areas"] if a["type"] != "freed"]


def is_the_kernels_list():
    """Each area that is there before and after, by size, pages and caller, in a moment in which none goes and
    comes again. What is more came meanwhile, as kvas's own areas do."""
    for _ in range(TRIES):
        before, doc, after = kernel(), explored("vmalloc"), kernel()
        got = collections.Counter((a["bytes"], a["pages"], a["caller"]) for a in in_use(doc))
        missing, more = (before & after) - got, got - (before | after)
        if not missing:
            break
    equal(dict(missing), {})
    assert sum(more.values()) <= 30, more
    assert sum((before & after).values()) > 10, before


def agrees_with_meminfo():
    """To the kB, but for the pages of kvas's own areas while nothing else changes."""
    for _ in range(TRIES):
        before, doc, after = meminfo("VmallocUsed"), explored("vmalloc"), meminfo("VmallocUsed")
        if before == after and doc["pages_kb"] == doc["vmalloc_used_kb"]:
            assert 0 <= doc["vmalloc_used_kb"] - after <= 512, (doc["vmalloc_used_kb"], after)
            return
    equal(doc["pages_kb"], doc["vmalloc_used_kb"])
    raise AssertionError(f"VmallocUsed changed in each of {TRIES} tries")


def sums_are_sums():
    doc = explored("vmalloc")
    for key in ("areas", "bytes", "pages", "large_pages"):
        by_type = {t["type"]: t[key] for t in doc["types"]}
        of = collections.Counter()
        for a in doc["areas"]:
            of[a["type"]] += 1 if key == "areas" else a[key]
        equal(by_type, {t: of[t] for t in by_type}, key)
        equal(sum(c[key] for c in doc["callers"]), sum(n for t, n in of.items() if t != "freed"), key)


class Areas:
    """BPF maps, each in a vmalloc area of its own: how many bytes of addresses one takes."""

    def __enter__(self):
        self.p = subprocess.Popen([f"{WORK}/areas", "1", str(KEPT), "0"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        for line in self.p.stdout:
            word, *rest = line.split()
            if word == "areas":
                self.bytes = int(rest[1])
            if word == "ready":
                break
        return self

    def __exit__(self, *_):
        self.p.communicate("\n", timeout=30)


def own_areas():
    """They are there, as BPF's, and gone once their maps are."""
    def of(size):
        return sum(a["bytes"] == size and a["type"] == "bpf" for a in in_use(explored("vmalloc")))
    with Areas() as own:
        made = of(own.bytes)
    for _ in range(100):
        left = of(own.bytes)
        if made - left >= KEPT:
            return
    raise AssertionError(f"{made} areas of {own.bytes} bytes, {left} once {KEPT} were freed")


def stacks():
    """A kernel stack for each task at least, where stacks are vmalloc's."""
    doc = explored("vmalloc")
    nr = sum(t["areas"] for t in doc["types"] if t["type"] == "stack")
    tasks = int(open("/proc/loadavg", encoding="ascii").read().split()[3].split("/")[1])
    assert 0.5 * tasks <= nr <= 4 * tasks + 40, f"{nr} stacks, {tasks} tasks"


def text():
    out = narrow("vmalloc", "--top", "3")
    assert re.search(r"^VmallocUsed [0-9,]+ kB; vmalloc's pages in these areas [0-9,]+ kB$", out, re.M), out
    assert re.search(r"^all +[0-9,]+ ", out, re.M), out
    equal(len(re.findall(r"^\S+ +(?:vmalloc|stack|bpf|module|percpu|vmap|ioremap|vm_map_ram) +[0-9,]+ ", out,
                         re.M)) >= 3, True, out)
    assert len(out.split("\n")) <= 40, out


def main():
    check("vmalloc: each area of the kernel's list", is_the_kernels_list)
    check("vmalloc: agrees with meminfo", agrees_with_meminfo)
    check("vmalloc: sums", sums_are_sums)
    check("vmalloc: areas of the test's own", own_areas)
    check("vmalloc: kernel stacks", stacks)
    check("vmalloc: text", text)
    done()


if __name__ == "__main__":
    sys.exit(main())
