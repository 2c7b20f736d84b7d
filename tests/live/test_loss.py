# SPDX-License-Identifier: GPL-2.0
"""With rings too small on purpose, what is lost is counted."""
import json
import os
import re

from lib import WORK, between, check, counters, done, equal, hidden, kvas, table, tempdir


def main(d):
    # A reader on an idle CPU may keep up.
    for attempt in range(8):
        rec, trace = os.path.join(d, f"rec{attempt}"), os.path.join(d, "trace")
        p = kvas("record", "--ring-size", "4K", "-o", rec, "--", f"{WORK}/trace", trace)
        if p.returncode:
            break
        total = counters(rec)
        lost = {c: n for c, n in total.items() if c.startswith("lost.ring.")}
        if sum(lost.values()):
            break
    check("record with 4 KiB rings ends well", lambda: equal(p.returncode, 0, p.stderr))
    check("records were lost", lambda: equal(sum(lost.values()) > 0, True, str(lost)))
    # The counters do not depend on the rings: the workload's own figures again.
    check("the counts are still exact", lambda: equal(
        (total["tasks.forks"], total["tasks.execs"], total["tasks.exits"]), (37, 32, 38)))
    check("seen + lost = what the workload did: tasks", lambda: equal(
        len(table(rec, "task")) + total.get("lost.ring.task", 0), 37 + 32 + 38))
    check("seen + lost = what the workload did: PGDs", lambda: between(
        69 + 70 - hidden(total), len(table(rec, "pgd")) + total.get("lost.ring.pgd", 0), 69 + 70))
    check("seen + lost = counted: PGDs", lambda: equal(
        len(table(rec, "pgd")) + total.get("lost.ring.pgd", 0),
        total["pgd.alloc"] + total["pgd.free"]))
    check("seen + lost = happened: faults", lambda: equal(
        len(table(rec, "fault")) + total.get("lost.ring.fault", 0),
        total["faults.user"] + total["faults.kernel"]))
    check("at least the 1009 faults happened",
          lambda: equal(total["faults.user"] >= 1009, True))
    said = re.search(r"^ +([0-9,]+)  records that a full ring refused", p.stdout, re.M)
    check("the summary says how many", lambda: equal(
        said and said[1], f"{sum(lost.values()):,}", p.stdout[-600:]))


def stat_of(d, *args):
    p = kvas("stat", "-F", "0", "--format", "json", "-o", f"{d}/stat.json", *args)
    with open(f"{d}/stat.json", encoding="utf-8") as f:
        return p, json.load(f)


def maps_of_one(d):
    """What the maps do not tell is exact; the rest is unknown or a lower bound, with the reason."""
    p, s = stat_of(d, "-a", "--map-size", "1", "--", f"{WORK}/trace", f"{d}/trace")
    equal(p.returncode, 0, p.stderr)
    between(37, s["tasks"]["forks"], 37 + 20)
    between(38, s["tasks"]["exits"], 38 + 20)
    assert s["faults"]["user"] >= 1009, s["faults"]
    full = s["lost"]["map_full"]
    assert full["task"] >= 37 and full["pgd"] >= 37, full
    equal(s["pgd"]["live"], None)
    assert "had no room" in s["unknown"]["pgd.live"], s["unknown"]
    assert "had no room" in s["lower_bounds"]["self.switches"], s["lower_bounds"]


def filtered_by_a_map_of_one(d):
    """Of the command's tasks only one can be followed: all is a lower bound, and says so."""
    p, s = stat_of(d, "--map-size", "1", "--", f"{WORK}/trace", f"{d}/trace")
    equal(p.returncode, 0, p.stderr)
    assert s["lost"]["map_full"]["task"] >= 1, s["lost"]
    for path in ("tasks.forks", "faults.user", "switches.total"):
        assert "had no room" in s["lower_bounds"][path], (path, s["lower_bounds"])
    assert s["tasks"]["forks"] <= 37 and s["tasks"]["exits"] <= 38, s["tasks"]


with tempdir() as directory:
    main(directory)
    check("maps of one entry", lambda: maps_of_one(directory))
    check("a filter that a map of one entry decides", lambda: filtered_by_a_map_of_one(directory))
done()
