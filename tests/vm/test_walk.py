# SPDX-License-Identifier: GPL-2.0
"""kvas walk in guests against the emulator's own walk of the same addresses (gva2gpa in
QEMU's monitor). Printed as tests/run.sh reads it."""
import collections
import concurrent.futures
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

    def __init__(self, path):
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
        """"0x..." or "hole"."""
        text = self.ask(f"gva2gpa {address}")
        found = re.search(r"gpa: (0x[0-9a-f]+|0)", text)
        assert found or "Unmapped" in text, text
        return hex(int(found.group(1), 16)) if found else "hole"

    def user_table(self):
        """Is the CPU asked about on KPTI's user table? Bit 12 of CR3."""
        return bool(int(re.search(r"CR3=([0-9a-f]+)", self.ask("info registers")).group(1), 16)
                    & 0x1000)

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
    """[(address, kvas's, QEMU's, region)] through the kernel's table and through user
    mode's (none without KPTI), and what the guest says of itself."""
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
        said = [line.split()[2:] for line in lines if line.startswith("@@ WALK ")]
        host, = [line[8:].strip() for line in lines if line.startswith("@@ HOST ")]
        m = Monitor(f"{d}/monitor")
        try:
            m.stop(1, False)
            rows = [(a, kernel, m.physical(a), region) for a, kernel, _, region in said]
            user = []
            if said[0][2] != "none":
                m.stop(0, True)
                user = [(a, table, m.physical(a), region) for a, _, table, region in said]
        finally:
            m.quit()
        return rows, user, host


def same(rows):
    assert len(rows) >= AT_LEAST, f"only {len(rows)} addresses"
    wrong = [r for r in rows if r[1] != r[2]]
    equal(wrong[:5], [], f"{len(wrong)} of {len(rows)} addresses")


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


image.make(IMAGE)
with concurrent.futures.ThreadPoolExecutor(2) as workers:
    for (kernel, flavour), got in zip(GUESTS, workers.map(run, GUESTS)):
        name = f"{kernel}/{flavour}"
        check(f"walk in {name}: the guest is what it should be",
              lambda: equal(got[2], GUESTS[kernel, flavour]))
        check(f"walk in {name}: every address leads where the emulator says",
              lambda: same(got[0]))
        check(f"walk in {name}: every region was asked about", lambda: spread(got[0]))
        if got[2].split()[1] == "True":
            check(f"walk in {name}: so it is with the table of user mode", lambda: same(got[1]))
            check(f"walk in {name}: which maps less of the kernel",
                  lambda: fewer(got[1], got[0]))
        print(f"{name}: {len(got[0])} addresses, {sum(r[1] == 'hole' for r in got[0])} holes")
done()
