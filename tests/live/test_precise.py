# SPDX-License-Identifier: GPL-2.0
"""Addresses of data from a PMU: whether there are any by sysfs; the way from an event to a
record with a hardware breakpoint in the PMU's place."""
import os
import subprocess

from lib import Skip, check, done, equal, stat

N = 37
PMUS = "/sys/bus/event_source/devices"


def said():
    s = stat("-F", "99", "--", "true")
    there = [x for x in ("cpu/events/mem-loads", "cpu_core/events/mem-loads", "ibs_op/type")
             if os.path.exists(f"{PMUS}/{x}")]
    precise = s["accesses"]["precise"]
    if precise is None:
        why = s["unknown"]["accesses.precise"]
        assert ("cannot be opened" in why) if there else why.startswith("no PMU here"), why
    else:
        assert there, f"{precise}, and no PMU tells addresses"
        assert set(precise["load"]) <= set(precise["shares"]["load"]), precise


def by_breakpoint():
    p = subprocess.run(["build/live/breakpoint", str(N)], capture_output=True, text=True,
                       timeout=60, check=True)
    lines = [x.split() for x in p.stdout.splitlines()]
    equal(lines[-1], ["done"])
    if lines[0][0] == "none":
        raise Skip("no hardware breakpoints here")
    equal(lines[0][0], "buffer")
    equal(len(lines) - 2, N, "samples")
    for word, address, region, _, stores, loads, _ in lines[1:-1]:
        equal((word, address, region, stores, loads),
              ("sample", lines[0][1], "user", "1", "0"))


check("precise - kvas says which of the PMU's events it uses, or that there are none", said)
check("precise - each write of the kernel to a watched byte is a sample of its address",
      by_breakpoint)
done()
