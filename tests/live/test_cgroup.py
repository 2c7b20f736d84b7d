# SPDX-License-Identifier: GPL-2.0
"""--cgroup: a cgroup of the test's own, against workloads in it, below it and outside."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from lib import KVAS, WORK, Skip, between, check, done, equal, processes, refuses, stat, table, tempdir

N = 50021
OTHER = 70001
# So many calls outside, then it goes in by itself, and as many more.
GOES_IN = """import os, sys
for i in range(30011): os.getppid()
with open(sys.argv[1], "w") as f: f.write("0")
for i in range(20011): os.getppid()
"""


def hierarchy():
    with open("/proc/self/mounts", encoding="utf-8") as f:
        found = [line.split()[1] for line in f if line.split()[2] == "cgroup2"]
    if not found:
        raise Skip("no cgroup2 file system is mounted here")
    return found[0]


@contextlib.contextmanager
def cgroups():
    """The directory of a new cgroup with another below it; both are removed, once they are empty."""
    top = f"{hierarchy()}/kvas-test-{os.getpid()}"
    os.makedirs(f"{top}/below")
    try:
        yield top
    finally:
        for d in (f"{top}/below", top):
            for _ in range(100):
                with contextlib.suppress(OSError):
                    os.rmdir(d)
                    break
                time.sleep(0.05)


def run_in(cgroup, *argv):
    """Run ARGV in CGROUP; None: where the test is."""
    def enter():
        if cgroup:
            with open(f"{cgroup}/cgroup.procs", "w", encoding="ascii") as f:
                f.write("0")
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, preexec_fn=enter, timeout=60)


def recorded(d, cgroup, work, *options):
    """Record CGROUP while WORK() runs: the summary."""
    with subprocess.Popen([KVAS, "record", "-F", "0", *options, "--cgroup", cgroup, "-i", "0.2", "-o", f"{d}/rec",
                           "--format", "json", "-d", "60"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as k:
        for _ in range(300):
            time.sleep(0.1)
            with contextlib.suppress(OSError):
                if "end" in {r["scope"] for r in table(f"{d}/rec", "interval")}:
                    break
        work()
        k.send_signal(signal.SIGINT)
        out, err = k.communicate(timeout=60)
        equal(k.returncode, 0, err)
    return json.loads(out)


class Run:
    """One recording of a cgroup: programs in it, below it and outside, and one that goes in."""

    def __init__(self, d):
        with cgroups() as top:
            def work():
                run_in(top, f"{WORK}/calls", str(N))
                run_in(f"{top}/below", f"{WORK}/calls", str(N))
                run_in(None, f"{WORK}/calls", str(OTHER))
                run_in(None, sys.executable, "-c", GOES_IN, f"{top}/cgroup.procs")
            self.sum = recorded(d, top, work)
            self.tasks = table(f"{d}/rec", "task")


def only_its_tasks(run):
    """Those in it, and in the one below, and no others."""
    rows = [p for p in run.sum["processes"] if p["comm"] == "calls"]
    equal(len(rows), 2)
    for p in rows:
        between(N, p["syscalls"], N + 300, "system calls of a program")
    equal(run.sum["tasks"]["execs"], 2)
    equal({r["comm"] for r in run.tasks} - {"calls", "python3", os.path.basename(sys.executable)}, set())


def goes_in(run):
    """From the moment when a task is moved, though it stays on its CPU."""
    between(2 * N + 20011, run.sum["crossings"]["syscall"], 2 * N + 20011 + 1200, "system calls of all three")


def its_parent_is_not():
    """Of a cgroup, not of the one above it."""
    with tempdir() as d, cgroups() as top:
        s = recorded(d, f"{top}/below", lambda: run_in(top, f"{WORK}/calls", str(N)))
        equal(s["crossings"]["syscall"], 0)
        equal(processes(f"{d}/rec"), {})


def samples():
    """The sampler takes the same tasks."""
    def work():
        with subprocess.Popen(["sh", "-c", "while :; do :; done"]) as busy:
            run_in(top, "sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo $$ >" + f"{d}/pid")
            busy.kill()
    with tempdir() as d, cgroups() as top:
        recorded(d, top, work, "-F", "2000")
        with open(f"{d}/pid", encoding="ascii") as f:
            equal({r["pid"] for r in table(f"{d}/rec", "access")}, {f.read().strip()})


def names():
    """By its directory, as /proc names it, and by its id."""
    with cgroups() as top:
        path = top.removeprefix(hierarchy())
        for name in (top, path, str(os.stat(top).st_ino)):
            equal(stat("--cgroup", name, "-d", "0.001", "-F", "0", "--events", "task")["filter"], f"cgroup {path}")


def mounted():
    hierarchy()


def main():
    check("cgroup: a hierarchy of version 2 is there", mounted)
    try:
        hierarchy()
    except Skip:
        done()
        return
    with tempdir() as d:
        run = Run(d)
    check("cgroup: its tasks and those below it, and no others", lambda: only_its_tasks(run))
    check("cgroup: a task that goes in while it runs", lambda: goes_in(run))
    check("cgroup: the one above is not in it", its_parent_is_not)
    if os.environ.get("KVAS_HZ") != "0":  # an emulated CPU is slow to sample
        check("cgroup: samples", samples)
    check("cgroup: its directory, its path, its id", names)
    check("cgroup: none of that path", lambda: refuses(1, "'/not/there' is neither a directory of a cgroup", "stat",
                                                        "--cgroup", "/not/there", "-d", "0.1"))
    check("cgroup: a directory that is none", lambda: refuses(1, "neither a directory of a cgroup", "stat", "--cgroup",
                                                              "/tmp", "-d", "0.1"))
    check("cgroup: none of that id", lambda: refuses(1, "has the id 99999999", "stat", "--cgroup", "99999999", "-d",
                                                     "0.1"))
    check("cgroup: with -p", lambda: refuses(2, "--cgroup", "stat", "--cgroup", "/", "-p", "1", "-d", "0.1"))
    done()


if __name__ == "__main__":
    sys.exit(main())
