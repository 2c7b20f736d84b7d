# SPDX-License-Identifier: GPL-2.0
"""What the live tests share. Each check prints one line that tests/run.sh counts."""
import contextlib
import csv
import json
import os
import shutil
import subprocess
import tempfile
import traceback

KVAS = os.path.abspath("build/kvas")
WORK = os.path.abspath("build/workload")


def check(name, fn):
    """Run FN; it raises (assert) when the claim in NAME does not hold."""
    try:
        fn()
        print(f"ok {name}", flush=True)
    except Exception as e:
        why = str(e).replace("\n", " | ") or traceback.format_exc().replace("\n", " | ")
        print(f"not ok {name}: {type(e).__name__}: {why[:1500]}", flush=True)


def done():
    print("done", flush=True)


def equal(got, want, what=""):
    assert got == want, f"{what}: got {got!r}, want {want!r}"


def kvas(*args, timeout=60, **kw):
    """Run kvas; the finished process, output as text unless text=False."""
    kw.setdefault("text", True)
    if os.environ.get("KVAS_AVOID") and args[0] in ("stat", "record", "live"):
        args = (args[0], "--avoid", os.environ["KVAS_AVOID"], *args[1:])
    return subprocess.run([KVAS, *args], capture_output=True, timeout=timeout, **kw)


def stat(*args, timeout=60):
    """kvas stat's JSON, through a file so that a command may print."""
    with tempdir() as d:
        out = os.path.join(d, "stat.json")
        p = kvas("stat", "--format", "json", "-o", out, *args, timeout=timeout)
        assert os.path.exists(out) and os.path.getsize(out), f"no output: {p.stderr}"
        with open(out, encoding="utf-8") as f:
            return json.load(f)


@contextlib.contextmanager
def tempdir():
    d = tempfile.mkdtemp(prefix="kvas-test-")
    os.chmod(d, 0o755)
    try:
        yield d
    finally:
        shutil.rmtree(d, ignore_errors=True)


def table(directory, kind):
    """Rows of a recording's table as dictionaries, read by Python's csv module."""
    with open(os.path.join(directory, kind + ".csv"), newline="", encoding="latin-1") as f:
        return list(csv.DictReader(f, strict=True))


def meta(directory):
    with open(os.path.join(directory, "meta.json"), encoding="utf-8") as f:
        return json.load(f)


def counters(directory):
    """Totals of the interval table, system wide."""
    total = {}
    for r in table(directory, "interval"):
        if r["scope"] == "cpu":
            total[r["counter"]] = total.get(r["counter"], 0) + int(r["value"])
    return total


def processes(directory):
    """Totals of the interval table by pid and counter."""
    total = {}
    for r in table(directory, "interval"):
        if r["scope"] == "process":
            key = int(r["pid"]), r["counter"]
            total[key] = total.get(key, 0) + int(r["value"])
    return total
