# SPDX-License-Identifier: GPL-2.0
"""Files that kvas writes: new, 0600, not through links, not where others can swap them."""
import os
import subprocess
import time

from lib import KVAS, check, done, equal, kvas, tempdir

NOBODY = 65534


def mode(path):
    return os.stat(path, follow_symlinks=False).st_mode & 0o7777


def refused(words, out, *args):
    """kvas fails, says WORDS, and leaves the file behind the link OUT alone."""
    p = kvas(*args)
    equal(p.returncode, 1, p.stderr)
    for w in words:
        assert w in p.stderr, f"no {w!r} in {p.stderr!r}"
    with open(out, encoding="ascii") as f:
        equal(f.read(), "precious")


def precious(d, name):
    with open(f"{d}/{name}", "w", encoding="ascii") as f:
        f.write("precious")
    return f"{d}/{name}"


def links(d):
    target = precious(d, "target")
    os.symlink(target, f"{d}/link")
    refused(["symbolic link", f"{d}/link"], target, "stat", "-d", "0.1", "-o", f"{d}/link")
    refused(["symbolic link", f"{d}/link"], target, "live", "-n", "1", "-i", "0.1", "--csv",
            f"{d}/link")


def of_another(d):
    """A file of another user's, and one with a second name."""
    other = precious(d, "other")
    os.chown(other, NOBODY, NOBODY)
    refused([str(NOBODY), other], other, "stat", "-d", "0.1", "-o", other)
    twice = precious(d, "twice")
    os.link(twice, f"{d}/second")
    refused(["2 names"], twice, "stat", "-d", "0.1", "-o", f"{d}/second")


def directory_of_another(d):
    os.mkdir(f"{d}/theirs")
    target = precious(d, "target2")
    os.chown(f"{d}/theirs", NOBODY, NOBODY)
    for args in (["record", "-d", "0.1", "-o", f"{d}/theirs"],
                 ["stat", "-d", "0.1", "-o", f"{d}/theirs/x"],
                 ["live", "-n", "1", "-i", "0.1", "--csv", f"{d}/theirs/x"]):
        refused([f"{d}/theirs", f"user {NOBODY}"], target, *args)
    equal(os.listdir(f"{d}/theirs"), [])
    os.mkdir(f"{d}/open")
    os.chmod(f"{d}/open", 0o1777)
    refused(["1777", "chmod go-w"], target, "record", "-d", "0.1", "-o", f"{d}/open")


def modes(d):
    old = os.umask(0)
    try:
        equal(kvas("stat", "-d", "0.1", "-o", f"{d}/stat").returncode, 0)
        os.chmod(f"{d}/stat", 0o644)
        equal(kvas("stat", "-d", "0.1", "-o", f"{d}/stat").returncode, 0, "over its own file")
        equal(kvas("record", "-d", "0.1", "-o", f"{d}/rec").returncode, 0)
    finally:
        os.umask(old)
    equal(mode(f"{d}/stat"), 0o600)
    equal(mode(f"{d}/rec"), 0o700)
    equal({n: mode(f"{d}/rec/{n}") for n in os.listdir(f"{d}/rec")
           if mode(f"{d}/rec/{n}") != 0o600}, {})


def planted_while_recording(d):
    """meta.json.new becomes a link after the start: the end must not write through it. (The
    directory is root's here: one of another user's is refused before that.)"""
    target = precious(d, "target3")
    with subprocess.Popen([KVAS, "record", "-o", f"{d}/planted", "--", "sleep", "2"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as p:
        end = time.monotonic() + 30
        while not os.path.exists(f"{d}/planted/meta.json"):
            assert time.monotonic() < end and p.poll() is None, "no recording"
            time.sleep(0.01)
        os.symlink(target, f"{d}/planted/meta.json.new")
        _, err = p.communicate(timeout=30)
    equal(p.returncode, 0, err)
    with open(target, encoding="ascii") as f:
        equal(f.read(), "precious")
    assert not os.path.islink(f"{d}/planted/meta.json")
    equal(kvas("report", f"{d}/planted").returncode, 0)


def closed_descriptors(d):
    """What is meant for a closed stdout or stderr goes into no file."""
    for n, closed in enumerate(("<&-", ">&-", "2>&-", "<&- >&- 2>&-")):
        out = f"{d}/closed{n}.csv"
        p = subprocess.run(["sh", "-c", f'"$0" live -n 2 -i 0.2 --csv {out} {closed}', KVAS],
                           capture_output=True, text=True, timeout=60)
        equal(p.returncode, 0, p.stderr)
        with open(out, encoding="utf-8") as f:
            lines = f.read().split("\n")
        assert len(lines) > 3 and lines[-1] == "", lines[-3:]
        equal([line for line in lines[:-1] if line.count(",") != lines[0].count(",")], [], closed)
        assert lines[0].startswith("time_ns,"), lines[0]


def file_limit(d):
    """SIGXFSZ would end kvas: it says what is wrong, and the rows before it can be read."""
    rec = f"{d}/limit"
    p = subprocess.run(["sh", "-c", f'ulimit -f 1; exec "$0" record -o {rec} --events all -d 2',
                        KVAS], capture_output=True, text=True, timeout=60)
    equal(p.returncode, 1, p.stderr)
    equal(p.stderr.count("File too large"), 1, p.stderr)


with tempdir() as D:
    check("links are not followed", lambda: links(D))
    check("a file of another user's is left alone", lambda: of_another(D))
    check("a directory of another user's is refused", lambda: directory_of_another(D))
    check("files are 0600 whatever the umask", lambda: modes(D))
    check("a link planted while recording", lambda: planted_while_recording(D))
    check("closed descriptors", lambda: closed_descriptors(D))
    check("a limit of file size", lambda: file_limit(D))
done()
