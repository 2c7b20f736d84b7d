# SPDX-License-Identifier: GPL-2.0
"""Leave kvas running on a busy host, and watch both. `make soak`, or

    SECONDS=600 python3 tests/soak.py

A storm (fork and exec, page faults, switches, mmap) runs all the time; beside it kvas live all
the time and kvas record over and over. Every ten seconds the resident memory of kvas live, what
it lost, the kernel's memory for vmalloc and slab, and the kernel's log are read. It fails when
live's memory grows, the kernel's does not come back, a recording is not complete, live
ends, or the kernel complains.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "bench")
from resident import resident  # noqa: E402

KVAS = os.path.abspath("build/kvas")
LOOPS = os.path.abspath("build/workload/loops")
SECONDS = int(os.environ.get("SECONDS", "3600"))
EVERY = 10
RECORDING = 30  # seconds each
ROWS = 30  # printed, whatever the length
STORM = [("fork", 300), ("fault", 100000), ("turn", 20000), ("map", 40000)]
GROWTH = 2.0  # MiB that kvas live may grow from its first quarter to its last
KEPT = 32.0  # MiB of vmalloc that may be there in the end and were not before
COMPLAINT = re.compile(r"BUG:|WARNING:|lockup|rcu.*stall|Call Trace|Out of memory|oom-kill")


def meminfo(name):
    with open("/proc/meminfo", encoding="ascii") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith(name + ":"))


def complaints():
    log = subprocess.run(["dmesg"], capture_output=True, text=True, timeout=30, check=False)
    return [line for line in log.stdout.splitlines() if COMPLAINT.search(line)]


def storm():
    """One process that runs every load in turn, again and again, until it is killed."""
    script = "while :; do " + "; ".join(f"{LOOPS} {what} {n}" for what, n in STORM) + "; done"
    return subprocess.Popen(["sh", "-c", script], stdout=subprocess.DEVNULL,
                            start_new_session=True)


class Recorder:
    """kvas record over and over, each recording read by kvas report and removed."""

    def __init__(self, d):
        self.d, self.made, self.bad, self.p = f"{d}/rec", 0, [], None

    def tend(self):
        if self.p is None:
            self.p = subprocess.Popen([KVAS, "record", "-d", str(RECORDING), "-o", self.d],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        elif self.p.poll() is not None:
            self.take()

    def take(self):
        err = self.p.communicate(timeout=60)[1].decode("utf-8", "replace")
        report = subprocess.run([KVAS, "report", "--format", "json", self.d], timeout=300,
                                capture_output=True, text=True, check=False)
        if self.p.returncode or report.returncode:
            self.bad.append(f"record ended with {self.p.returncode}: {err}; report with "
                            f"{report.returncode}: {report.stderr}")
        elif not json.loads(report.stdout).get("tasks", {}).get("forks"):
            self.bad.append("a recording of a storm without a fork")
        self.made, self.p = self.made + 1, None
        shutil.rmtree(self.d, ignore_errors=True)

    def end(self):
        if self.p:
            self.p.wait(timeout=10 * RECORDING)
            self.take()


def lost(path):
    """Records that kvas live says it lost, from its CSV."""
    with open(path, encoding="latin-1") as f:
        return sum(int(m.group(1)) for m in re.finditer(r",lost\.ring\.[a-z]+,(\d+)", f.read()))


def watch(live, recorder, csv):
    """A sample every EVERY seconds: (seconds, MiB of live, records lost, MiB of vmalloc, of slab)."""
    began, samples, step = time.monotonic(), [], max(1, SECONDS // EVERY // ROWS)
    print("seconds  live MiB  lost  recordings  vmalloc MiB  slab MiB", flush=True)
    while time.monotonic() - began < SECONDS and live.poll() is None:
        time.sleep(EVERY)
        recorder.tend()
        samples.append((time.monotonic() - began, resident(live.pid)[0], lost(csv),
                        meminfo("VmallocUsed"), meminfo("Slab")))
        if len(samples) % step == 0:
            t, rss, gone, vmalloc, slab = samples[-1]
            print(f"{t:7.0f} {rss:9.1f} {gone:5} {recorder.made:11} {vmalloc:12.1f} {slab:9.1f}",
                  flush=True)
    return samples


def verdict(samples, live_status, recorder, before, after, said):
    quarter = max(1, len(samples) // 4)
    grown = max(s[1] for s in samples[-quarter:]) - max(s[1] for s in samples[:quarter])
    yield f"kvas live grew by {grown:.1f} MiB", grown <= GROWTH
    yield (f"vmalloc was {before:.1f} MiB before, {max(s[3] for s in samples):.1f} at most, "
           f"{after:.1f} after"), after - before <= KEPT
    yield f"kvas live ended with {live_status}", live_status == 0
    yield f"{recorder.made} recordings, bad: {recorder.bad or 'none'}", not recorder.bad
    yield f"the kernel's log: {said or 'nothing'}", not said


def main():
    d = tempfile.mkdtemp(prefix="kvas-soak-")
    before, known, csv = meminfo("VmallocUsed"), set(complaints()), f"{d}/live.csv"
    recorder, load = Recorder(d), storm()
    live = subprocess.Popen([KVAS, "live", "-i", "10", "--csv", csv], stdout=subprocess.DEVNULL,
                            start_new_session=True)
    try:
        while not os.path.exists(csv):
            time.sleep(0.1)
            if live.poll() is not None:
                sys.exit(f"kvas live ended with {live.returncode}")
        samples = watch(live, recorder, csv)
        recorder.end()
        live.send_signal(signal.SIGINT)
        status = live.wait(timeout=60)
    finally:
        os.killpg(load.pid, signal.SIGKILL)
        for p in (live, recorder.p):
            if p and p.poll() is None:
                p.kill()
        load.wait()
    time.sleep(EVERY)
    good = True
    for text, right in verdict(samples, status, recorder, before, meminfo("VmallocUsed"),
                               [c for c in complaints() if c not in known]):
        print(("ok      " if right else "FAILED  ") + text)
        good = good and right
    shutil.rmtree(d)
    sys.exit(not good)


main()
