# SPDX-License-Identifier: GPL-2.0
"""Counts against programs whose number of operations is known."""
import json
import os
import signal
import subprocess
import time

from lib import (KVAS, WORK, check, done, equal, hypervisor_changes_tables, kpti_is_on, kvas,
                 plain_pointers, stat, table, tempdir)

N = 100003


def syscalls():
    few, many = (stat("--", f"{WORK}/calls", str(n))["crossings"]["syscall"] for n in (0, N))
    # Both runs are the same program; the loader's calls drop out.
    equal(many - few, N)


def kpti_is_said():
    s = stat("--", f"{WORK}/calls", str(N))
    cr3 = s["cr3_writes"]
    equal(s["host"]["kpti"], kpti_is_on())
    if kpti_is_on() and hypervisor_changes_tables():
        equal(cr3["kpti_entry"]["syscall"], None)
        assert "hypervisor" in s["unknown"]["cr3_writes.kpti_entry.syscall"], s["unknown"]
        assert cr3["kpti_would_be"] >= 2 * N and cr3["total_is_lower_bound"], cr3
    elif kpti_is_on():
        assert cr3["kpti_entry"]["syscall"] >= N
    else:
        equal(cr3["kpti_entry"]["syscall"], 0)
        assert cr3["kpti_would_be"] >= 2 * N, cr3


def who_causes_them():
    """CPUs and processes add up to the whole; the program made its own calls."""
    for _ in range(10):
        s = stat("-a", "--", f"{WORK}/calls", str(N))
        # A switch the kernel does not report takes from its task what it did since it
        # came on; kvas says so, and then the row is a lower bound.
        if "sched_switch" not in s["lost"].get("not_delivered", {}):
            break
    cpus, total = s["cpus"], s["crossings"]
    for cause in ("syscall", "page_fault", "irq", "exception", "nmi"):
        equal(sum(c[cause] for c in cpus), total[cause], cause)
    for key in ("mm_switch", "tlb_flush"):
        equal(sum(c["cr3_writes"][key] for c in cpus), s["cr3_writes"][key], key)
    calls, = [p for p in s["processes"] if p["comm"] == "calls"]
    assert N <= calls["syscalls"] <= N + 200, calls
    # Others on the host make some too; the parts do not exceed the whole.
    assert sum(p["syscalls"] for p in s["processes"]) <= total["syscall"], total


def exceptions():
    """Each of the workload's faulting instructions is one exception, and the page fault
    that ends in a signal is none."""
    with tempdir() as d:
        s = window(d, "signals")
        # ud2, int3, a division by zero and a non-canonical address, 5003 times.
        equal(s["crossings"]["exception"], 4 * 5003)
        assert s["crossings"]["page_fault"] >= 5003, s["crossings"]


def stepped():
    """Each stop of a single-stepped process is an exception, but for that at the end of a call: the kernel
    makes it by itself. Fork, exec and the stop at the beginning step nothing."""
    with tempdir() as d:
        s = window(d, "steps", said := {})
    stops = int(said["stops"])
    assert 0 <= stops - 101 - s["crossings"]["exception"] <= 5, (stops, s["crossings"])


def window(d, work, said=None):
    """kvas stat's JSON for what WORK does between enable and disable."""
    os.mkfifo(f"{d}/ctl")
    os.mkfifo(f"{d}/ack")
    p = kvas("stat", "--format", "json", "-o", f"{d}/out", "--control",
             f"fifo:{d}/ctl,{d}/ack", "--", f"{WORK}/ledger", work, f"{d}/ctl", f"{d}/ack")
    equal(p.returncode, 0, p.stderr)
    assert f"did {work} 1" in p.stdout, p.stdout
    if said is not None:
        said.update(line.split()[1:] for line in p.stdout.splitlines() if line.startswith("did "))
    with open(f"{d}/out", encoding="utf-8") as f:
        return json.load(f)


def only_the_window():
    """The program's start and end are not in the count: its calls are, and a few that
    open and shut the window."""
    with tempdir() as d:
        s = window(d, "syscalls")
        assert N <= s["crossings"]["syscall"] <= N + 20, s["crossings"]
        equal(s["tasks"]["execs"], 0)


def kpti_time():
    """Of the calls alone: what the start and the end of the program take drops out."""
    ns = [stat("--kpti-cost", "150", "--", f"{WORK}/calls", str(n))["cr3_writes"]["kpti_ns"]
          for n in (0, N)]
    # A page fault more or less, and some hundred interrupts on a slow machine.
    assert abs(ns[1] - ns[0] - N * 150) < 500 * 150, ns


def interrupts():
    # A user-mode spin of a second of CPU time takes a timer tick each 1/HZ.
    s = stat("--", "sh", "-c", "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done")
    user = s["crossings"]["irq"]
    assert user >= 10, f"{user} interrupts of user mode in a spin"


def exit_status():
    equal(kvas("stat", "--", "sh", "-c", "exit 7").returncode, 7)
    equal(kvas("stat", "--", "sh", "-c", "kill -TERM $$").returncode, 128 + 15)


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


def status_switches(path):
    with open(path, encoding="ascii") as f:
        return sum(int(line.split()[1]) for line in f)


def switches_agree():
    """Context switches away from a process, as the kernel itself counts them. It began before
    the window did, so it reads its own count twice."""
    with tempdir() as d:
        rec = os.path.join(d, "sw")
        script = (f"grep ctxt /proc/$$/status > {d}/first; i=0; "
                  "while [ $i -lt 50 ]; do sleep 0.002; i=$((i+1)); done; "
                  f"grep ctxt /proc/$$/status > {d}/last; echo $$ > {d}/pid")
        p = kvas("record", "-o", rec, "--", "sh", "-c", script)
        equal(p.returncode, 0, p.stderr)
        with open(f"{d}/pid", encoding="ascii") as f:
            pid = f.read().strip()
        said = status_switches(f"{d}/last") - status_switches(f"{d}/first")
        seen = sum(1 for r in table(rec, "switch") if r["pid"] == pid)
        assert said >= 50, f"{said} switches for 50 commands"
        # Running grep, and the end: some more, never fewer.
        assert said <= seen <= said + 20, f"/proc says {said}, kvas saw {seen}"


def wait_for_interval(rec):
    """Until one has ended in a recording under way: all is attached then."""
    path, end = f"{rec}/interval.csv", time.monotonic() + 60
    while time.monotonic() < end:
        if os.path.exists(path):
            with open(path, encoding="latin-1") as f:
                if ",end," in f.read():
                    return
        time.sleep(0.05)
    raise AssertionError("no interval was written in a minute")


def by_comm():
    """-C sees the tasks of a name, from their exec on."""
    with tempdir() as d, subprocess.Popen(
            [KVAS, "record", "-C", "calls", "-i", "0.1", "--format", "json", "-o", f"{d}/rec"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as p:
        try:
            wait_for_interval(f"{d}/rec")
            subprocess.run([f"{WORK}/calls", str(N)], check=True, timeout=60)
            p.send_signal(signal.SIGINT)
            s = json.loads(p.communicate(timeout=60)[0])
        finally:
            p.kill()
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
check("CPUs and processes add up to the whole", who_causes_them)
check("exceptions are counted, one each", exceptions)
check("no exception is counted at the end of a stepped system call", stepped)
check("--control counts the window and no more", only_the_window)
check("the time KPTI takes grows by the calls' times the cost given", kpti_time)
check("interrupts of a user-mode spin are counted", interrupts)
check("stat ends with the command's status", exit_status)
check("-C counts the tasks of a name", by_comm)
check("switches agree with /proc/PID/status", switches_agree)
with tempdir() as directory:
    check("a vmalloc area as /proc/vmallocinfo has it", lambda: vmalloc(directory))
done()
