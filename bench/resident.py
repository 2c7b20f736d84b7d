# SPDX-License-Identifier: GPL-2.0
"""Resident memory of kvas, and that of its rings apart: they are mapped twice, so that a record
never wraps."""
import re


def resident(pid):
    """(MiB beside the rings, MiB of the rings) of process PID."""
    total = rings = 0
    with open(f"/proc/{pid}/smaps", encoding="latin-1") as f:
        for line in f:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                ring = "bpf-map" in line or "bpf_ringbuf" in line
            elif line.startswith("Rss:"):
                kib = int(line.split()[1])
                total += kib
                rings += kib if ring else 0
    return (total - rings) / 1024, rings / 1024
