# SPDX-License-Identifier: GPL-2.0
"""Where kernel objects lie, by hook: against the rows of the tables, whose addresses are put in
regions here, by the bases in meta.json and the map in the kernel's documentation
(Documentation/arch/x86/x86_64/mm.rst)."""
import csv
import io
import json
import os

from lib import check, done, equal, kvas, meta, narrow, stat, table, tempdir

CHILDREN = 23
TIB = 1 << 40


def classify(host, address):
    five = host["paging_levels"] == 5
    base = {k: int(host[k], 16) for k in ("page_offset", "direct_map_end", "vmalloc_base")}
    if base["page_offset"] <= address < base["direct_map_end"]:
        return "direct_map"
    if base["vmalloc_base"] <= address < base["vmalloc_base"] + (12800 if five else 32) * TIB:
        return "vmalloc"
    # init_mm and what else the kernel was linked with.
    if 0xffffffff80000000 <= address < 0xffffffffc0000000:
        return "kernel_image"
    return "other"


class Run:
    def __init__(self, d):
        self.rec = os.path.join(d, "rec")
        p = kvas("record", "-F", "0", "-a", "-o", self.rec, "--events", "task,pgd,switch",
                 "--format", "json", "--", "sh", "-c",
                 f"for i in $(seq {CHILDREN}); do sh -c 'exit 0' & done; wait; sleep 0.2")
        equal(p.returncode, 0, p.stderr)
        self.sum = json.loads(p.stdout)
        equal(set(self.sum["lost"]["ring_full"].values()), {0}, "rows of all that was counted")
        self.host = meta(self.rec)["host"]
        self.met = {}

    def meet(self, hook, what, row, column):
        if not row[column]:
            return
        where = classify(self.host, int(row[column], 16))
        if column + "_region" in row:
            equal(row[column + "_region"], where, f"{column} {row[column]}")
        by = self.met.setdefault(hook, {}).setdefault(what, {})
        by[where] = by.get(where, 0) + 1

    def count(self):
        for row in table(self.rec, "task"):
            for what in ("task", "stack", "mm", "pgd"):
                self.meet(row["op"], what, row, what)
        for row in table(self.rec, "pgd"):
            for what in ("mm", "pgd"):
                self.meet("pgd_" + row["op"], what, row, what)
        for row in table(self.rec, "switch"):
            assert "prev_mm_region" in row and "next_mm_region" in row, list(row)
            for column in ("prev_mm", "next_mm"):
                self.meet("switch", "mm", row, column)


def as_the_tables_have_it(run):
    run.count()
    got = run.sum["objects_by_hook"]
    equal({k: v for k, v in got.items() if v}, run.met)
    for hook, n in (("fork", CHILDREN), ("exec", CHILDREN), ("exit", CHILDREN + 1)):
        assert run.met[hook]["task"]["direct_map"] >= n, (hook, run.met[hook])
    assert run.met["switch"]["mm"]["direct_map"] >= 2 * CHILDREN, run.met["switch"]
    equal([k for k in run.sum["unknown"] if k.startswith("objects")], [])


def begun(run):
    """An object that begins is met where it begins."""
    new = [run.met.get(x, {}) for x in ("fork", "vfork", "thread", "kthread")]
    for what in ("task", "stack"):
        equal(sum(run.sum["objects"][what].values()),
              sum(sum(x.get(what, {}).values()) for x in new), what)
    equal(run.sum["objects"]["pgd"], run.met["pgd_alloc"]["pgd"])


def report(run):
    p = kvas("report", "--format", "json", run.rec)
    equal(json.loads(p.stdout)["objects_by_hook"], run.sum["objects_by_hook"])
    text = narrow("report", "-v", run.rec)
    part = text.split("\nKernel objects met, as often as a hook meets them\n")[1].split("\n\n")[0]
    # "  fork   task.direct_map 23; stack.vmalloc 23; ...", and on below it.
    said = {}
    for line in part.split("\n"):
        hook, rest = line[:14].strip(), line[14:]
        if hook:
            now = said.setdefault(hook, {})
        for word in filter(None, rest.strip().split(";")):
            where, n = word.split()
            what, region = where.split(".")
            now.setdefault(what, {})[region] = int(n.replace(",", ""))
    equal(said, run.met)


def not_recorded():
    s = stat("-F", "0", "--events", "vmalloc", "--", "true")
    equal(s["objects"], {k: None for k in ("task", "stack", "mm", "pgd")})
    equal(set(s["objects_by_hook"].values()), {None})
    equal(set(s["unknown"]["objects_by_hook.*"].split("; or: ")),
          {f"{kind} is not recorded" for kind in ("task", "pgd", "switch")})
    # CSV tells of each by itself.
    p = kvas("stat", "-F", "0", "--events", "vmalloc", "--format", "csv", "--", "true")
    rows = dict(csv.reader(io.StringIO(p.stdout), strict=True))
    for what, why in (("objects.task", "task"), ("objects.pgd", "pgd"),
                      ("objects_by_hook.exit", "task"), ("objects_by_hook.pgd_free", "pgd"),
                      ("objects_by_hook.switch", "switch")):
        equal((rows[what], rows[f"unknown.{what}"]), ("", f"{why} is not recorded"), what)


with tempdir() as directory:
    RUN = Run(directory)
    check("objects: by hook and region, as the tables' addresses say",
          lambda: as_the_tables_have_it(RUN))
    check("objects: those that begin", lambda: begun(RUN))
    check("objects: the report is the same", lambda: report(RUN))
    check("objects: what is not recorded is unknown", not_recorded)
done()
