# SPDX-License-Identifier: GPL-2.0
"""What tracing costs in guest instructions (tests/vm/cost.py), as `make bench-vm` runs it.

    python3 bench/vm.py [--write] [CELL ...] [ARM ...]   measure; all cells and arms without
    python3 bench/vm.py --profile CELL ROW ARM           where the instructions go
    python3 bench/vm.py --check                          is docs/overhead.md as the baseline says

Two cells run at a time. Without --write the figures are compared with the baseline; with it
they take its place, and the table in docs/overhead.md is made anew.
"""
import base64
import bisect
import concurrent.futures
import gzip
import os
import re
import sys

sys.path.insert(0, "tests/vm")
import cost  # noqa: E402
import kernels  # noqa: E402

DOC = "docs/overhead.md"
MARKED = re.compile(r"(<!-- made by make bench-vm -->\n)(.*?)(<!-- end -->\n)", re.S)
OUT = "build/vm"


def document(write):
    """Put the table in, or say that it is not what it should be."""
    with open(DOC, encoding="utf-8") as f:
        old = f.read()
    made = cost.table(cost.read_baseline())
    new = MARKED.sub(lambda m: f"{m[1]}\n{made}\n{m[3]}", old)
    if new == old:
        return
    if write:
        with open(DOC, "w", encoding="utf-8") as f:
            f.write(new)
    else:
        print(f"the tables of {DOC} are not those of {cost.BASELINE}: python3 bench/vm.py --table")


def measured(cell, arms, initrd):
    try:
        return cost.run(cell, arms, initrd, f"{OUT}/cost-{cell.replace('/', '-')}")
    except (cost.Wrong, kernels.Unavailable) as e:
        return None, {}, {"all": str(e)}


def compare(cell, now, was):
    (release, got), (release_was, got_was) = now, was
    if release != release_was:
        print(f"{cell}: Linux {release}; the baseline is of {release_was}")
        return
    print(f"{cell}: differences from the baseline, the largest first: " + ", ".join(
        f"{100 * d:.2f} % ({row}, {arm})" for d, arm, row in cost.differences(got, got_was)[:4]))


def bench(write, cells, arms):
    by = cost.read_baseline()
    now = {}
    initrd = cost.make_image(f"{OUT}/cost.img", arms)
    kernels.ensure_all(sorted({c.split("/")[0] for c in cells}))
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        for cell, (release, got, failed) in zip(cells, pool.map(
                lambda c: measured(c, arms, initrd), cells)):
            for arm, why in failed.items():
                print(f"{cell}: {arm} did not run: {why}", flush=True)
            if not got:
                continue
            if cell in by:
                compare(cell, (release, got), by[cell])
            now[cell] = release, got
            if write and cell in by and by[cell][0] == release:
                got = {**by[cell][1], **got}  # arms that were not asked for stay
            if write:
                by[cell] = release, got
                cost.write_baseline(by)
    print(cost.table(now))
    if write:
        document(True)
    return 0 if len(now) == len(cells) else 1


def named(address, starts, names):
    i = bisect.bisect_right(starts, address) - 1
    if address >> 63 == 0:
        return "user mode"
    return names[i] if i >= 0 else "?"


def profile(cell, row, arm):
    """Instructions of one operation by function and BPF program, ARM's and what it adds."""
    initrd = cost.make_image(f"{OUT}/cost.img", [arm])
    out = f"{OUT}/profile"
    cost.run(cell, ["nothing!", f"{arm}!"], initrd, out, ",profile=on", row)
    with open(f"{out}.console", encoding="latin-1") as f:
        text = f.read().replace("\r", "")
    _, ops, windows = re.search(r"@@ ROW (\S+) (\d+) (\d+)", text).groups()
    ops = int(ops) * int(windows)
    with open(f"{out}.marks", encoding="ascii") as f:
        parts = re.split(rf"^{cost.ROW_END} .*\n", f.read(), flags=re.M)
    sums = []
    for symbols, part in zip(re.findall(r"^@@ SYMBOLS (\S+)", text, re.M), parts):
        rows = sorted((int("ffff" + a, 16), name) for a, name in (
            line.split() for line in gzip.decompress(base64.b64decode(symbols)).decode().split("\n")
            if line))
        starts, names = [a for a, _ in rows], [n for _, n in rows]
        by = {}
        for a, n in re.findall(r"^profile (\S+) (\d+)", part, re.M):
            name = re.sub(r"^bpf_prog_[0-9a-f]{16}_", "BPF ", named(int(a, 16), starts, names))
            by[name] = by.get(name, 0) + int(n) / ops
        sums.append(by)
    before, after = sums
    print(f"{'added':>9} {'now':>9}  instructions for one {cost.ROWS[row]}, {cell}, {arm}; all windows")
    more = {k: after.get(k, 0) - before.get(k, 0) for k in before.keys() | after.keys()}
    for name in sorted(more, key=lambda k: -abs(more[k]))[:40]:
        print(f"{more[name]:9.1f} {after.get(name, 0):9.1f}  {name}")
    print(f"{sum(more.values()):9.1f} {sum(after.values()):9.1f}  all")


def main(args):
    if args == ["--check"] or args == ["--table"]:
        document(args == ["--table"])
        return 0
    os.makedirs(OUT, exist_ok=True)
    if args[:1] == ["--profile"]:
        profile(*args[1:])
        return 0
    unknown = [a for a in args if a not in cost.CELLS + cost.ARMS + ["--write"]]
    if unknown:
        sys.exit(f"no cell or arm {unknown[0]}; there are {' '.join(cost.CELLS + cost.ARMS)}")
    return bench("--write" in args, [c for c in cost.CELLS if c in args] or cost.CELLS,
                 [a for a in cost.ARMS if a in args] or cost.ARMS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
