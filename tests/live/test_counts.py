# SPDX-License-Identifier: GPL-2.0
"""Counts against programs whose number of operations is known."""
import contextlib
import json
import os
import subprocess
import time

from lib import KVAS, WORK, check, done, equal, kvas, stat, table, tempdir

N = 100003


def syscalls():
    few, many = (stat("--", f"{WORK}/calls", str(n))["crossings"]["syscall"] for n in (0, N))
    # Both runs are the same program; the loader's calls drop out.
    equal(many - few, N)


def kpti_is_said():
    s = stat("--", f"{WORK}/calls", str(N))
    cr3 = s["cr3_writes"]
    if s["host"]["kpti"]:
        assert cr3["kpti_entry"]["syscall"] >= N
    else:
        equal(cr3["kpti_entry"]["syscall"], 0)
        assert cr3["kpti_would_be"] >= 2 * N, cr3


def interrupts():
    # A user-mode spin of a second of CPU time takes a timer tick each 1/HZ.
    s = stat("--", "sh", "-c", "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done")
    user = s["crossings"]["irq"]
    assert user >= 10, f"{user} interrupts of user mode in a spin"


def exit_status():
    equal(kvas("stat", "--", "sh", "-c", "exit 7").returncode, 7)
    equal(kvas("stat", "--", "sh", "-c", "kill -TERM $$").returncode, 128 + 15)


@contextlib.contextmanager
def plain_pointers():
    """/proc/vmallocinfo hashes addresses unless kptr_restrict is 1 (and the reader root)."""
    path = "/proc/sys/kernel/kptr_restrict"
    with open(path, encoding="ascii") as f:
        old = f.read()
    with open(path, "w", encoding="ascii") as f:
        f.write("1")
    try:
        yield
    finally:
        with open(path, "w", encoding="ascii") as f:
            f.write(old)


def vmalloc(d):
    rec = os.path.join(d, "vm")
    with plain_pointers():
        p = kvas("record", "-o", rec, "--", "sh", "-c", f"{WORK}/area > {d}/areas")
    equal(p.returncode, 0, p.stderr)
    with open(f"{d}/areas", encoding="ascii") as f:
        want = [line.split()[1:] for line in f]
    assert want, "the workload found no new area in /proc/vmallocinfo"
    rows = table(rec, "vmalloc")
    for address, size in want:
        allocs = [r for r in rows if r["op"] == "alloc" and r["address"] == address]
        frees = [r for r in rows if r["op"] == "free" and r["address"] == address]
        equal([r["bytes"] for r in allocs], [size], address)
        equal([r["region"] for r in allocs], ["vmalloc"], address)
        equal([r["bytes"] for r in frees], [size], f"free of {address}")


def perf_agrees():
    # Context switches away from a process, as the kernel itself counts them.
    with tempdir() as d:
        rec = os.path.join(d, "sw")
        script = ("i=0; while [ $i -lt 50 ]; do sleep 0.002; i=$((i+1)); done; "
                  f"grep ctxt /proc/$$/status > {d}/status; echo $$ >> {d}/status")
        p = kvas("record", "-o", rec, "--", "sh", "-c", script)
        equal(p.returncode, 0, p.stderr)
        with open(f"{d}/status", encoding="ascii") as f:
            *counts, pid = f.read().split("\n")[:3]
        said = sum(int(c.split()[1]) for c in counts)
        seen = sum(1 for r in table(rec, "switch") if r["pid"] == pid)
        # grep's own run comes after the reading: a few more, never fewer.
        assert said <= seen <= said + 20, f"/proc says {said}, kvas saw {seen}"


def by_comm():
    """-C sees the tasks of a name, from their exec on."""
    with tempdir() as d:
        out = os.path.join(d, "s.json")
        p = subprocess.Popen([KVAS, "stat", "-d", "4", "-C", "calls", "--format", "json", "-o", out])
        time.sleep(1.5)
        load = subprocess.run([f"{WORK}/calls", str(N)], check=True, timeout=30)
        equal(load.returncode, 0)
        equal(p.wait(timeout=30), 0)
        with open(out, encoding="utf-8") as f:
            s = json.load(f)
        calls = s["crossings"]["syscall"]
        assert N <= calls <= N + 200, f"{calls} system calls"
        equal([x["comm"] for x in s["processes"]], ["calls"])
        equal(s["tasks"]["execs"], 1)


def no_faults_of_our_own():
    """kvas's programs read kernel memory; none of it may be unmapped."""
    with tempdir() as d:
        rec = os.path.join(d, "own")
        p = kvas("record", "-o", rec, "--", "sh", "-c",
                 "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done")
        equal(p.returncode, 0, p.stderr)
        rows = [r for r in table(rec, "fault") if r["mode"] == "kernel"]
        assert rows, "no kernel-mode fault at all"
        equal({r["region"] for r in rows}, {"user"})


check("kvas causes no page fault on kernel addresses", no_faults_of_our_own)
check("100003 system calls are 100003 crossings", syscalls)
check("KPTI's CR3 writes are stated, or what they would be", kpti_is_said)
check("interrupts of a user-mode spin are counted", interrupts)
check("stat ends with the command's status", exit_status)
check("-C counts the tasks of a name", by_comm)
check("switches agree with /proc/PID/status", perf_agrees)
with tempdir() as directory:
    check("a vmalloc area as /proc/vmallocinfo has it", lambda: vmalloc(directory))
done()
