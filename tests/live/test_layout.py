# SPDX-License-Identifier: GPL-2.0
"""kvas layout against /proc/iomem, /proc/kallsyms, /proc/vmallocinfo and sysfs."""
import gzip
import json
import os
import re

from lib import check, done, equal, explored, narrow, nofault, plain_pointers, refuses, seeing

PAGE = 4096
GIB = 1 << 30


def region(layout, name):
    return next(r for r in layout["regions"] if r["name"] == name)


def iomem(words):
    """[(start, end)] of /proc/iomem's lines that name WORDS, end exclusive."""
    with open("/proc/iomem", encoding="ascii") as f:
        found = re.findall(r"^\s*([0-9a-f]+)-([0-9a-f]+) : (.*)$", f.read(), re.M)
    return [(int(a, 16), int(b, 16) + 1) for a, b, what in found if what == words]


def symbol(name):
    with open("/proc/kallsyms", encoding="ascii") as f:
        return next((int(line.split()[0], 16) for line in f if line.split()[2] == name), None)


def areas():
    """{start: (bytes, what)} of what vmalloc has handed out and maps."""
    with open("/proc/vmallocinfo", encoding="ascii") as f:
        lines = [line.split() for line in f]
    return {int(w[0].split("-")[0], 16): (int(w[1]), w[2:]) for w in lines
            if "unpurged" not in w and "vm_map_ram" not in w}


def bounds():
    """The direct map begins where the image's twin says, and ends with the memory."""
    base, end = (int(region(LAYOUT, "direct_map")[k], 16) for k in ("start", "end"))
    equal(base % GIB, 0)
    equal(base, int(LAYOUT["page_offset"], 16))
    # To 4K: of a page that memory shares with something else nothing is mapped.
    equal(end - base, max(b for _, b in iomem("System RAM")) // PAGE * PAGE)


def all_memory():
    """Every page of memory is mapped; what else is, is below 1 MiB (the ISA range)."""
    ram = sum(max(0, b // PAGE - -(-a // PAGE)) for a, b in iomem("System RAM")) * PAGE
    low = sum(max(0, min(b, 1 << 20) // PAGE - -(-a // PAGE))
              for a, b in iomem("System RAM") if a < 1 << 20) * PAGE
    mapped = region(LAYOUT, "direct_map")["mapped_bytes"]
    # Firmware tables kept in memory are mapped too, and are no "System RAM".
    more = sum(b - a for what in ("ACPI Tables", "ACPI Non-volatile Storage", "Reserved")
               for a, b in iomem(what))
    at_least = ram - low + (1 << 20)
    assert at_least <= mapped <= at_least + more, (at_least, mapped, more)


def image():
    text = symbol("_text")
    equal(int(LAYOUT["text"], 16), text)
    physical = iomem("Kernel code")[0][0]
    equal(int(LAYOUT["phys_base"], 16), (physical - (text - 0xffffffff80000000)) % (1 << 64))
    kaslr = int(LAYOUT["kaslr_offsets"]["kernel_image"], 16)
    equal(kaslr, text - 0xffffffff81000000)


def modules_from():
    """Where modules and BPF programs begin: the lowest vmalloc area up there, of which there
    is one while a BPF program is loaded."""
    with nofault(), plain_pointers():
        return min(a for a in areas() if a >= 0xffffffffa0000000)


def room():
    """The image has 1 GiB of room where the kernel is built with CONFIG_RANDOMIZE_BASE, moved
    or not: modules begin behind it. Where nothing tells, what is said is a lower bound."""
    built = modules_from() >= 0xffffffffc0000000
    if os.path.exists("/proc/config.gz"):
        with gzip.open("/proc/config.gz", "rt", encoding="ascii") as f:
            equal("\nCONFIG_RANDOMIZE_BASE=y\n" in f.read(), built)
    image, modules = region(LAYOUT, "kernel_image"), region(LAYOUT, "modules")
    equal(image["bytes"], GIB if built else GIB // 2)
    equal([image["bytes_at_least"], modules["bytes_at_least"]], [not built] * 2)
    with open("/proc/kallsyms", encoding="ascii") as f:
        without = "".join(line for line in f if "kernel_randomize_memory" not in line)
    moved = any(v and int(v, 16) for v in LAYOUT["kaslr_offsets"].values())
    l = json.loads(seeing({"/proc/kallsyms": without}, "layout", "--format", "json").stdout)
    equal([r["name"] for r in l["regions"] if r["bytes_at_least"]],
          [] if moved else ["kernel_image", "modules"])
    if not moved:
        equal(region(l, "kernel_image")["bytes"], GIB // 2)
        said = seeing({"/proc/kallsyms": without}, "layout").stdout
        assert re.search(r"^kernel_image +ffffffff80000000 +>=512 MiB ", said, re.M), said
        equal([line for line in said.split("\n") if len(line) > 80], [])


def without_symbols():
    """phys_base and _text are read off the tables."""
    l = json.loads(seeing({"/proc/kallsyms": ""}, "layout", "--format", "json").stdout)
    equal((l["text"], l["phys_base"]), (LAYOUT["text"], LAYOUT["phys_base"]))
    said = re.findall(r"^  phys_base +(\S+): for", seeing({"/proc/kallsyms": ""}, "layout").stdout, re.M)
    equal([int(p, 16) % (1 << 64) for p in said], [int(LAYOUT["phys_base"], 16)])


def vmemmap():
    """A struct page, 64 bytes, for every frame of every block of memory."""
    path = "/sys/devices/system/memory"
    with open(f"{path}/block_size_bytes", encoding="ascii") as f:
        block = int(f.read(), 16)
    blocks = sum(re.fullmatch(r"memory\d+", d) is not None for d in os.listdir(path))
    mapped = region(LAYOUT, "vmemmap")["mapped_bytes"]
    equal(mapped, blocks * block // PAGE * 64)


def vmalloc():
    """The areas vmallocinfo lists, less their guard page, are what is mapped. Per-CPU
    chunks are only room, which the kernel fills as needed: they bound it above."""
    with plain_pointers():
        for _ in range(20):
            before = areas()
            layout = explored("layout")
            if areas() == before:
                break
    r = region(layout, "vmalloc")
    start, end = int(r["start"], 16), int(r["end"], 16)
    mine = {a: v for a, v in before.items() if start <= a < end}
    percpu = {a for a, (_, w) in mine.items() if w and w[0].startswith("pcpu_get_vm_areas")}
    # kvas's own maps and programs come and go with it: they are not in the list.
    fixed = sum(size - PAGE for a, (size, _) in mine.items() if a not in percpu)
    room = sum(size for a, (size, _) in mine.items() if a in percpu)
    assert len(mine) > 20, mine
    assert fixed <= r["mapped_bytes"] <= fixed + room + OWN, (fixed, r["mapped_bytes"], room)


def stacks():
    """A kernel stack's area in vmallocinfo is a stack and its guard page; where stacks are in
    the direct map, meminfo's sum of them is that size for each task there is."""
    with plain_pointers():
        sizes = {size for size, words in areas().values()
                 if words and re.match(r"(dup_task_struct|alloc_thread_stack_node)\b", words[0])}
    if sizes:
        return equal(sizes, {LAYOUT["thread_size"] + PAGE})
    with open("/proc/meminfo", encoding="ascii") as f:
        total = int(re.search(r"KernelStack: *(\d+) kB", f.read())[1]) << 10
    with open("/proc/loadavg", encoding="ascii") as f:
        tasks = int(f.read().split()[3].split("/")[1])
    assert 0.8 < total / tasks / LAYOUT["thread_size"] < 1.5, (total, tasks, LAYOUT)


# What kvas itself may have in vmalloc while it looks: its stack, its programs, its map.
OWN = 256 << 10


def in_order():
    starts = [int(r["start"], 16) for r in LAYOUT["regions"] if r["start"]]
    equal(len(set(starts)), len(starts))
    edges = sorted((int(r["start"], 16), int(r["end"], 16)) for r in LAYOUT["regions"]
                   if r["start"])
    for (_, end), (start, _) in zip(edges, edges[1:]):
        assert end <= start, (hex(end), hex(start))
    equal(LAYOUT["survey"]["unread_ranges"], 0)


def text():
    out = narrow("layout")
    strip = re.search(r"the kernel's half.*\n  \|(.{64})\|\n", out).group(1)
    # A column of 2 TiB (1 PiB with 5 levels): the direct map is where its base is.
    column = (1 << 57 if LAYOUT["paging_levels"] == 5 else 1 << 48) // 2 // 64
    at = (int(LAYOUT["page_offset"], 16) - (1 << 64) + 64 * column) // column
    assert strip[at] in "D*", (strip, at)
    equal(strip[63], "*")


LAYOUT = explored("layout")
check("layout: the direct map ends where memory does", bounds)
check("layout: all memory is in the direct map", all_memory)
check("layout: the image is where kallsyms and iomem say", image)
check("layout: the image's room, by how the kernel is built", room)
check("layout: where the image is in memory, without symbols", without_symbols)
if os.path.isdir("/sys/devices/system/memory"):
    check("layout: vmemmap has a struct page for every frame", vmemmap)
check("layout: vmalloc has what vmallocinfo lists", vmalloc)
check("layout: kernel stacks are as large as THREAD_SIZE", stacks)
check("layout: regions do not overlap, nothing was left unread", in_order)
check("layout: text fits 80 columns and draws to scale", text)
check("layout: takes no argument", lambda: refuses(2, "one argument too many", "layout", "x"))
done()
