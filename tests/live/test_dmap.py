# SPDX-License-Identifier: GPL-2.0
"""kvas dmap against /proc/meminfo, and against memory the kernel unmaps there."""
import re

from lib import Skip, check, done, equal, explored, holding, narrow, refuses

SIZES = {"4k": 4, "2m": 2048, "1g": 1 << 20}


def meminfo():
    with open("/proc/meminfo", encoding="ascii") as f:
        found = re.findall(r"^DirectMap(\w+):\s+(\d+) kB$", f.read(), re.M)
    return {size.lower(): int(kb) for size, kb in found}


def ram_kb():
    with open("/proc/iomem", encoding="ascii") as f:
        return sum(int(b, 16) + 1 - int(a, 16) for a, b in
                   re.findall(r"^([0-9a-f]+)-([0-9a-f]+) : System RAM$", f.read(), re.M)) // 1024


def steady():
    d = explored("dmap")
    equal(d["meminfo_steady"], True)
    equal(d["complete"], True)
    return d


def extra(d):
    """What the kernel's counters say beyond the tables, less its image's splits: the
    kernel counts those, which are splits of another mapping of the same memory."""
    image = d["image_splits"] * 2048
    by = {s: m - d["kb"][s] for s, m in d["meminfo_kb"].items() if m is not None}
    by["4k"] -= image
    by["2m"] += image
    return by


def missing(d):
    """Pages that are not mapped where others of their 2M are."""
    return sum(r["missing"] for r in d["ranges_4k"])


def totals():
    """To the kB. Where the kernel counted memory twice at boot (it maps overlapping
    ranges of large pages), its own sum is beyond all the memory there is by as much."""
    d = steady()
    equal(d["meminfo_kb"], {**dict.fromkeys(SIZES), **meminfo()})
    equal(d["kb"], {s: n * SIZES[s] for s, n in d["leaves"].items()})
    more = {s: kb for s, kb in extra(d).items() if kb}
    if more:
        assert all(kb > 0 for kb in more.values()) and "4k" not in more, more
        beyond = sum(meminfo().values()) - ram_kb()
        # What is mapped and is no RAM is less than 1 MiB, the ISA range.
        assert 0 <= beyond - sum(more.values()) < 1024, (more, beyond)


def secret():
    """Pages of memfd_secret are taken out of the direct map: it splits, and they are
    missing, at the addresses their process's tables say."""
    before = steady()
    with holding("special", "secret", "24") as (pid, by):
        if "none" in by:
            raise Skip("no secret memory here")
        d = steady()
        equal(missing(d) - missing(before), 24)
        # The kernel goes on counting pages that it unmapped.
        want = extra(before)
        want["4k"] += 24 * 4
        equal(extra(d), want, "the counters moved otherwise than the tables")
        pages = [f"{a:x}" for a in by["page"]]
        walks = explored("walk", "-p", str(pid), *pages)["walks"]
        equal({(w["direct_map_alias"], w["in_direct_map"]) for w in walks}, {(None, False)})
        base = int(explored("layout")["page_offset"], 16)
        aliases = [f"0x{base + int(w['table']['physical'], 16):x}" for w in walks]
        said = narrow("walk", "-p", str(pid), *pages)
        equal(re.findall(r"^  not in the direct map: (0x\w+) is not mapped there$", said, re.M),
              aliases)
        for w in explored("walk", *aliases)["walks"]:
            equal(w["table"]["mapped"], False, w["address"])
            inside = [r for r in d["ranges_4k"]
                      if int(r["start"], 16) <= int(w["address"], 16) < int(r["end"], 16)]
            assert len(inside) == 1 and inside[0]["missing"] > 0, w["address"]
    after = steady()
    equal(missing(after), missing(before))
    equal(extra(after), extra(before))


def ranges():
    d = steady()
    slots = sum(int(r["end"], 16) - int(r["start"], 16) for r in d["ranges_4k"]) // (2 << 20)
    equal(sum(r["pages_4k"] for r in d["ranges_4k"]), d["leaves"]["4k"])
    equal(sum(r["pages_4k"] + r["missing"] for r in d["ranges_4k"]), slots * 512)
    starts = [int(r["start"], 16) for r in d["ranges_4k"]]
    equal(starts, sorted(starts))
    # The real-mode trampoline, in the first slot, is the one page that must execute.
    first = d["ranges_4k"][0]
    equal(int(first["start"], 16), int(d["start"], 16))


def text():
    out = narrow("dmap")
    counts = dict(re.findall(r"^(4K|2M|1G)\s+(\d+) ", out, re.M))
    equal(sorted(counts), ["1G", "2M", "4K"])
    assert re.search(r"^  \|[.4MG]{64}\|$", out, re.M), out
    few = narrow("dmap", "--top", "0")
    assert "range at" not in few, few


check("dmap: totals are /proc/meminfo's to the kB", totals)
check("dmap: secret memory is missing, and its splits are counted alike", secret)
check("dmap: ranges add up", ranges)
check("dmap: text fits 80 columns", text)
check("dmap: -d needs --watch", lambda: refuses(2, "--watch", "dmap", "-d", "1"))
done()
