# SPDX-License-Identifier: GPL-2.0
"""What a person at a terminal of 80 columns sees."""
import csv
import fcntl
import os
import pty
import re
import resource
import signal
import struct
import subprocess
import termios
import time

from lib import KVAS, WORK, check, done, equal, kvas, tempdir


def terminal(argv, seconds, sig):
    """Run ARGV on a pseudo terminal of 24 x 80, signal it SECONDS after its first word, which
    comes when all is attached; its status and what it wrote."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    p = subprocess.Popen(argv, stdin=child, stdout=child, stderr=child)
    os.close(child)
    end, out, sent = time.monotonic() + 60, b"", False
    os.set_blocking(parent, False)
    while p.poll() is None or not sent:
        if time.monotonic() > end and not sent:
            p.send_signal(sig)
            sent = True
        if time.monotonic() > end + 30:
            p.kill()
            raise AssertionError("did not end on its signal")
        try:
            first, out = not out, out + os.read(parent, 65536)
            if first:
                end = time.monotonic() + seconds
        except (BlockingIOError, OSError):
            time.sleep(0.02)
        if p.poll() is not None:
            break
    try:
        while True:
            out += os.read(parent, 65536)
    except OSError:
        pass
    os.close(parent)
    return p.wait(), out.decode("utf-8", "replace").replace("\r\n", "\n")


def narrow(text):
    for line in text.split("\n"):
        line = line.split("\r")[-1]
        line = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line)
        assert len(line) <= 80, f"{len(line)} columns: {line}"


def live():
    status, out = terminal([KVAS, "live", "-i", "0.5"], 2.2, signal.SIGINT)
    equal(status, 0, out[-300:])
    narrow(out)
    assert "Ctrl-C" in out, "no hint for a person"
    *intervals, summary = re.split(r"^\d\d:\d\d:\d\d$", out, flags=re.M)[1:]
    # kvas itself enters the kernel, whoever else does.
    assert len(intervals) >= 2, out
    equal([x for x in intervals if not re.search(r"^  entries/s +\d", x, re.M)], [])
    assert re.search(r"^[0-9.]+ seconds of the whole host$", summary, re.M), summary
    assert re.search(r"^ +[0-9,]+  kernel entries from user mode +\S+/s(, at least)?$", summary, re.M), summary


def ends_within_interval():
    """A long interval does not delay the end."""
    began = time.monotonic()
    status, out = terminal([KVAS, "live", "-i", "600"], 0.8, signal.SIGTERM)
    equal(status, 0, out[-300:])
    assert time.monotonic() - began < 60, "took long to end"
    assert re.search(r"^ +[0-9,]+  context switches +\S+/s$", out, re.M), "no final summary"


def piped():
    p = kvas("live", "-i", "0.2", "-n", "3")
    equal((p.returncode, p.stderr), (0, ""))
    assert "\x1b" not in p.stdout and "\r" not in p.stdout and "Ctrl-C" not in p.stdout
    narrow(p.stdout)
    equal(len(re.findall(r"^  entries/s ", p.stdout, re.M)), 3)


def record_progress():
    status, out = terminal([KVAS, "record", "-o", f"/tmp/kvas-tty-{os.getpid()}", "-i", "0.3"], 1.8,
                           signal.SIGINT)
    subprocess.run(["rm", "-r", f"/tmp/kvas-tty-{os.getpid()}"], check=True)
    equal(status, 0, out[-300:])
    assert re.search(r"recording, .* rows", out), out[:400]
    narrow(out)


def hostile_comm():
    """A process named with an escape sequence does not reach the terminal raw."""
    script = ("import ctypes, os\n"
              "ctypes.CDLL(None).prctl(15, b'\\x1b[31mred,\"\\n', 0, 0, 0)\n"
              "for _ in range(20000): os.getppid()\n")
    p = kvas("stat", "--", "python3", "-c", script)
    equal(p.returncode, 0, p.stderr)
    assert "\x1b" not in p.stdout, "escape sequence on the terminal"
    assert "\\x1b[31mred" in p.stdout, p.stdout


def hooks_is_quick():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    p = kvas("hooks")
    equal(p.returncode, 0, p.stderr)
    narrow(p.stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of CPU time, since others may want the machine too. bench has the figures.
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert took < 3, f"{took:.1f} s"


def csv_file():
    """live --csv: private, and its sums are the final summary's."""
    with tempdir() as d:
        path = os.path.join(d, "live.csv")
        p = kvas("live", "-i", "0.3", "-n", "3", "--csv", path)
        equal(p.returncode, 0, p.stderr)
        equal(os.stat(path).st_mode & 0o777, 0o600)
        with open(path, newline="", encoding="latin-1") as f:
            rows = list(csv.DictReader(f, strict=True))
        total = sum(int(r["value"]) for r in rows if r["counter"] == "switches.total")
        said = re.search(r"([0-9,]+)  context switches ", p.stdout).group(1).replace(",", "")
        equal(total, int(said))
        equal(len([r for r in rows if r["scope"] == "end"]), 4)


def follows_pid():
    p = subprocess.Popen([f"{WORK}/calls", "100000000"])
    try:
        r = kvas("live", "-i", "0.5", "-n", "2", "-p", str(p.pid))
    finally:
        p.kill()
        p.wait()
    equal(r.returncode, 0, r.stderr)
    assert str(p.pid) in r.stdout and "calls" in r.stdout, r.stdout


check("live on a terminal: 80 columns, Ctrl-C, final summary", live)
check("live ends at once on SIGTERM", ends_within_interval)
check("live into a pipe is plain", piped)
check("record shows progress on a terminal", record_progress)
check("a comm with escape sequences is made harmless", hostile_comm)
check("hooks is quick and fits 80 columns", hooks_is_quick)
check("live --csv", csv_file)
check("live -p follows a process that never sleeps", follows_pid)
done()
