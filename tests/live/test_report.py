# SPDX-License-Identifier: GPL-2.0
"""A report of a recording is the summary printed when it was made."""
import csv
import io
import json
import os
import re
import shutil
import subprocess
import time

from lib import KVAS, WORK, check, done, equal, kvas, stat, tempdir


def same(d, fmt, *more, shown=()):
    rec = os.path.join(d, "-".join(("rec", fmt, *more, *shown)))
    p = kvas("record", "--format", fmt, "-o", rec, *more, *shown, "--", f"{WORK}/trace",
             f"{d}/trace", text=False)
    equal(p.returncode, 0, p.stderr)
    r = kvas("report", "--format", fmt, rec, *shown, text=False)
    equal(r.returncode, 0, r.stderr)
    equal(r.stdout, p.stdout, "report against record")
    return r.stdout.decode()


def leaves(value, name=""):
    """Name and value of each of a JSON object's leaves."""
    if not isinstance(value, (dict, list)):
        yield name, value
        return
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(child, f"{name}.{key}" if name else key)


def written(value):
    """As docs/csv.md has it: unknown is empty."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


def matches(path, reasons):
    """The reasons among {path of "unknown": reason} that are of PATH, where "*" and "[]" stand
    for any key."""
    found = []
    for pattern, why in reasons.items():
        parts = [re.escape(x).replace(r"\*", "[^.]+").replace(r"\[\]", r"\.\d+")
                 for x in pattern.split(".")]
        if re.fullmatch(r"\.".join(parts), path):
            found += why.split("; or: ")
    return found


def every_leaf(d):
    """The two formats say the same, of a recording with shares, which are no integers; what
    JSON has under "unknown" CSV has beside the field that is empty."""
    rec = os.path.join(d, "shares")
    p = kvas("record", "-F", "4000", "-o", rec, "--", f"{WORK}/access", "paths", "1")
    equal(p.returncode, 0, p.stderr)
    js, cs = (kvas("report", "--format", x, rec).stdout for x in ("json", "csv"))
    js = json.loads(js)
    reasons = js.pop("unknown")
    want = {k: written(v) for k, v in leaves(js)}
    rows = list(csv.reader(io.StringIO(cs), strict=True))[1:]
    got = {k: v for k, v in rows if not k.startswith("unknown.")}
    why = {k[len("unknown."):]: v for k, v in rows if k.startswith("unknown.")}
    equal(len(got) + len(why), len(rows), "a name stands twice")
    equal(sorted(got), sorted(want), "names")
    assert any(isinstance(v, float) for v in want.values()), "no real number to compare"
    for k, v in want.items():
        equal(type(v)(got[k]), v, k)
    # A total that is a lower bound has a value, and the reason beside it.
    equal(sorted(why), sorted(k for k, v in leaves(js) if v is None or
                              (v is True and k.endswith("_is_lower_bound"))), "fields with a reason")
    assert len(why) > 5, why
    for path, reason in why.items():
        assert reason and reason in matches(path, reasons), (path, reason)


def whole_host(d):
    rec = os.path.join(d, "host")
    p = kvas("record", "-o", rec, "-d", "1.5", "-i", "0.5", text=False)
    equal(p.returncode, 0, p.stderr)
    equal(kvas("report", rec, text=False).stdout, p.stdout)


def without_root(d):
    rec, copy = os.path.join(d, "rec-text"), os.path.join(d, "copy")
    shutil.copytree(rec, copy)
    for path in [copy] + [os.path.join(copy, f) for f in os.listdir(copy)]:
        os.chown(path, 65534, 65534)
    binary = os.path.join(d, "kvas")
    shutil.copy(KVAS, binary)
    p = subprocess.run([binary, "report", copy], capture_output=True, user=65534, group=65534,
                       extra_groups=[], timeout=30)
    equal((p.returncode, p.stderr), (0, b""))
    equal(p.stdout, kvas("report", rec, text=False).stdout)


# An address of the kernel's half, in hexadecimal and in decimal.
KERNEL_ADDRESS = re.compile(rb"(?i)(?<![0-9a-f])ff[0-9a-f]{14}(?![0-9a-f])|"
                            rb"(?<![0-9])18(?:3[7-9]|4[0-9])[0-9]{16}(?![0-9])")


def redacted(d):
    """No byte that record --redact, or report of it, writes shows a kernel address; without
    --redact the same look finds hundreds."""
    found = {}
    for redact in (["--redact"], []):
        rec = os.path.join(d, "every" + "".join(redact))
        p = kvas("record", "-v", "-a", "-m", "-F", "4000", "--events", "all", "-o", rec, *redact, "--",
                 f"{WORK}/trace", f"{d}/trace", text=False)
        equal(p.returncode, 0, p.stderr)
        written = {"record": p.stdout + p.stderr}
        for args in ([], ["-v"], ["--format", "json"], ["--format", "csv"]):
            r = kvas("report", rec, *args, text=False)
            equal(r.returncode, 0, r.stderr)
            written[" ".join(["report", *args])] = r.stdout + r.stderr
        for name in os.listdir(rec):
            with open(os.path.join(rec, name), "rb") as f:
                written[name] = re.sub(rb'"xxh3": "0x[0-9a-f]{16}"', b"", f.read())
        found[bool(redact)] = {n: KERNEL_ADDRESS.findall(t) for n, t in written.items()}
    equal({n: x[:3] for n, x in found[True].items() if x}, {})
    assert sum(map(len, found[False].values())) > 500, {n: len(x) for n, x in found[False].items()}
    for name in ("meta.json", "pgd.csv", "switch.csv", "report -v", "report --format json"):
        assert found[False][name], f"{name} has no address that could be hidden"


def killed(d):
    rec = os.path.join(d, "killed")
    p = subprocess.Popen([KVAS, "record", "-o", rec, "-i", "0.2"], stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    try:
        # Two intervals are on disk.
        for _ in range(600):
            if os.path.exists(f"{rec}/interval.csv"):
                with open(f"{rec}/interval.csv", encoding="latin-1") as f:
                    if f.read().count(",end,") >= 2:
                        break
            time.sleep(0.05)
    finally:
        p.kill()
        p.wait()
    r = kvas("report", rec)
    equal(r.returncode, 1)
    assert "cut short" in r.stderr, r.stderr
    assert re.search(r"^[0-9.]+ seconds of the whole host \(the recording is cut short\)$", r.stdout,
                     re.M), r.stdout
    assert re.search(r"^ +[0-9,]+  context switches +\S+/s$", r.stdout, re.M), r.stdout
    # What kvas cost was not written down before its end, and 0 is not what it cost.
    whole = json.loads(kvas("report", "--format", "json", rec).stdout)
    for key in ("cpu_ns", "max_rss_bytes"):
        equal((whole["self"][key], whole["unknown"][f"self.{key}"]),
              (None, "the recording is cut short"))
    assert p.pid not in {x["pid"] for x in whole["processes"]}


def killed_early(d):
    """Before its first interval ended: the rows are there, and their number is known from them."""
    rec = os.path.join(d, "early")
    p = subprocess.Popen([KVAS, "record", "-o", rec, "-i", "60"], stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    spin = subprocess.Popen(["sh", "-c", "while :; do /bin/true; done"])
    try:
        for _ in range(1200):
            if os.path.exists(f"{rec}/switch.csv") and os.path.getsize(f"{rec}/switch.csv"):
                break
            time.sleep(0.05)
        during = kvas("report", rec)
    finally:
        p.kill()
        p.wait()
        spin.kill()
        spin.wait()
    assert "still being made" in during.stderr and "did not" not in during.stderr, during.stderr
    with open(f"{rec}/switch.csv", encoding="latin-1", newline="") as f:
        # The last one may be there in part.
        rows = f.read().count("\n") - 1
    r = kvas("report", "-v", rec)
    equal(r.returncode, 1)
    assert "did not finish" in r.stderr, r.stderr
    assert "lost: nothing" not in r.stdout and "unaccounted" not in r.stdout, r.stdout
    assert re.search(rf"^ +{rows:,}  context switches ", r.stdout, re.M), (rows, r.stdout)
    assert re.search(r"^ +unknown +system calls", r.stdout, re.M), r.stdout


def described():
    """{file: its columns} and the counters, of docs/csv.md. Those of "" begin each table."""
    columns, counters, name, table = {"": []}, [], "", None
    with open("docs/csv.md", encoding="utf-8") as f:
        for line in f:
            if line.startswith("## "):
                name = line[3:].split(":")[0].strip()
                columns[name] = []
            cells = [c.strip() for c in line.split("|")[1:-1]]
            if not cells:
                table = None
            elif table is None:
                table = {"column": columns[name], "counter": counters}.get(cells[0], [])
            elif cells[0].strip("-"):
                table += cells[0].split(", ")
    return columns, counters


def documented(d):
    """The columns of each file are those of its table in docs/csv.md, in the same order, and
    each counter that was written is there."""
    columns, counters = described()
    # Sums and counts are of no CPU and task, or say so in columns of their own.
    head = {"memory.csv": ["time_ns"], "interval.csv": [], "loss.csv": []}
    rec = os.path.join(d, "all")
    p = kvas("record", "-m", "-o", rec, "--events", "all", "--", "true")
    equal(p.returncode, 0, p.stderr)
    equal({n for n in columns if n.endswith(".csv")},
          {n for n in os.listdir(rec) if n.endswith(".csv")}, "files")
    for name in os.listdir(rec):
        if not name.endswith(".csv"):
            continue
        with open(os.path.join(rec, name), encoding="latin-1", newline="") as f:
            rows = csv.DictReader(f)
            equal(rows.fieldnames, head.get(name, columns[""]) + columns[name], name)
            if name == "interval.csv":
                unknown = {r["counter"] for r in rows if r["scope"] == "cpu"
                           and r["counter"] not in counters
                           and r["counter"].rpartition(".")[0] + ".*" not in counters}
                equal(unknown, set(), "counters that are not in docs/csv.md")


with tempdir() as directory:
    check("every column and counter is documented", lambda: documented(directory))
    check("text: byte for byte", lambda: same(directory, "text"))
    check("text -v: byte for byte", lambda: same(directory, "text", shown=("-v",)))
    check("text --top 2: byte for byte", lambda: same(directory, "text", shown=("--top", "2")))
    check("json: byte for byte", lambda: json.loads(same(directory, "json")))
    check("csv: byte for byte",
          lambda: list(csv.reader(io.StringIO(same(directory, "csv")), strict=True)))
    check("redacted: byte for byte", lambda: same(directory, "text", "--redact"))
    check("redacted: no kernel address in any byte written", lambda: redacted(directory))
    check("a recording of the whole host", lambda: whole_host(directory))
    check("csv: every leaf is json's", lambda: every_leaf(directory))
    check("report needs no root", lambda: without_root(directory))
    check("a recording killed with kill -9 is read and said to be cut short",
          lambda: killed(directory))
    check("one killed before its first interval ended is counted from its rows",
          lambda: killed_early(directory))
done()
