# SPDX-License-Identifier: GPL-2.0
"""kvas walk, layout and pgd in guests against the emulator's own walks (gva2gpa and
info tlb in QEMU's monitor) and its dump of the registers. Printed as tests/run.sh reads
it."""
import collections
import concurrent.futures
import json
import re
import socket
import sys
import tempfile
import time

import guest
import image
import kernels

sys.path.insert(0, "tests/live")
from lib import check, done, equal  # noqa: E402

IMAGE = "build/vm/walk.img"
# Kernel, flavour: levels, KPTI, KASLR.
GUESTS = {("6.1", "kpti"): "4 True True", ("7.2", "nopti-nokaslr"): "4 False False",
          ("6.12", "la57"): "5 True True"}
AT_LEAST = 500


class Monitor:
    """QEMU's human monitor on a socket."""

    def __init__(self, path, kpti):
        self.kpti = kpti
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(30)
        self.s.connect(path)
        self.answer()

    def answer(self):
        got = b""
        while not got.endswith(b"(qemu) "):
            more = self.s.recv(65536)
            assert more, "the monitor is gone"
            got += more
        return got.decode("latin-1")

    def ask(self, words):
        self.s.sendall(words.encode() + b"\n")
        return self.answer()

    def physical(self, address):
        """As kvas writes an address, or "hole"."""
        text = self.ask(f"gva2gpa {address}")
        found = re.search(r"gpa: (0x[0-9a-f]+|0)", text)
        assert found or "Unmapped" in text, text
        return f"0x{int(found.group(1), 16):016x}" if found else "hole"

    def cr3(self):
        """Of the CPU asked about: CR3, and its privilege level."""
        text = self.ask("info registers")
        return (int(re.search(r"CR3=([0-9a-f]+)", text).group(1), 16),
                int(re.search(r"CPL=(\d)", text).group(1)))

    def user_table(self):
        """Is the CPU asked about on KPTI's user table? Bit 12 of CR3, when PGDs come in
        pairs; without KPTI that is a bit of the PGD's address."""
        return self.kpti and bool(self.cr3()[0] & 0x1000)

    def mapped(self, regions):
        """{region: {leaf bytes: count}} of the kernel half, as the CPU asked about has it."""
        bounds = sorted((int(r["start"], 16), int(r["end"], 16), r["name"]) for r in regions
                        if r["start"])
        by = collections.defaultdict(collections.Counter)
        for address, flags in re.findall(r"^([0-9a-f]{16}): [0-9a-f]{16} (\S{9})\r?$",
                                         self.ask("info tlb"), re.M):
            a = int(address, 16)
            if a >> 63:
                name = next((n for start, end, n in bounds if start <= a < end), "other")
                by[name][2 << 20 if flags[2] == "P" else 4096] += 1
        return by

    def in_user_mode(self, cpu):
        """CR3 of CPU at moments when it runs a program."""
        found = set()
        self.ask(f"cpu {cpu}")
        for _ in range(60):
            self.ask("stop")
            cr3, level = self.cr3()
            self.ask("cont")
            if level == 3:
                found.add(cr3)
            time.sleep(0.02)
        return found

    def stop(self, cpu, user):
        """Stop the guest at a moment when CPU is on user mode's table, or on the kernel's."""
        self.ask(f"cpu {cpu}")
        for _ in range(400):
            self.ask("stop")
            if self.user_table() == user:
                return
            self.ask("cont")
            time.sleep(0.02)
        raise AssertionError(f"CPU {cpu} was never met {'in user mode' if user else 'in the kernel'}")

    def quit(self):
        """End the guest. A command may be dropped when the line is cut behind it."""
        self.s.sendall(b"quit\n")
        try:
            while self.s.recv(4096):
                pass
        except OSError:
            pass
        self.s.close()


def wait_for(log, word, future):
    for _ in range(2400):
        try:
            with open(log, "rb") as f:
                if word in f.read():
                    return
        except OSError:
            pass
        assert not future.done(), f"the guest ended: {future.result().trouble}"
        time.sleep(0.1)
    raise AssertionError("the guest was not ready after 240 s")


def run(key):
    """What kvas said in the guest and what QEMU says, of one boot."""
    kernel, flavour = key
    with tempfile.TemporaryDirectory(prefix="kvas-vm-") as d, \
            concurrent.futures.ThreadPoolExecutor(1) as pool:
        qemu = guest.command(kernels.ensure(kernel), flavour, IMAGE, "kvas.run=walk",
                             extra=["-monitor", f"unix:{d}/monitor,server=on,wait=off"])
        # Should anything go wrong here, the guest ends by itself (guest/walk.py).
        booted = pool.submit(guest.boot, qemu, f"{d}/console", 400)
        wait_for(f"{d}/console", b"@@ READY", booted)
        with open(f"{d}/console", "rb") as f:
            lines = guest.clean(f.read()).split("\n")
        def marked(word):
            return [line[len(word) + 4:].strip() for line in lines
                    if line.startswith(f"@@ {word} ")]

        said = [line.split() for line in marked("WALK")]
        got = {"host": marked("HOST")[0], "spin": int(marked("SPIN")[0], 16), "user": [],
               "regions": json.loads(marked("LAYOUT")[0]),
               "user_bytes": json.loads(marked("USER")[0]),
               "facts": json.loads(marked("FACTS")[0]),
               "moved": [int(n) for n in marked("MOVED")[0].split()]}
        m = Monitor(f"{d}/monitor", got["host"].split()[1] == "True")
        try:
            got["cr3"] = m.in_user_mode(0)
            m.stop(1, False)
            got["kernel"] = [(a, kernel, m.physical(a), region) for a, kernel, _, region in said]
            got["mapped"] = m.mapped(got["regions"])
            if said[0][2] != "none":
                m.stop(0, True)
                got["user"] = [(a, table, m.physical(a), region) for a, _, table, region in said]
                got["user_mapped"] = m.mapped(got["regions"])
        finally:
            m.quit()
        return got


def same(rows):
    assert len(rows) >= AT_LEAST, f"only {len(rows)} addresses"
    wrong = [r for r in rows if r[1] != r[2]]
    equal(wrong[:5], [], f"{len(wrong)} of {len(rows)} addresses")


def steady(moved, passing):
    """Between two walks few addresses of areas lead elsewhere: stacks that changed hands."""
    assert passing >= 80, f"only {passing} addresses of areas"
    assert moved <= passing / 10, f"{moved} of {passing} lead elsewhere in the second walk"


def spread(rows):
    """Mapped addresses and holes, in all regions."""
    mapped = collections.Counter(r[3] for r in rows if r[1] != "hole")
    for region in ("direct_map", "vmalloc", "vmemmap", "kernel_image", "cpu_entry_area", "fixmap"):
        assert mapped[region] >= 1, mapped
    holes = sum(r[1] == "hole" for r in rows)
    assert holes >= 20, f"{holes} holes"


def fewer(user, kernel):
    """KPTI's point: of the kernel's memory user mode's table has next to nothing."""
    mapped = collections.Counter(r[3] for r in user if r[1] != "hole")
    equal(mapped["direct_map"], 0)
    equal(mapped["vmalloc"], 0)
    assert mapped["cpu_entry_area"] > 0, mapped
    assert sum(mapped.values()) < sum(r[1] != "hole" for r in kernel) / 2, mapped


# Of these nothing changes when kvas ends: to the page.
STILL = ("vmemmap", "kernel_image", "cpu_entry_area", "espfix", "fixmap", "ldt", "efi")
# Of vmalloc and modules kvas's own programs, maps and stacks are gone; some split a 2M.
OWN_PAGES, OWN_SPLITS = 256, 4


def same_layout(got):
    """Leaves by region and size, as `kvas layout` counted them and as info tlb lists them."""
    for r in got["regions"]:
        if "leaves" not in r:
            continue
        qemu = got["mapped"][r["name"]]
        kvas = {4096: r["leaves"]["4k"], 2 << 20: r["leaves"]["2m"]}
        equal(r["leaves"]["1g"], 0, "this CPU has no pages of 1G")
        if r["name"] in STILL:
            equal({s: n for s, n in kvas.items() if n}, dict(qemu), r["name"])
        elif r["name"] == "direct_map":
            splits = kvas[2 << 20] - qemu[2 << 20]
            assert 0 <= splits <= OWN_SPLITS, (kvas, qemu)
            # A page that was made invalid to be freed may not be back yet.
            assert 0 <= kvas[4096] + 512 * splits - qemu[4096] <= OWN_PAGES, (kvas, qemu)
        else:
            equal(kvas[2 << 20], qemu[2 << 20], r["name"])
            assert abs(kvas[4096] - qemu[4096]) <= OWN_PAGES, (r["name"], kvas, qemu)
    listed = sum(sum(c.values()) for c in got["mapped"].values())
    assert listed > 1000, got["mapped"]


def same_user_table(got):
    """What the user table maps of the kernel, in bytes by region."""
    qemu = {name: sum(size * n for size, n in c.items())
            for name, c in got["user_mapped"].items()}
    equal(got["user_bytes"], {n: b for n, b in qemu.items() if b})


def same_cr3(got):
    """The program that has CPU 0 runs on the PGD kvas says it has; with KPTI on the page
    after it."""
    kpti = got["host"].split()[1] == "True"
    assert got["spin"] + (4096 if kpti else 0) in got["cr3"], (hex(got["spin"]), got["cr3"])
    assert len(got["cr3"]) <= 3, got["cr3"]


def facts(got):
    """All of Linux's own hold; of KPTI's table nothing is known where there is none."""
    kpti = got["host"].split()[1] == "True"
    equal(len(got["facts"]), 10)
    equal({f: v for f, v in got["facts"].items() if v != "holds"},
          {} if kpti else {"kpti-user-table": "unknown"})


image.make(IMAGE)
with concurrent.futures.ThreadPoolExecutor(2) as workers:
    for (kernel, flavour), got in zip(GUESTS, workers.map(run, GUESTS)):
        name = f"{kernel}/{flavour}"
        check(f"walk in {name}: the guest is what it should be",
              lambda: equal(got["host"], GUESTS[kernel, flavour]))
        check(f"walk in {name}: every address leads where the emulator says",
              lambda: same(got["kernel"]))
        check(f"walk in {name}: a second walk says the same", lambda: steady(*got["moved"]))
        check(f"walk in {name}: every region was asked about", lambda: spread(got["kernel"]))
        check(f"pgd in {name}: CR3 is the PGD of who runs", lambda: same_cr3(got))
        check(f"layout in {name}: leaves as info tlb lists them", lambda: same_layout(got))
        check(f"check in {name}: what must hold holds", lambda: facts(got))
        if got["host"].split()[1] == "True":
            check(f"walk in {name}: so it is with the table of user mode",
                  lambda: same(got["user"]))
            check(f"walk in {name}: which maps less of the kernel",
                  lambda: fewer(got["user"], got["kernel"]))
            check(f"pgd in {name}: the bytes of it that user mode's table maps",
                  lambda: same_user_table(got))
        print(f"{name}: {len(got['kernel'])} addresses, "
              f"{sum(r[1] == 'hole' for r in got['kernel'])} holes; "
              f"{sum(sum(c.values()) for c in got['mapped'].values())} leaves")
done()
