# SPDX-License-Identifier: GPL-2.0
"""Without memory: one allocation after the other fails, the first, the second and so on, and then all
from there on. Each time kvas does what it did with memory, or ends with status 1 or 3 and one line that
says so; it never dies of a signal, and nothing stays attached."""
import os
import re
import subprocess

from lib import KVAS, WORK, attached, check, done, equal, kvas, tempdir
from runs import gone

NOMEM = os.path.abspath("build/live/nomem.so")
# Of a main operation as many are tried as a minute has time for, and not always the same.
MOST = int(os.environ.get("KVAS_NOMEM_MOST", "150"))


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


def numbers(nr):
    """Of 0 to NR - 1 all, or MOST in equal steps."""
    return range(nr) if nr <= MOST else sorted({i * nr // MOST for i in range(MOST)})


def told(fail, p):
    """It did not do its work, and said why: there is no memory."""
    assert p.returncode in (1, 3), f"{fail}: status {p.returncode}: {p.stderr[-500:]}"
    assert re.fullmatch(r"kvas: [^\n]*(memory|Cannot allocate)[^\n]*\n", p.stderr), f"{fail}: {p.stderr!r}"


def each_fails(command, all_of_it=False, same=False):
    """SAME: what it prints with memory it prints always alike."""
    with tempdir() as d:
        p = run(None, d, command, all_of_it)
        equal(p.returncode, 0, p.stderr)
        nr, before, refused = count(d), attached(), 0
        assert nr > 0
        for n in numbers(nr):
            for fail in (f"{n}", f"{n}+"):
                q = run(fail, d, command, all_of_it)
                if q.returncode:
                    told(fail, q)
                    refused += 1
                elif same:
                    equal(q.stdout, p.stdout, fail)
        assert refused, f"none of {nr} was missed"
        gone(before)


with tempdir() as directory:
    REC = f"{directory}/saved"
    MADE = kvas("record", "-F", "99", "-m", "-i", "0.2", "-o", REC, "--", f"{WORK}/storm", "0", "300",
                f"{WORK}/nothing")
    check("a recording to report", lambda: equal(MADE.returncode, 0, MADE.stderr))
    for how in ("text", "json", "csv", "markdown"):
        check(f"report as {how}: each of its own",
              lambda: each_fails(["report", "--format", how, "-v", REC], same=True))
    check("report: each of its libraries', too",
          lambda: each_fails(["report", "--format", "json", REC], all_of_it=True, same=True))
    for text in ("stat -F 99 -m -d 0.05", "live -F 99 -m -i 0.05 -n 2", "record -F 99 -m -o DIR/rec -d 0.05", "layout",
                 "pgd", "dmap", "hooks", "check"):
        check(f"{text}: each of its own", lambda: each_fails(text.split()))
done()
