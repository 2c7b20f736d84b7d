# SPDX-License-Identifier: GPL-2.0
"""kvas walk against /proc/PID/pagemap, /proc/vmallocinfo, and bad addresses."""
import contextlib
import ctypes
import json
import mmap
import os
import re
import struct
import subprocess
import time

from lib import KVAS, Skip, check, done, equal, explored, holding, hypervisor_changes_tables, \
    in_pid_namespace, killed_during, kpti_is_on, kvas, leaderless, narrow, nofault, refuses, seeing

PRESENT, SWAPPED, SOFT_DIRTY = 1 << 63, 1 << 62, 1 << 55
MADV_HUGEPAGE, MADV_PAGEOUT = 14, 21
LIBC = ctypes.CDLL(None, use_errno=True)


def walk(*args):
    return explored("walk", *args)["walks"]


def pagemap(pid, address):
    with open(f"/proc/{pid}/pagemap", "rb") as f:
        f.seek(address // 4096 * 8)
        return struct.unpack("<Q", f.read(8))[0]


def agrees(pid, address, w):
    e = pagemap(pid, address)
    t = w["table"]
    equal(int(w["address"], 16), address)
    equal(t["mapped"], bool(e & PRESENT), w["address"])
    if not e & PRESENT:
        return
    equal(int(t["physical"], 16) >> 12, e & ((1 << 55) - 1), w["address"])
    flags = t["steps"][-1]["flags"].split()
    if t["leaf_bytes"] == 4096:
        equal("SD" in flags, bool(e & SOFT_DIRTY), f"soft-dirty {w['address']}")
    equal(t["user"], True, w["address"])


def user_pages(pid, by):
    holes = set(by["hole"])
    asked = by["page"]
    equal(len(asked), 1009)
    rows = walk("-p", str(pid), *(f"{a:x}" for a in asked))
    for address, w in zip(asked, rows):
        agrees(pid, address, w)
        equal(w["table"]["mapped"], address not in holes, w["address"])
        equal(w["region"], "user")
    for w in rows[:10]:
        equal(w["table"]["write"], False, "mprotect made it read-only")
    for w in rows[40:50]:
        equal(w["table"]["write"], True)
        equal(w["table"]["execute"], False)


def huge_pages(pid, by):
    rows = walk("-p", str(pid), *(f"{a:x}" for a in by["huge"]))
    for address, w in zip(by["huge"], rows):
        agrees(pid, address, w)
    with open(f"/proc/{pid}/smaps", encoding="ascii") as f:
        kib = sum(int(m) for m in re.findall(r"^AnonHugePages:\s+(\d+) kB", f.read(), re.M))
    # Each address stands for 64 pages; the huge ones are those the kernel says there are.
    equal(sum(w["table"]["leaf_bytes"] == 2 << 20 for w in rows) * 64 * 4, kib)


def frame(pid, address):
    return (pagemap(pid, address) & ((1 << 55) - 1)) << 12


def memory_of_ours(size, align=4096):
    """Memory of this process: the mapping, which is to be kept, and an address in it."""
    m = mmap.mmap(-1, size + align, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    at = ctypes.addressof(ctypes.c_char.from_buffer(m))
    return m, (at + align - 1) // align * align


def forbid(address, size):
    equal(LIBC.mprotect(ctypes.c_void_p(address), size, 0), 0)


def allow(address, size):
    equal(LIBC.mprotect(ctypes.c_void_p(address), size, mmap.PROT_READ | mmap.PROT_WRITE), 0)


def prot_none(size, align, leaf):
    """A page that nothing may touch stays where it was, as pagemap has it."""
    m, at = memory_of_ours(size, align)
    if leaf > 4096:
        LIBC.madvise(ctypes.c_void_p(at), size, MADV_HUGEPAGE)
    ctypes.memset(at, 1, size)
    before, = walk("-p", str(os.getpid()), f"{at + 8:x}")
    if before["table"]["leaf_bytes"] != leaf:
        raise Skip("the kernel gave no huge page")
    forbid(at, size)
    try:
        after, = walk("-p", str(os.getpid()), f"{at + 8:x}")
        said = narrow("walk", "-p", str(os.getpid()), f"{at + 8:x}")
    finally:
        allow(at, size)
    t = after["table"]
    equal((before["table"]["state"], t["state"], t["mapped"]), ("mapped", "prot_none", False))
    equal(int(t["physical"], 16), frame(os.getpid(), at) + 8)
    equal((t["physical"], t["leaf_bytes"]), (before["table"]["physical"], leaf))
    assert f"PROT_NONE: physical {int(t['physical'], 16):#x}, " in said, said
    del m


@contextlib.contextmanager
def swap_area():
    path = "/var/tmp/kvas-test-swap"
    with open(path, "wb") as f:
        os.fchmod(f.fileno(), 0o600)
        f.write(bytes(8 << 20))
    try:
        for argv in (["mkswap", path], ["swapon", path]):
            p = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
            if p.returncode:
                raise Skip("no swap area can be made here")
        try:
            yield
        finally:
            subprocess.run(["swapoff", path], check=True, timeout=60)
    finally:
        os.unlink(path)


def swapped():
    """Where a page went that was swapped out, as pagemap has it."""
    with swap_area():
        m, at = memory_of_ours(64 * 4096)
        ctypes.memset(at, 1, 64 * 4096)
        equal(LIBC.madvise(ctypes.c_void_p(at), 64 * 4096, MADV_PAGEOUT), 0)
        out = [at + i * 4096 for i in range(64) if pagemap(os.getpid(), at + i * 4096) & SWAPPED]
        if not out:
            raise Skip("the kernel swapped nothing out")
        rows = walk("-p", str(os.getpid()), *(f"{a:x}" for a in out))
        # Reading pagemap and walking swap nothing in.
        e = [pagemap(os.getpid(), a) for a in out]
        equal([w["table"]["state"] for w in rows], ["swapped"] * len(rows))
        equal([(w["table"]["swap_type"], w["table"]["swap_offset"]) for w in rows],
              [(x & 31, x >> 5 & ((1 << 50) - 1)) for x in e])
        equal({w["table"]["physical"] for w in rows}, {None})
        del m


def same_page_twice(pid, by):
    """A page of another process at its direct-map address is the same physical page."""
    address = by["page"][100]
    there, = walk("-p", str(pid), f"{address:x}")
    here, = walk(there["direct_map_alias"])
    equal(here["region"], "direct_map")
    equal(here["table"]["physical"], there["table"]["physical"])
    equal(here["table"]["user"], hypervisor_changes_tables())
    equal([w["in_direct_map"] for w in (there, here)], [True, True])
    equal(here["direct_map_alias"], None, "it is itself there")


def devices():
    """A device's registers in the fixmap are no memory: the direct map has none of them."""
    with open("/proc/iomem", encoding="ascii") as f:
        apics = [int(a, 16) for a in
                 re.findall(r"^\s*([0-9a-f]+)-[0-9a-f]+ : (?:Local APIC|IOAPIC \d+)$", f.read(), re.M)]
    rows = [w for w in walk(*(f"{a:x}" for a in range(0xffffffffff400000, 0xffffffffff600000, 4096)))
            if w["table"]["mapped"] and int(w["table"]["physical"], 16) in apics]
    if not rows:
        raise Skip("no APIC in the fixmap here")
    equal({(w["direct_map_alias"], w["in_direct_map"]) for w in rows}, {(None, False)})
    page_offset = int(explored("layout")["page_offset"], 16)
    there = [f"0x{page_offset + int(w['table']['physical'], 16):x}" for w in rows]
    equal([w["table"]["mapped"] for w in walk(*there)], [False] * len(rows))
    said = narrow("walk", *(w["address"] for w in rows))
    equal(re.findall(r"^  not in the direct map: (0x\w+) is not mapped there$", said, re.M), there)


def objects():
    rows = walk("task", "stack", "mm", "pgd", "_text")
    equal([w["table"]["mapped"] for w in rows], [True] * 5)
    regions = [w["region"] for w in rows]
    equal((regions[0], regions[2:]), ("direct_map", ["direct_map", "direct_map", "kernel_image"]))
    equal(regions[1], "vmalloc")
    # The identity mapping: physical is virtual less a constant, the same for all three.
    base = {int(w["address"], 16) - int(w["table"]["physical"], 16)
            for w in rows if w["region"] == "direct_map"}
    equal(len(base), 1)
    equal(rows[4]["symbol"], "_text")
    equal(rows[4]["table"]["execute"], True)


def first_thread_gone():
    """The memory is there while another thread lives."""
    with leaderless() as (pid, by):
        address, = by["page"]
        w, = walk("-p", str(pid), f"{address:x}")
        # pagemap of the dead leader is empty: that of the thread.
        tid, = (int(t) for t in os.listdir(f"/proc/{pid}/task") if int(t) != pid)
        equal(w["pid"], pid)
        agrees(tid, address, w)
        equal(w["table"]["mapped"], True)


def ending(part):
    """killed_during() of a process: that, and its pid. A process is killed when kvas may have done that PART of many walks through its table."""
    with subprocess.Popen(["sleep", "60"]) as p:
        asked = ["walk", "-p", str(p.pid)] + [f"{0x400000 + i * 4096:x}" for i in range(60000)]
        before = time.monotonic()
        equal(subprocess.run([KVAS, *asked], stdout=subprocess.DEVNULL, check=False).returncode, 0)
        told = killed_during(p, (time.monotonic() - before) * part, *asked)
    return *told, p.pid


def ended():
    """None of the walks is shown, for some were through a table that was given back."""
    for part in (0.3, 0.5, 0.4, 0.6, 0.3, 0.5):
        status, out, err, pid = ending(part)
        if not status or f"no process {pid} " in err: # after all reading, or before it
            continue
        equal((status, out), (1, ""), err)
        assert f"process {pid} (sleep) ended while its table was read" in err, err
        return
    raise AssertionError("no process ended in time, or none was noticed")


def namespace():
    """Numbers of another PID namespace name other processes to the kernel: none is walked."""
    p = in_pid_namespace("walk", "-p", "1", "mm")
    equal((p.returncode, p.stdout), (3, ""), p.stderr)
    assert "PID namespace" in p.stderr and "without -p" in p.stderr, p.stderr
    p = in_pid_namespace("walk", "mm")
    equal(p.returncode, 0, p.stderr)
    assert "(kvas)" in p.stdout, p.stdout


def borrowed():
    """Who has no table is not said to have the one that was walked."""
    zombie = os.fork()
    if not zombie:
        os._exit(0)
    try:
        os.waitid(os.P_PID, zombie, os.WEXITED | os.WNOWAIT)
        for pid, name in ((2, "stack"), (zombie, "_text")):
            w, = walk("-p", str(pid), name)
            equal((w["pid"], w["table_of"]), (pid, "kvas"))
            said = kvas("walk", "-p", str(pid), name).stdout
            assert f", by the tables of kvas ({pid} has none)\n" in said, said
    finally:
        os.waitpid(zombie, 0)
    equal({w["table_of"] for w in walk("-p", str(os.getpid()), "_text", "mm")}, {"process"})


def kpti_unknown():
    """Without /proc/cpuinfo, whether there is a second table is not known, not "no"."""
    said = seeing({"/proc/cpuinfo": ""}, "walk", "_text").stdout
    assert "\nwhether user mode has a table of its own (KPTI) is unknown:\n  /proc/cpuinfo " in said, said
    equal(json.loads(seeing({"/proc/cpuinfo": ""}, "walk", "--format", "json", "_text").stdout)["kpti"],
          None)
    equal(explored("walk", "_text")["kpti"], kpti_is_on())
    equal(walk("_text")[0]["user_table"] is not None, kpti_is_on())


def symbols_of_others():
    """A module's or BPF program's symbol is taken where the kernel has none of that name, and
    never for one of those the layout is made from; a per-CPU offset is no address."""
    with open("/proc/kallsyms", encoding="ascii") as f:
        real = f.read()
    start = int(walk("_text")[0]["address"], 16)
    fake = {"/proc/kallsyms": f"{start + 0x40:016x} t both\t[mod]\n{start + 0x50:016x} T _text\t[mod]\n"
                              f"{start + 0x20:016x} t both\n{start + 0x30:016x} t theirs\t[mod]\n"
                              "0000000000012340 A counts\n" + real}

    p = seeing(fake, "walk", "--format", "json", "both", "theirs", "_text")
    equal([int(w["address"], 16) - start for w in json.loads(p.stdout)["walks"]], [0x20, 0x30, 0])
    p = seeing(fake, "layout", "--format", "json")
    equal(json.loads(p.stdout)["text"], explored("layout")["text"])
    p = seeing(fake, "walk", "counts")
    equal((p.returncode, p.stdout), (2, ""))
    assert "'counts' is 0x12340 in /proc/kallsyms: a per-CPU offset, not an address" in p.stderr, p.stderr
    p = seeing({"/proc/kallsyms": re.sub("^[0-9a-f]+", "0" * 16, real, flags=re.M)}, "walk", "_text")
    assert p.returncode == 2 and "kptr_restrict" in p.stderr, p.stderr


def one_of_several():
    """A name that several symbols have is not taken for one of them."""
    places = {}
    with open("/proc/kallsyms", encoding="ascii") as f:
        for line in f:
            address, _, name, *module = line.split()
            at = places.setdefault(name, [])
            if (address, module) not in at:
                at.append((address, module))
    name, at = next((n, a) for n, a in places.items()
                    if 2 < len(a) < 32 and not any(m for _, m in a) and n.isidentifier())
    p = kvas("walk", name)
    equal((p.returncode, p.stdout), (2, ""))
    equal(re.findall(r"^  #(\d+) 0x(\w+) kernel$", p.stderr, re.M),
          [(str(i + 1), a) for i, (a, _) in enumerate(at)])
    rows = walk(*(f"{name}#{i + 1}" for i in range(len(at))))
    equal([w["address"] for w in rows], ["0x" + a for a, _ in at])
    equal(kvas("walk", f"{name}#{len(at) + 1}").returncode, 2)
    # As an oops has it.
    plain, within = walk("schedule", "schedule+0x10/0x200")
    equal(int(within["address"], 16) - int(plain["address"], 16), 16)
    equal(within["symbol"], "schedule+0x10")


def of_a_bpf_program():
    """Where the kernel has put a program that is loaded there is code."""
    with nofault():
        with open("/proc/kallsyms", encoding="ascii") as f:
            found = [line.split() for line in f if re.search(r" bpf_prog_\w+_kread\t", line)]
        assert found, "no program in /proc/kallsyms"
        address, _, name, _ = found[0]
        # kvas loads that program too, which has the same name then.
        said = re.search(rf"^  #(\d+) 0x{address} bpf$", kvas("walk", f"bpf:{name}").stderr, re.M)
        w, = walk(f"bpf:{name}#{said.group(1)}" if said else name)
        equal((w["address"], w["region"], w["table"]["execute"]), ("0x" + address, "modules", True))


def nearest():
    """Data between two symbols may be another's: only code is a symbol's up to the next."""
    table = int(explored("pgd", "-a")["kernel_table_found"], 16) + 8
    with open("/proc/kallsyms", encoding="ascii") as f:
        starts = [(int(line.split()[0], 16), line.split()[2]) for line in f]
    before, code = (max(a for a, _ in starts if a <= x) for x in (table, TEXT + 0x25))
    data, text = walk(f"{table:x}", f"{TEXT + 0x25:x}")
    equal(data["symbol"], None)
    assert (before, data["nearest_symbol"].split("+")[0]) in starts, data
    equal(data["nearest_symbol"].split("+")[1], f"0x{table - before:x}")
    equal(text["nearest_symbol"], None)
    assert (code, text["symbol"].split("+")[0]) in starts, text
    equal(text["symbol"].split("+")[1], f"0x{TEXT + 0x25 - code:x}")
    assert f"\nnearest symbol before: {data['nearest_symbol']}\n" in narrow("walk", f"{table:x}")
    # At its start a symbol of data is one.
    w, = walk(f"{before:x}")
    equal(w["nearest_symbol"], None)
    assert (before, w["symbol"]) in starts, w


def some_bad():
    """One bad address does not cost the results of the others."""
    good = ("_text", "pgd", "0x10")
    for bad, status, words in ((("no_such",), 2, ["'no_such'"]), (("8000000000000000",), 1, ["equal"]),
                               (("8000000000000000", "no_such"), 1, ["equal", "'no_such'"])):
        args = [good[0], *bad, *good[1:]]
        p = kvas("walk", "--format", "json", *args)
        equal([w["asked"] for w in json.loads(p.stdout)["walks"]], list(good))
        equal(p.returncode, status, p.stderr)
        said = p.stderr.splitlines()
        equal(len(said), len(bad), p.stderr)
        assert all(line.startswith("kvas: ") and w in line for line, w in zip(said, words)), said
        p = kvas("walk", *args)
        equal((p.returncode, len(re.findall("^0x", p.stdout, re.M))), (status, 3))


def text():
    assert "not mapped: the walk ends at the " in narrow("walk", "stack", "_text", "0x10")


with holding("pages") as (PID, BY):
    check("walk: 1009 pages as pagemap has them", lambda: user_pages(PID, BY))
    check("walk: huge pages as pagemap and smaps have them", lambda: huge_pages(PID, BY))
    check("walk: a user page has its alias in the direct map", lambda: same_page_twice(PID, BY))
check("walk: PROT_NONE, a 4K page", lambda: prot_none(4096, 4096, 4096))
check("walk: PROT_NONE, a 2M page", lambda: prot_none(2 << 20, 2 << 20, 2 << 20))
check("walk: pages that were swapped out", swapped)
check("walk: a process whose first thread has exited", first_thread_gone)
check("walk: a process that ends meanwhile", ended)
check("walk: a device's page has no alias in the direct map", devices)
check("walk: in a PID namespace of its own", namespace)
check("walk: a process's own objects, and a symbol", objects)
check("walk: who has no table is walked by kvas's", borrowed)
check("walk: whether there is a second table may be unknown", kpti_unknown)
check("walk: a name that several symbols have", one_of_several)
check("walk: symbols of modules and per-CPU offsets", symbols_of_others)
check("walk: a BPF program's symbol is where its code is", of_a_bpf_program)
TEXT = int(walk("_text")[0]["address"], 16)
check("walk: data is not said to be in a symbol before it", nearest)
check("walk: a blank and a sign", lambda: refuses(2, "' -5'", "walk", " -5"))
check("walk: no digit", lambda: refuses(2, "'0x'", "walk", "0x"))
check("walk: a bad address among good ones", some_bad)
check("walk: text fits 80 columns", text)
check("walk: a process that is not there", lambda: refuses(1, "no process", "walk", "-p", "4194301", "mm"))
check("walk: a kernel thread has no mm", lambda: refuses(1, "kernel thread", "walk", "-p", "2", "mm"))
check("walk: nor user memory", lambda: refuses(1, "kernel thread", "walk", "-p", "2", "0x1000"))
check("walk: no canonical address", lambda: refuses(1, "must be equal", "walk", "8000000000000000"))
check("walk: garbage", lambda: refuses(2, "'xyzzy-1'", "walk", "xyzzy-1"))
check("walk: too long", lambda: refuses(2, "0x1ffffffffffffffff", "walk", "0x1ffffffffffffffff"))
check("walk: nothing", lambda: refuses(2, "needs an address", "walk"))
done()
