# SPDX-License-Identifier: GPL-2.0
"""In a guest: kernel addresses of every region, and where kvas walk says they lead, for
tests/vm/test_walk.py to ask the emulator about. Then the guest idles."""
import json
import os
import subprocess
import time

LEFT_TO_THE_HOST = 120  # seconds


def kvas(*args):
    return json.loads(subprocess.run(["kvas", *args], check=True, capture_output=True,
                                     text=True, timeout=100).stdout)


def some(items, count):
    """About COUNT of ITEMS, evenly spread."""
    return items[::max(1, len(items) // count)]


def symbols():
    with open("/proc/kallsyms", encoding="ascii") as f:
        found = [int(line.split()[0], 16) for line in f]
    return some(sorted(a for a in found if a >= 0xffffffff80000000), 150)


def areas():
    """The vmalloc areas there are: real addresses with kptr_restrict 1."""
    with open("/proc/sys/kernel/kptr_restrict", "w", encoding="ascii") as f:
        f.write("1")
    with open("/proc/vmallocinfo", encoding="ascii") as f:
        return {int(line.split("-")[0], 16) for line in f if "unpurged" not in line}


def in_areas(found):
    """The first page and one that may be the guard page of a small area."""
    return [(a, a + off) for a in some(sorted(found), 80) for off in (0x18, 0x4008)]


def where(table):
    """The physical address, "hole" or "unknown"; "none" when there is no such table."""
    if table is None:
        return "none"
    return table["physical"] if table["mapped"] else "hole" if table["mapped"] is False else "unknown"


def walks(asked):
    """{address: where it leads, in the kernel's table and in user mode's, and its region}.
    Of process 1: kvas's own stack is gone when the emulator is asked."""
    found = kvas("walk", "-p", "1", "--format", "json", "task", "stack", "mm", "pgd",
                 *(f"{a:x}" for a in asked))["walks"]
    return {w["address"]: (where(w["table"]), where(w["user_table"]), w["region"])
            for w in found}


def say(first, second, passing):
    """PASSING addresses lie in areas that another may take the place of while this runs, as
    kernel stacks do: those that did not stay as they were are left out, and counted."""
    moved = {a for a in passing if first[a] != second[a]}
    for address, answer in second.items():
        if address not in moved:
            print("@@ WALK", address, *answer)
    print(f"@@ MOVED {len(moved)} {len(passing)}")


def main():
    before = areas()
    host = kvas("stat", "-d", "0.001", "--format", "json")["host"]
    page_offset = int(host["page_offset"], 16)
    vmemmap = int(host["vmemmap_base"], 16)
    in_area = in_areas(before)
    asked = symbols() + [va for _, va in in_area]
    asked += [page_offset + i * 0x6f5008 for i in range(150)]  # RAM is 1 GiB: some are holes
    asked += [vmemmap + i * 0x51040 for i in range(60)]
    asked += [0xfffffe0000000000 + i * 4096 for i in range(64)]  # cpu_entry_area
    asked += [0xffffffffff600000 - i * 4096 for i in range(64)]  # fixmap
    asked += [0xffffff0000000000, 0xffffffef00000000, 0xffffffffa0000000]
    first = walks(asked)
    print(f"@@ HOST {host['paging_levels']} {host['kpti']} {host['kaslr']}")
    # CPU 0 stays in user mode from here on, CPU 1 idles in the kernel.
    os.sched_setaffinity(0, {1})
    spinner = subprocess.Popen(["taskset", "1", "sh", "-c", "while :; do :; done"])
    time.sleep(1)
    pgd = kvas("pgd", "-p", str(spinner.pid), "--format", "json")
    user = {name: r["bytes"] for name, r in (pgd["user_table"] or {}).items()}
    print(f"@@ SPIN {pgd['physical']}")
    print(f"@@ USER {json.dumps(user)}")
    regions = kvas("layout", "--format", "json")["regions"]
    print(f"@@ LAYOUT {json.dumps(regions)}")
    facts = {f["id"]: f["verdict"] for f in kvas("check", "--format", "json")["facts"]}
    print(f"@@ FACTS {json.dumps(facts)}")
    time.sleep(2)  # what kvas had is given back late
    second = walks(asked)
    after = areas()
    gone = {va for area, va in in_area if area not in after}
    say(first, {a: w for a, w in second.items() if int(a, 16) not in gone},
        {f"0x{va:x}" for _, va in in_area if va not in gone})
    time.sleep(2)
    print("@@ READY", flush=True)
    time.sleep(LEFT_TO_THE_HOST)
    spinner.kill()


main()
