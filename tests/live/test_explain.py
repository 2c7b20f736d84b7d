# SPDX-License-Identifier: GPL-2.0
"""kvas explain: each answer's figures against another command, /proc, or a calculation of the test's own."""
import re
import subprocess
import sys

from lib import KVAS, check, done, equal, explored, kvas, narrow

TOPICS = [t["topic"] for t in explored("explain")["topics"]]


def said(topic):
    """The paragraphs, as one text."""
    doc, = explored("explain", topic)["topics"]
    equal(doc["topic"], topic)
    return "\n".join(doc["answer"])


def short(topic):
    """At most 20 lines of 80 columns: the question, the answer, and a command that there is."""
    lines = narrow("explain", topic).rstrip("\n").split("\n")
    assert 4 <= len(lines) <= 20, (len(lines), lines)
    assert lines[0].endswith("?"), lines[0]
    command = re.fullmatch(r"more: kvas (\w+).*", lines[-1])[1]
    equal(kvas(command, "--help").returncode, 0)


def lists():
    """Without a topic, and without root: each topic and its question."""
    lines = narrow("explain").rstrip("\n").split("\n")
    equal([line.split()[0] for line in lines], TOPICS)
    assert all(line.endswith("?") for line in lines), lines
    p = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", KVAS, "explain"],
                       capture_output=True, text=True, timeout=60, check=False)
    equal((p.returncode, p.stdout.rstrip("\n").split("\n")), (0, lines))


def by_hand():
    """The walk's numbers, put together as the answer says, are the physical address it tells."""
    text = said("translate")
    va = int(re.search(r"Take 0x([0-9a-f]+)", text)[1], 16)
    steps = re.findall(r"(PGD|P4D|PUD|PMD|PTE)\[(\d+)\] is ([0-9a-f]{16})", text)
    levels = explored("walk", f"{va:x}")["walks"][0]["table"]
    shift = 12 + 9 * (explored("layout")["paging_levels"] - 1)
    for name, index, _ in steps:
        equal(int(index), va >> shift & 511, name)
        shift -= 9
    entry = int(steps[-1][2], 16)
    low = (1 << (shift + 9)) - 1
    physical = (entry & ((1 << 52) - 1) & ~low) | (va & low)
    equal(f"0x{physical:x}", re.search(r"make physical (0x[0-9a-f]+)", text)[1])
    equal(physical, int(levels["physical"], 16))


def page_offset():
    layout = explored("layout")
    equal(re.search(r"is (0x[0-9a-f]+);", said("page-offset"))[1], layout["page_offset"])


def meminfo_lines():
    text = said("directmap-lines")
    with open("/proc/meminfo", encoding="ascii") as f:
        lines = re.findall(r"^(DirectMap\w+): +(\d+) kB$", f.read(), re.M)
    equal(sum(int(n) for _, n in lines),
          sum(int(n) for n in re.findall(r"DirectMap\w+ (\d+) kB", text)), text)


def one_table():
    doc, text = explored("pgd", "-a"), said("kernel-table")
    if doc["kernel_table"]:
        assert doc["kernel_table"].removeprefix("0x").lstrip("0") in text, (doc["kernel_table"], text)
    equal(int(re.search(r"Here (\d+) processes have that same", text)[1]) > 0, True, text)


def interrupts():
    """The timer's are among the most, or the machine has no such line."""
    names = re.findall(r"\d+ of (\w+) \(", said("interrupts"))
    with open("/proc/interrupts", encoding="ascii", errors="replace") as f:
        there = [line.split(":")[0].strip() for line in f.readlines()[1:]]
    assert names and set(names) <= set(there), (names, there)


for TOPIC in TOPICS:
    check(f"explain {TOPIC}: short, and says where there is more", lambda t=TOPIC: short(t))
check("explain: the list", lists)
check("explain: a translation by hand", by_hand)
check("explain: PAGE_OFFSET", page_offset)
check("explain: the lines of /proc/meminfo", meminfo_lines)
check("explain: the kernel's own table", one_table)
check("explain: interrupts", interrupts)
check("explain: no such topic", lambda: equal(
    (kvas("explain", "nothing").returncode, "there is no topic 'nothing'" in kvas("explain", "nothing").stderr),
    (2, True)))
done()
