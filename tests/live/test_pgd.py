# SPDX-License-Identifier: GPL-2.0
"""kvas pgd against /proc/PID/status, kallsyms and kvas's own tracing."""
import contextlib
import json
import os
import re
import struct
import subprocess
import sys
import time
from functools import partial

from lib import WORK, Skip, check, done, equal, explored, holding, hypervisor_changes_tables, \
    in_pid_namespace, killed_during, kpti_is_on, leaderless, narrow, refuses, stat


def status(pid, key):
    try:
        with open(f"/proc/{pid}/status", encoding="latin-1") as f:
            found = re.search(rf"^{key}:\s+(\d+) kB$", f.read(), re.M)
    except OSError:
        return None
    return int(found.group(1)) if found else None


def in_reserve(pid):
    """KiB of PTE tables kept for the day a huge page is split: counted, led to by none."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return int(re.search(r"^AnonHugePages:\s+(\d+) kB", f.read(), re.M).group(1)) // 2048 * 4


def vm_pte(pid):
    """KiB of PTE, PMD and PUD tables (mm->pgtables_bytes) that something leads to."""
    kib = status(pid, "VmPTE")
    try:
        return None if kib is None else kib - in_reserve(pid)
    except OSError:
        return None


def table_kib(tables):
    return 4 * (tables["pte"] + tables["pmd"] + tables["pud"])


def with_memory():
    """Processes that have an address space, and that root may look into: some hosts hide
    one of theirs, from BPF too."""
    return {int(d) for d in os.listdir("/proc") if d.isdigit() and vm_pte(d) is not None}


def cost():
    """Of every process that stood still, the tables counted are those the kernel counts."""
    before = {pid: vm_pte(pid) for pid in with_memory()}
    rows = explored("pgd", "-a")["processes"]
    compared = 0
    for r in rows:
        if r["ended"] or r["pid"] not in before or vm_pte(r["pid"]) != before[r["pid"]]:
            continue
        equal(r["tables"]["unsure"], 0)
        equal(table_kib(r["tables"]), before[r["pid"]], f"{r['pid']} {r['comm']}")
        compared += 1
    assert compared >= 2, rows


def a_large_process():
    with holding("pages") as (pid, _):
        row = next(r for r in explored("pgd", "-a")["processes"] if r["pid"] == pid)
        equal(table_kib(row["tables"]), vm_pte(pid))
        # 1009 pages in a row need 2 or 3 PTE tables beyond those of a small process.
        one = explored("pgd", "-p", str(pid))
        equal(one["tables"], row["tables"])
        equal(one["pgd"], row["pgd"])


HOLDER = """import ctypes, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
at = libc.mmap(None, ctypes.c_size_t(301 * 4096), 3, 0x22, -1, ctypes.c_long(0))
libc.madvise(ctypes.c_void_p(at), 301 * 4096, 15)
ctypes.memset(at, 1, 301 * 4096)
assert libc.mprotect(ctypes.c_void_p(at + 4096), 37 * 4096, 0) == 0
print("ready", flush=True)
sys.stdin.read()
"""


def in_pagemap(pid):
    """Pages of PID in memory and in swap as pagemap has them, and those of its special mappings, which
    it leaves out."""
    present = swapped = special = 0
    with open(f"/proc/{pid}/maps", encoding="latin-1") as maps, open(f"/proc/{pid}/pagemap", "rb") as f:
        for line in maps:
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            if start >> 63:
                continue
            f.seek(start // 4096 * 8)
            entries = struct.unpack(f"<{(end - start) // 4096}Q", f.read((end - start) // 4096 * 8))
            present += sum(e >> 63 for e in entries)
            swapped += sum(e >> 62 & 1 for e in entries)
            special += (end - start) // 4096 if "[v" in line else 0
    return present, swapped, special


def user_memory():
    """What the entries stand for, of a process that stands still: PROT_NONE apart."""
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as p:
        equal(p.stdout.readline(), "ready\n")
        m = explored("pgd", "-p", str(p.pid))["user_memory"]
        said = narrow("pgd", "-p", str(p.pid))
        present, swapped, special = in_pagemap(p.pid)
        p.communicate("")
    equal((m["prot_none"], m["splitting"], m["moved"], m["unknown"]), (37 * 4096, 0, 0, 0))
    equal(m["swapped"], swapped * 4096)
    more = (m["mapped"] + m["prot_none"]) // 4096 - present
    assert 0 <= more <= special, (m, present, special)
    assert "  PROT_NONE: in memory, no access allowed" in said, said


def without_memory():
    """Kernel threads and zombies."""
    return {int(d) for d in os.listdir("/proc") if d.isdigit() and status(d, "VmPTE") is None}


def everyone():
    """A row for each process that has memory, and for no kernel thread; others may begin and end
    meanwhile."""
    memory, none = with_memory(), without_memory()
    rows = explored("pgd", "-a")["processes"]
    memory, none = memory & with_memory(), none & without_memory()
    listed = {r["pid"] for r in rows if not r["ended"]}
    assert os.getpid() in memory and 2 in none, (memory, none)
    equal(memory - listed, set())
    equal(listed & none, set())


def shared_by_processes():
    """CLONE_VM without CLONE_THREAD: two processes, one table, shown for whichever is asked."""
    with holding("special", "shared") as (pid, by):
        child, = by["child"]
        one, two = (explored("pgd", "-p", str(p)) for p in (pid, child))
        equal((one["pid"], two["pid"]), (pid, child))
        equal((one["pgd"], one["entries"]), (two["pgd"], two["entries"]))
        rows = [r for r in explored("pgd", "-a")["processes"] if r["pid"] in (pid, child)]
        equal([(r["tasks"], r["ended"], r["pgd"]) for r in rows], [(2, False, one["pgd"])])


def one_address_space():
    """vfork'd: a child that shares its parent's tables is no row of its own."""
    code = ("import os, time\n"
            "pid = os.posix_spawn('/bin/sleep', ['sleep', '30'], os.environ)\n"
            "print(pid, flush=True)\ninput()\nos.kill(pid, 9)\n")
    p = subprocess.Popen(["python3", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True)
    child = int(p.stdout.readline())
    try:
        rows = {r["pid"]: r for r in explored("pgd", "-a")["processes"]}
        assert rows[p.pid]["mm"] != rows[child]["mm"]
        assert rows[p.pid]["pgd"] != rows[child]["pgd"]
    finally:
        p.communicate("\n", timeout=10)


def halves(a):
    equal(a["kernel_half"]["differ"], 0)
    equal(a["kernel_half"]["same"], sum(not r["ended"] for r in a["processes"]))
    with open("/proc/2/stat", encoding="ascii") as f:
        equal(f.read().split()[1], "(kthreadd)")
    of_kthreadd = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
                of_kthreadd += f.read().rsplit(")", 1)[1].split()[1] == "2"
        except OSError:
            pass
    # Workers come and go.
    assert abs(a["kernel_threads"] - of_kthreadd - 1) <= 5, (a["kernel_threads"], of_kthreadd)
    assert a["timing"]["compare_max_ns"] > 0


def own_table(a):
    """Found by content alone, the kernel's table is where its symbol says."""
    assert a["kernel_table_found"], a
    equal(a["kernel_table"], a["kernel_table_found"])
    with open("/proc/kallsyms", encoding="ascii") as f:
        symbols = {w[2]: int(w[0], 16) for w in map(str.split, f)
                   if w[2] in ("init_top_pgt", "swapper_pg_dir")}
    equal(a["kernel_table_how"], "symbol" if symbols else "content")
    if symbols:
        equal({int(a["kernel_table_found"], 16)}, set(symbols.values()))


def bytes_each():
    """What tracing sees of a PGD's size. With 20 processes the tables alone tell it."""
    with contextlib.ExitStack() as held:
        for _ in range(20):
            held.enter_context(holding("special", "hold", "0"))
        told = explored("pgd", "-a")
        # kvas waits some milliseconds for its child's PGD to be freed: a busy machine takes longer.
        seen = next((n for n in (stat("--", "/bin/true")["pgd"]["bytes_each"] for _ in range(5)) if n),
                    None)
    assert told["bytes_each"] in (4096, 8192), told["bytes_each"]
    equal({r["bytes_at_least"] for r in told["processes"]
           if not r["ended"] and not r["tables"]["unsure"]}, {False})
    if seen is None:
        raise Skip("no hook told the size of a PGD")
    equal(told["bytes_each"], seen)


def groups():
    p = explored("pgd", "-p", str(os.getpid()))
    at = 0
    for g in p["groups"]:
        equal(g["first"], at)
        at = g["last"] + 1
        present = sum(int(p["entries"].get(str(i), "0"), 16) & 1
                      for i in range(g["first"], at))
        equal(g["present"], present)
        if g["first"] >= 256 and g["present"]:
            assert g["tables"] in ("shared", "private"), g
    equal(at, 512)
    by_region = {r: g for g in p["groups"] if g["present"] for r in g["regions"]}
    for region in ("user", "direct_map", "kernel_image"):
        assert region in by_region, by_region
    equal(by_region["user"]["tables"], "private")


def pages_of(entry):
    return int(entry, 16) & 0x000ffffffffff000


def twice():
    """Two processes: other tables for user memory, the same ones for the kernel."""
    with holding("pages") as (a, _), holding("pages") as (b, _):
        one, two = (explored("pgd", "-p", str(pid))["entries"] for pid in (a, b))
    upper = [i for i in range(256, 512) if str(i) in one or str(i) in two]
    for i in upper:
        if i != 272:
            equal(pages_of(one[str(i)]), pages_of(two[str(i)]), f"entry {i}")
    lower = {pages_of(e) for i, e in one.items() if int(i) < 256}
    equal(lower & {pages_of(e) for i, e in two.items() if int(i) < 256}, set())


def ldt():
    """A process with an LDT has an entry of its own, under KPTI only: map_ldt_struct()."""
    kpti = kpti_is_on()
    with holding("special", "ldt") as (pid, by):
        if "none" in by:
            raise Skip("no LDT here")
        row = next(r for r in explored("pgd", "-a")["processes"] if r["pid"] == pid)
        equal(row["kernel_half"]["ldt"], kpti)
        equal(row["kernel_half"]["differ"], 0)
        group = [g for g in explored("pgd", "-p", str(pid))["groups"] if g["regions"] == ["ldt"]]
        equal([g["present"] for g in group], [1 if kpti else 0])
        equal(table_kib(row["tables"]), vm_pte(pid))


def user_table():
    kpti = kpti_is_on()
    user = explored("pgd", "-p", str(os.getpid()))["user_table"]
    equal(user is not None, kpti)
    if kpti and hypervisor_changes_tables():
        assert set(user) <= {"vsyscall"}, user
    elif kpti:
        assert user["cpu_entry_area"]["bytes"] > 0, user
        linear = sum(user.get(r, {"bytes": 0})["bytes"] for r in ("direct_map", "vmalloc"))
        assert linear <= 4096 * os.cpu_count(), user
        equal(user.get("vmemmap"), None)
        equal([r for r in user if user[r]["writable_executable_bytes"]], [])


def sorting():
    rows = explored("pgd", "-a", "--sort", "bytes")["processes"]
    sizes = [r["bytes"] for r in rows if not r["ended"]]
    equal(sizes, sorted(sizes, reverse=True))
    rows = explored("pgd", "-a", "--sort", "comm")["processes"]
    equal([r["comm"] for r in rows], sorted(r["comm"] for r in rows))
    pids = [r["pid"] for r in ALL["processes"]]
    equal(pids, sorted(pids))
    equal(len(explored("pgd", "-a", "--top", "1")["processes"]), 1)


def ending(delay, *args):
    """killed_during() of a process with many pages: that, its pid and its page tables in KiB."""
    with subprocess.Popen([f"{WORK}/pages"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        while not p.stdout.readline().startswith(b"ready"):
            assert p.poll() is None
        kib = vm_pte(p.pid)
        told = killed_during(p, delay, *args, "--format", "json", others=4)
    return *told, p.pid, kib


def all_along(*args):
    """ending() at times all over a run of kvas ARGS, until four of the processes ended
    while kvas read the tables: what is yielded takes True for each of these."""
    started = time.monotonic()
    explored(*(str(os.getpid()) if a == "PID" else a for a in args))
    took = time.monotonic() - started
    ended = 0
    for i in range(1, 60):
        at = i * 0.618034 % 1
        ended += (yield f"killed after {at:.2f} of a run", *ending(at * took, *args))
        yield
        if ended == 4:
            return
    raise AssertionError(f"only {ended} of 59 processes ended in time")


def ends_meanwhile():
    """Of a process that ended while the tables were read nothing is said but that, wherever
    in the run of kvas it ended: what it had, or nothing."""
    runs = all_along("pgd", "-a")
    for when, status_, out, err, pid, kib in runs:
        equal(status_, 0, err)
        a = json.loads(out)
        equal(a["kernel_half"]["differ"], 0)
        for r in a["processes"]:
            equal("tables" in r, not r["ended"])
        mine = [r for r in a["processes"] if r["pid"] == pid]
        for r in mine:
            if not r["ended"]:
                equal(table_kib(r["tables"]), kib, when)
        runs.send(any(r["ended"] for r in mine))


def one_ends_meanwhile():
    runs = all_along("pgd", "-p", "PID")
    for when, status_, out, err, pid, kib in runs:
        if status_:
            equal((status_, out), (1, ""), err)
            assert "ended while" in err or f"no process {pid}" in err or "hidden" in err, err
        else:
            one = json.loads(out)
            equal([g for g in one["groups"] if g["tables"] == "differs"], [])
            equal(table_kib(one["tables"]), kib, when)
        runs.send(f"process {pid} ended while its table was read" in err)


def first_thread_gone():
    """The tables are there while another thread lives."""
    with leaderless() as (pid, _):
        one = explored("pgd", "-p", str(pid))
        row, = (r for r in explored("pgd", "-a")["processes"] if r["pid"] == pid)
        equal((one["pgd"], one["tables"]), (row["pgd"], row["tables"]))


def namespace():
    """In another PID namespace kvas is told of those in it only: of who is hidden and of
    kernel threads it knows nothing, and -p is refused."""
    a = json.loads(in_pid_namespace("pgd", "-a", "--format", "json").stdout)
    equal(a["hidden_processes"], None)
    assert "PID namespace" in a["hidden_processes_why"], a["hidden_processes_why"]
    equal(a["kernel_threads"], None)
    # Itself alone, by its number in the first namespace.
    row, = a["processes"]
    equal(row["comm"], "kvas")
    assert row["pid"] > 1, row
    equal(ALL["hidden_processes_why"], None)
    assert ALL["hidden_processes"] is not None
    text_ = in_pid_namespace("pgd", "-a").stdout
    assert "hides them" not in text_ and "PID namespace" in text_ and \
        "0 kernel threads" not in text_, text_
    equal([line for line in text_.split("\n") if len(line) > 80], [])
    p = in_pid_namespace("pgd", "-p", "1")
    equal((p.returncode, p.stdout), (3, ""), p.stderr)
    assert "PID namespace" in p.stderr, p.stderr
    equal(in_pid_namespace("pgd").returncode, 0)


def text():
    out = narrow("pgd", "-a", "--sort", "bytes")
    assert re.search(r"^\d+ processes have the same upper half, 0 differ", out, re.M), out
    narrow("pgd", "-p", str(os.getpid()))


ALL = explored("pgd", "-a")
check("pgd: tables per process as VmPTE has them", cost)
check("pgd: one with many pages, alone and among all", a_large_process)
check("pgd: what user memory is, as pagemap has it", user_memory)
check("pgd: every process has its row", everyone)
check("pgd: a child has tables of its own", one_address_space)
check("pgd: processes that share one", shared_by_processes)
check("pgd: the kernel half is the same in all", partial(halves, ALL))
check("pgd: the kernel's own table is found by its content", partial(own_table, ALL))
check("pgd: the size of a PGD is what tracing sees", bytes_each)
check("pgd: 512 entries in groups", groups)
check("pgd: two processes share the kernel's tables and no others", twice)
check("pgd: the LDT's entry", ldt)
check("pgd: the user table", user_table)
check("pgd: --sort and --top", sorting)
check("pgd: processes that end while they are read", ends_meanwhile)
check("pgd: one that ends while it is read", one_ends_meanwhile)
check("pgd: a process whose first thread has exited", first_thread_gone)
check("pgd: in a PID namespace of its own", namespace)
check("pgd: text fits 80 columns", text)
for what, code, words, *args in (
        ("a process that is not there", 1, "no process", "-p", "4194301"),
        ("a kernel thread", 1, "kernel thread", "-p", "2"),
        ("-p and -a", 2, "exclude each other", "-a", "-p", "1"),
        ("no such order", 2, "'size'", "-a", "--sort", "size")):
    check(f"pgd: {what}", lambda c=code, w=words, a=args: refuses(c, w, "pgd", *a))
done()
