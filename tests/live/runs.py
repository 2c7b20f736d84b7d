# SPDX-License-Identifier: GPL-2.0
"""A kvas that runs while a test does something to it, and what it leaves in the kernel."""
import json
import os
import re
import signal
import subprocess
import time

from lib import KVAS, attached

PATIENCE = 60


def wait_for(told, what):
    end = time.monotonic() + PATIENCE
    while not told():
        assert time.monotonic() < end, f"no {what}"
        time.sleep(0.02)


def gone(before):
    """Nothing is attached that was not BEFORE: the kernel frees programs a little later."""
    wait_for(lambda: not attached() - before, "end of what was attached")


class Run:
    """kvas ARGS, its programs attached and its first words read; OUT is what came."""

    def __init__(self, *args, ignore=None, **kw):
        self.before = attached()
        self.p = subprocess.Popen(
            [KVAS, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=(lambda: signal.signal(ignore, signal.SIG_IGN)) if ignore else None, **kw)

    def until(self, words):
        self.out = ""
        while words not in self.out:
            line = self.p.stdout.readline()
            assert line, f"ended: {self.p.stderr.read()}"
            self.out += line
        return self

    def until_attached(self):
        wait_for(lambda: attached() - self.before or self.p.poll() is not None, "programs")
        time.sleep(0.5)  # taking the signals comes next
        return self

    def end(self, *signals, apart=0.2):
        """(status, all output, errors) after SIGNALS."""
        for i, s in enumerate(signals):
            time.sleep(apart if i else 0)
            self.p.send_signal(s)
        out, err = self.p.communicate(timeout=PATIENCE)
        gone(self.before)
        self.out = getattr(self, "out", "") + out
        return self.p.returncode, self.out, err


def held(pid):
    """{(kind, id)} of the BPF programs, maps and links that process PID has open, as /proc says."""
    ids = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as f:
            ids |= {(k, int(n)) for k, n in re.findall(r"^(prog|map|link)_id:\t(\d+)$", f.read(), re.M)}
    return ids


def in_kernel():
    """The same of all there are."""
    ids = set()
    for kind in ("prog", "map", "link"):
        out = subprocess.run(["bpftool", "-j", kind, "list"], capture_output=True, text=True, timeout=30,
                             check=True).stdout
        ids |= {(kind, row["id"]) for row in json.loads(out)}
    return ids
