# SPDX-License-Identifier: GPL-2.0
"""The build makes anew what it must and nothing else."""
import glob
import os
import re
import shutil
import subprocess
import time

from lib import check, done, equal, tempdir


def make(d):
    p = subprocess.run(["make", "-j2"], cwd=d, capture_output=True, text=True, timeout=200)
    equal(p.returncode, 0, p.stderr[-800:])
    return set(re.findall(r"^  [A-Z]+ +(\S+)$", p.stdout, re.M))


def touch(path):
    time.sleep(0.05)
    os.utime(path)


def users_of(d, header):
    """Objects whose source includes HEADER, as the compiler itself sees it."""
    found = set()
    for src in glob.glob("user/**/*.c", root_dir=d, recursive=True):
        p = subprocess.run(["gcc", "-MM", "-D_GNU_SOURCE", "-Iinclude", "-Iuser", "-Ibuild", src],
                           cwd=d, capture_output=True, text=True, check=True, timeout=60)
        if header in p.stdout.replace("\\\n", " ").split():
            found.add("build/" + src[:-2] + ".o")
    return found


def header(d):
    want = users_of(d, "user/pgtable/survey.h")
    assert 3 < len(want) < 40, want
    touch(f"{d}/user/pgtable/survey.h")
    # kvas is linked from main.o and the archive.
    equal(make(d), want | {"build/libkvas.a", "build/kvas"})


def bpf(d):
    touch(f"{d}/bpf/fault.bpf.c")
    equal(make(d), {"build/bpf/fault.bpf.o", "build/kvas.bpf.o", "build/kvas.skel.h",
                    "build/user/trace/session.o", "build/user/trace/session_losses.o", "build/libkvas.a", "build/kvas"})


def bpf_header(d):
    touch(f"{d}/bpf/crossing.bpf.h")
    made = make(d)
    equal({m for m in made if m.startswith("build/bpf/")},
          {"build/bpf/crossing.bpf.o", "build/bpf/fault.bpf.o"})


with tempdir() as parent:
    tree = os.path.join(parent, "kvas")
    shutil.copytree(".", tree, ignore=shutil.ignore_patterns("build", ".git"))
    check("a new tree builds", lambda: equal("build/kvas" in make(tree), True))
    check("a second make makes nothing", lambda: equal(make(tree), set()))
    check("a touched header makes its users", lambda: header(tree))
    check("a changed BPF program makes its object and the session", lambda: bpf(tree))
    check("a changed BPF header makes its users", lambda: bpf_header(tree))
done()
