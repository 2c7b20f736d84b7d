# SPDX-License-Identifier: GPL-2.0
"""kvas walk against /proc/PID/pagemap, /proc/vmallocinfo, and bad addresses."""
import os
import re
import signal
import struct
import subprocess
import time

from lib import KVAS, check, done, equal, explored, holding, in_pid_namespace, narrow, refuses

PRESENT, SOFT_DIRTY = 1 << 63, 1 << 55


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


def same_page_twice(pid, by):
    """A page of another process at its direct-map address is the same physical page."""
    address = by["page"][100]
    there, = walk("-p", str(pid), f"{address:x}")
    here, = walk(there["direct_map_alias"])
    equal(here["region"], "direct_map")
    equal(here["table"]["physical"], there["table"]["physical"])
    equal(here["table"]["user"], False)


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


def leaderless():
    """The first thread has called pthread_exit: the memory is there while another lives."""
    with holding("special", "leaderless") as (pid, by):
        while True:
            with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    break
        address, = by["page"]
        w, = walk("-p", str(pid), f"{address:x}")
        # pagemap of the dead leader is empty: that of the thread.
        tid, = (int(t) for t in os.listdir(f"/proc/{pid}/task") if int(t) != pid)
        equal(w["pid"], pid)
        agrees(tid, address, w)
        equal(w["table"]["mapped"], True)


def killed_during(part):
    """A process is killed when kvas may have done that PART of many walks through its table."""
    with subprocess.Popen(["sleep", "60"]) as p:
        asked = [KVAS, "walk", "-p", str(p.pid)] + [f"{0x400000 + i * 4096:x}" for i in range(60000)]
        before = time.monotonic()
        equal(subprocess.run(asked, stdout=subprocess.DEVNULL, check=False).returncode, 0)
        took = time.monotonic() - before
        with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as k:
            time.sleep(took * part)
            k.send_signal(signal.SIGSTOP)
            p.kill()
            p.wait()
            k.send_signal(signal.SIGCONT)
            out, err = k.communicate(timeout=60)
    return k.returncode, out, err, p.pid


def ended():
    """None of the walks is shown, for some were through a table that was given back."""
    for part in (0.3, 0.5, 0.4, 0.6, 0.3, 0.5):
        status, out, err, pid = killed_during(part)
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


def text():
    assert "not mapped: it ends at the " in narrow("walk", "stack", "_text", "0x10")


with holding("pages") as (PID, BY):
    check("walk: 1009 pages as pagemap has them", lambda: user_pages(PID, BY))
    check("walk: huge pages as pagemap and smaps have them", lambda: huge_pages(PID, BY))
    check("walk: a user page has its alias in the direct map", lambda: same_page_twice(PID, BY))
check("walk: a process whose first thread has exited", leaderless)
check("walk: a process that ends meanwhile", ended)
check("walk: in a PID namespace of its own", namespace)
check("walk: a process's own objects, and a symbol", objects)
check("walk: text fits 80 columns", text)
check("walk: a process that is not there", lambda: refuses(1, "no process", "walk", "-p", "4194301", "mm"))
check("walk: a kernel thread has no mm", lambda: refuses(1, "kernel thread", "walk", "-p", "2", "mm"))
check("walk: nor user memory", lambda: refuses(1, "kernel thread", "walk", "-p", "2", "0x1000"))
check("walk: no canonical address", lambda: refuses(1, "must be equal", "walk", "8000000000000000"))
check("walk: garbage", lambda: refuses(2, "'xyzzy-1'", "walk", "xyzzy-1"))
check("walk: too long", lambda: refuses(2, "0x1ffffffffffffffff", "walk", "0x1ffffffffffffffff"))
check("walk: nothing", lambda: refuses(2, "needs an address", "walk"))
done()
