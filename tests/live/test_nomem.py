# SPDX-License-Identifier: GPL-2.0
"""Without memory: one allocation after the other fails, the first, the second and so on, and then all
from there on. Each time kvas does what it did with memory, or ends with status 1 or 3 and one line that
says so; it never dies of a signal, and nothing stays attached."""
import json
import os
import re
import subprocess

from lib import KVAS, WORK, attached, check, done, equal, kvas, tempdir
from runs import gone

NOMEM = os.path.abspath("build/live/nomem.so")


def run(fail, d, command, all_of_it):
    env = dict(os.environ, LD_PRELOAD=NOMEM, KVAS_NOMEM_COUNT=f"{d}/count")
    if fail:
        env["KVAS_NOMEM"] = fail
    if all_of_it:
        env["KVAS_NOMEM_ALL"] = "1"
    subprocess.run(["rm", "-rf", f"{d}/rec"], check=True)
    return subprocess.run([KVAS, *(a.replace("DIR", d) for a in command)], env=env, capture_output=True,
                          text=True, timeout=60, check=False, errors="backslashreplace")


def count(d):
    with open(f"{d}/count", encoding="ascii") as f:
        return int(f.read())


def numbers(nr, most):
    """Of 0 to NR - 1 all, or MOST in equal steps."""
    return range(nr) if nr <= most else [i * nr // most for i in range(most)]


def told(fail, p):
    """It did not do its work, and said why: there is no memory."""
    assert p.returncode in (1, 3), f"{fail}: status {p.returncode}: {p.stderr[-500:]}"
    # What was recorded until then is there, and said to be.
    why = [line for line in p.stderr.split("\n")[:-1] if not line.startswith("kvas: recorded to ")]
    assert len(why) == 1 and re.fullmatch("kvas: .*(memory|Cannot allocate).*", why[0]), f"{fail}: {p.stderr!r}"


def each_fails(command, most, all_of_it=False, honest=None):
    """MOST of the allocations of COMMAND, by themselves and with all behind them. HONEST(with memory,
    without) looks at what is printed with status 0."""
    with tempdir() as d:
        p = run(None, d, command, all_of_it)
        equal(p.returncode, 0, p.stderr)
        nr, before, refused = count(d), attached(), 0
        assert nr > 0
        for n in numbers(nr, most):
            for fail in (f"{n}", f"{n}+"):
                q = run(fail, d, command, all_of_it)
                if q.returncode:
                    told(fail, q)
                    refused += 1
                elif honest:
                    honest(p.stdout, q.stdout)
        assert refused, f"none of {nr} was missed"
        gone(before)


def figures(o, path=""):
    """(path, value) of all figures, and of each list its length."""
    if isinstance(o, dict):
        for key, value in o.items():
            yield from figures(value, f"{path}.{key}" if path else key)
    else:
        yield (f"{path}[]", len(o)) if isinstance(o, list) else (path, o)


def honest_json(with_memory, without):
    """Each figure is what it is with memory, or null with its reason; rows that were put together are
    counted as such."""
    want, got = json.loads(with_memory), json.loads(without)
    unknown = got["unknown"]
    folded = {path for path, n in figures(got) if path.endswith("_folded") and n}
    have = dict(figures(got))
    for path, value in figures(want):
        if path.startswith(("unknown", "provenance", "lower_bounds")) or have.get(path, path) == value:
            continue
        if path.endswith("[]"):
            assert path[:-2] + "_folded" in folded, f"{path}: {value} rows became {have[path]}"
        elif path not in folded:
            equal((path, have[path]), (path, None), f"{value} with memory")
            assert any(re.fullmatch(re.escape(u).replace("\\*", "[^.]+"), path) for u in unknown), path


with tempdir() as directory:
    REC = f"{directory}/saved"
    MADE = kvas("record", "-F", "99", "-m", "-i", "0.2", "-o", REC, "--", f"{WORK}/storm", "0", "300",
                f"{WORK}/nothing")
    check("a recording to report", lambda: equal(MADE.returncode, 0, MADE.stderr))
    JSON = ["report", "--format", "json", REC]
    check("report as JSON: it is whole, or says what is not", lambda: each_fails(JSON, 80, honest=honest_json))
    check("the same of all that its libraries allocate",
          lambda: each_fails(JSON, 60, all_of_it=True, honest=honest_json))
    for how in ("text", "csv", "markdown"):
        check(f"report as {how}", lambda: each_fails(["report", "--format", how, "-v", REC], 20))
    for text, nr in (("stat -F 99 -m -d 0.05", 6), ("live -F 99 -m -i 0.05 -n 2", 5),
                     ("record -F 99 -m -o DIR/rec -d 0.05", 6), ("layout", 4), ("pgd -a", 4), ("dmap", 4),
                     ("hooks", 4), ("check", 3)):
        check(text, lambda: each_fails(text.split(), nr))
done()
