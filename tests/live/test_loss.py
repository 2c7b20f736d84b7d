# SPDX-License-Identifier: GPL-2.0
"""With rings too small on purpose, what is lost is counted."""
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


with tempdir() as directory:
    main(directory)
done()
