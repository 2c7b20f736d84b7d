# SPDX-License-Identifier: GPL-2.0
"""kvas's CR3 ledger against the judge.

The judge writes a line of counts at each of the workload's markers: 1, the window
opens, 2, the work, 3, the window shuts, 4. What the processor did while kvas counted
is at least the difference 2 to 3 and at most that of 1 to 4. A figure of kvas's is as
far off as it is from the further end of the two.
"""
import json
import re

# Tolerances of the account, as shares of what the judge saw.
TOTAL, PART = 0.005, 0.01


def kind_of(site, symbols):
    """What a CR3 write does, by the instruction before it: KPTI's entry code masks the
    bits of the user table out (and), its exit code sets them (or). Any other write is
    named by the kernel function it is in."""
    before = bytes.fromhex(site["before"])
    if before[:1] and before[0] & 0xf0 == 0x40:
        before = before[1:]
    imm = int.from_bytes(before[-4:], "little") if len(before) >= 5 else None
    opcode = before[:1] + (bytes([before[1] & 0x38]) if before[:1] == b"\x81" else b"")
    if imm == 0xffffe7ff and opcode in (b"\x25", b"\x81\x20"):
        return "entry"
    if imm in (0x1000, 0x1800) and opcode in (b"\x0d", b"\x81\x08"):
        return "exit"
    name = symbol_at(int(site["va"], 16), symbols)
    if re.search(r"switch_mm|load_new_mm_cr3", name):
        return "mm_switch"
    if re.search(r"flush_tlb", name):
        return "tlb_flush"
    if re.search(r"nmi|paranoid", name):
        return "paranoid"
    return f"unattributed at {site['va']} ({name})"


def symbol_at(va, symbols):
    for start, end, name in symbols:
        if start <= va < end:
            return name
    return "?"


def read_symbols(lines):
    found = []
    for line in lines:
        start, end, name = line.split()
        found.append((int(start, 16), int(end, 16), name))
    return found


def windows(path):
    """Each window's four snapshots, as the judge wrote them."""
    with open(path, encoding="ascii") as f:
        marks = [json.loads(line) for line in f]
    for i in range(0, len(marks) - 3, 4):
        assert [m["marker"] for m in marks[i:i + 4]] == [1, 2, 3, 4], "markers out of order"
        yield marks[i:i + 4]


def counts(mark, symbols):
    """Writes so far by kind."""
    by = {}
    for site in mark["sites"]:
        n = sum(site["count"])
        if n:
            kind = kind_of(site, symbols)
            by[kind] = by.get(kind, 0) + n
    return by


def bounds(marks, symbols):
    """{kind: (least, most)} of a window, and of all kinds together as "total"."""
    a, b, c, d = (counts(m, symbols) for m in marks)
    by = {k: (c.get(k, 0) - b.get(k, 0), n - a.get(k, 0)) for k, n in d.items()}
    by = {k: v for k, v in by.items() if v[1]}
    by["total"] = (sum(v[0] for v in by.values()), sum(v[1] for v in by.values()))
    return by


def theirs(stat):
    """The same kinds from kvas's JSON; None is unknown."""
    w = stat["cr3_writes"]
    entry = list(w["kpti_entry"].values())
    known = [n for n in entry if n is not None]
    switch = w["mm_switch"]
    if switch is not None:
        # The judge sees one site for both; without its hook kvas does too.
        switch += w["temporary_mm"] or 0
    return {"entry": None if None in entry else sum(known), "exit": w["kpti_exit"],
            "mm_switch": switch, "tlb_flush": w["tlb_flush"], "total": w["total"]}


def off(value, least, most):
    """How far VALUE can be from the truth, as a share of it."""
    worst = max(abs(value - least), abs(value - most))
    return 0.0 if not worst else worst / max(least, 1)


def outside(value, least, most):
    """How far VALUE certainly is from the truth, as a share of it."""
    gap = max(least - value, value - most, 0)
    return gap / max(least, 1)


def compare(work, marks, symbols, stat):
    """Lines of the account of one window, and what is wrong with it."""
    judge, kvas = bounds(marks, symbols), theirs(stat)
    lines, wrong = [], []
    # In 6.1 the way out of an NMI of kernel mode writes CR3 back whatever it was, in 7.2
    # it does not: kvas cannot tell, and says that its total is a lower bound.
    if judge.get("paranoid") and stat["cr3_writes"]["total_is_lower_bound"]:
        more = judge.pop("paranoid")
        judge["total"] = tuple(t - m for t, m in zip(judge["total"], more))
        lines.append(f"{work:10} not in the account, which says so: {more[0]}..{more[1]} by NMIs "
                     "of kernel mode")
    for kind in [k for k in judge if k not in theirs(stat)]:
        wrong.append(f"{work}: the judge saw {judge[kind][1]} CR3 writes {kind}")
    if work == "plain":
        # The program's own start and end are counted and are outside the markers: a
        # few hundred writes, of mm_switch and tlb_flush as many as in between.
        kvas = {k: kvas[k] for k in ("entry", "exit", "total")}
    for kind, value in kvas.items():
        least, most = judge.get(kind, (0, 0))
        limit = TOTAL if kind == "total" else PART
        if value is None:
            lines.append(f"{work:10} {kind:9} {least:8}..{most:<8}  unknown")
            wrong.append(f"{work}: {kind} is unknown")
            continue
        possible, certain = off(value, least, most), outside(value, least, most)
        lines.append(f"{work:10} {kind:9} {least:8}..{most:<8} {value:8}  "
                     f"off by {100 * certain:.3f} to {100 * possible:.3f} %")
        if certain > limit:
            wrong.append(f"{work}: {kind}: the judge saw {least} to {most}, kvas says {value}")
    return lines, wrong


def unmade(work, stat):
    """What the workload is known to have done (tests/workload/ledger.c) and kvas has not."""
    c = stat["crossings"]
    exact = {"signals": ("exceptions", c["exception"], 4 * 5003),
             "forks": ("execs", stat["tasks"]["execs"], 2003),
             "nmis": ("NMIs", (c["nmi"] or 0) + (stat["nmis_of_kernel"] or 0), 53)}
    least = {"syscalls": ("system calls", c["syscall"], 100003),
             "faults": ("page faults", c["page_fault"], 100003)}
    wrong = []
    for name, (what, got, want) in {**exact, **least}.items():
        if name == work and (got != want if name in exact else got < want):
            wrong.append(f"{work}: {want} {what}, kvas says {got}")
    return wrong


def judge(guest, path):
    """(lines, wrong) of all windows of a guest."""
    symbols = read_symbols(guest.marked("SYMBOL"))
    works = [line.strip() for line in guest.marked("WORK")]
    stats = guest.marked("STAT")
    seen = list(windows(path))
    lines, wrong = [], []
    if len(works) != len(stats) or len(works) != len(seen):
        return [], [f"{len(works)} workloads, {len(stats)} summaries, {len(seen)} windows"]
    for work, stat, marks in zip(works, stats, seen):
        try:
            summary = json.loads(stat)
        except json.JSONDecodeError:
            wrong.append(f"{work}: no summary: {stat[:80]!r}")
            continue
        more, bad = compare(work, marks, symbols, summary)
        lines += more
        wrong += bad + unmade(work, summary)
    return lines, wrong
