# SPDX-License-Identifier: GPL-2.0
"""kvas dmap --watch against the kernel's own counters and a process that splits."""
import json
import re
import signal
import subprocess
import time

from lib import KVAS, Skip, check, done, equal, holding, refuses

# Reading the tables, naming a stack: an emulated guest takes seconds for it.
PATIENCE = 60


def small_kb():
    with open("/proc/meminfo", encoding="ascii") as f:
        return int(re.search(r"^DirectMap4k:\s+(\d+) kB$", f.read(), re.M).group(1))


# Without a hook the time is that of the look, every 100 ms.
SEEN_LATER = (0, 10**9)


class Watch:
    """kvas dmap --watch, and the objects it has printed."""

    def __init__(self, *args):
        self.p = subprocess.Popen([KVAS, "dmap", "--watch", "--format", "json", *args],
                                  stdout=subprocess.PIPE, text=True)
        self.head = json.loads(self.p.stdout.readline())

    def end(self):
        """[lines], and the closing one. It ends as a user ends it."""
        self.p.send_signal(signal.SIGINT)
        out, _ = self.p.communicate(timeout=PATIENCE)
        equal(self.p.returncode, 0)
        lines = [json.loads(line) for line in out.splitlines()]
        equal([x["type"] == "end" for x in lines], [False] * (len(lines) - 1) + [True])
        return lines[:-1], lines[-1]


def split_some():
    """Have a process split the direct map: (its pid, its name). Pages of the kernel's that
    are free lie where it is split already; the more are in use, the sooner it splits."""
    before = small_kb()
    for megabytes in (1, 4, 16, 64, 128, 256, 512):
        if megabytes > free_mb() // 3:
            break
        with holding("special", "secret", str(megabytes * 256)) as (pid, by):
            secret = "none" not in by
        if not secret:
            # Before there is secret memory, each BPF program is pages of its own.
            with holding("special", "hold", str(megabytes)):
                p = subprocess.Popen([KVAS, "hooks"], stdout=subprocess.DEVNULL)
                p.wait(timeout=PATIENCE)
                pid = p.pid
        if small_kb() != before:
            return pid, "special" if secret else "kvas"
    return None


def free_mb():
    with open("/proc/meminfo", encoding="ascii") as f:
        return int(re.search(r"^MemAvailable:\s+(\d+) kB$", f.read(), re.M).group(1)) // 1024


def quiet():
    """Wait until nothing is split for a second: (a time within it, the counter). What
    attaches and ends leaves work behind for others, who split."""
    for _ in range(20):
        before, middle = small_kb(), None
        time.sleep(0.5)
        middle = time.time_ns()
        time.sleep(0.5)
        if small_kb() == before:
            return middle, before
    raise AssertionError("the direct map was never left alone for a second")


def seen(*avoid):
    w = Watch(*avoid)
    try:
        began, before = quiet()
        who = split_some()
        ended, after = quiet()
    finally:
        lines, end = w.end()
    split_kb = after - before
    # A split makes 512 pages of 4K; those in other mappings of the same memory count too.
    now = [x for x in lines if began <= x["unix_ns"] <= ended + SEEN_LATER[w.head["hooks"] is None]]
    small = [(-1) ** (x["type"] == "collapse") for x in now if "4K" in (x["from"], x["to"])]
    equal(sum(small) * 2048, split_kb)
    equal(end["splits_2m"] + end["elsewhere"],
          sum(x["type"] == "split" and x["from"] == "2M" for x in lines))
    equal(end["lost"], 0)
    # Splits stay for as long as the machine is up, and these tests use the same memory each
    # time. A guest has just booted: matrix.py takes no skip from it.
    if not who or split_kb <= 0:
        raise Skip("the memory that is free here was split before")
    return w, who, now


def hooked():
    with open("/proc/kallsyms", encoding="ascii") as f:
        names = f.read()
    return " direct_pages_count\n" in names


def told(*avoid):
    """Each split has its process, and the last line of each call the way into it."""
    w, who, lines = seen(*avoid)
    if w.head["hooks"] is None:
        assert w.head["why"], w.head
        equal({x["pid"] for x in lines} - {None}, set())
        return
    if avoid:
        equal(w.head["hooks"], "kprobe")
    equal([x for x in lines if x["pid"] is None], [])
    # BPF programs are freed by a worker, and split then too.
    whose = {(x["pid"], x["comm"]) for x in lines}
    assert who in whose or who[1] == "kvas" and any("kworker" in c for _, c in whose), whose
    stacks = [x["stack"] for x in lines if x["stack"] and
              ((x["pid"], x["comm"]) == who or who[1] == "kvas")]
    assert stacks, lines
    for stack in stacks:
        names = [frame.split("+")[0] for frame in stack]
        wanted = "set_direct_map|secretmem" if who[1] == "special" else "set_memory|bpf"
        assert any(re.search(wanted, n) for n in names), names
        assert "__change_page_attr_set_clr" not in names, names


def text():
    p = subprocess.run([KVAS, "dmap", "--watch", "-d", "0.3"], capture_output=True, text=True,
                       timeout=PATIENCE, check=True)
    assert all(len(line) <= 80 for line in p.stdout.split("\n")), p.stdout
    assert "TIME" in p.stdout and " splits of 1G" in p.stdout, p.stdout


check("watch - as many splits as the kernel counts, and whose they are", told)
if hooked():
    check("watch - so by kprobes", lambda: told("--avoid", "fentry,fexit"))
check("watch - text fits 80 columns", text)
check("watch - an option that is not there", lambda: refuses(2, "--watc", "dmap", "--watchh"))
done()
