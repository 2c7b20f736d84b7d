# SPDX-License-Identifier: GPL-2.0
"""One guest: QEMU with software emulation, the judge plugged in, a limit on its time,
its console kept and taken apart."""
import re
import shutil
import subprocess
import time

QEMU = "qemu-system-x86_64"

# Skylake-Client-v4 is affected by Meltdown, so KPTI is on by itself. Debian 12's QEMU
# 7.2 gets flags wrong in cmpxchg16b, and with one thread a CPU guests panic now and
# then while they patch their text: so without the one and with one thread for all CPUs.
# With UMIP the kernel emulates SGDT.
CPU = "Skylake-Client-v4,-cx16,+umip"
FLAVOURS = {
    # name: (QEMU's CPU, words for the kernel, what the guest must say of itself)
    "kpti": (CPU, "", {"kpti": True, "kaslr": True, "paging_levels": 4}),
    "nopti": (CPU, "nopti", {"kpti": False, "kaslr": True, "paging_levels": 4}),
    "nokaslr": (CPU, "nokaslr", {"kpti": True, "kaslr": False, "paging_levels": 4}),
    "nopti-nokaslr": (CPU, "nopti nokaslr", {"kpti": False, "kaslr": False, "paging_levels": 4}),
    "la57": (CPU + ",+la57", "", {"kpti": True, "kaslr": True, "paging_levels": 5}),
}


# Where things are without KASLR with 4 levels (Documentation/arch/x86/x86_64/mm.rst).
REGIONS = {
    "user": (0, 0x800000000000),
    "direct_map": (0xffff888000000000, 0xffffc88000000000),
    "vmalloc": (0xffffc90000000000, 0xffffe90000000000),
    "vmemmap": (0xffffea0000000000, 0xffffeb0000000000),
    "cpu_entry_area": (0xfffffe0000000000, 0xfffffe8000000000),
    "kernel_image": (0xffffffff80000000, 0xffffffffc0000000),
    "modules": (0xffffffffc0000000, 0xffffffffff000000),
}


def counting(out):
    """Arguments of the judge that writes to OUT and counts accesses by those regions."""
    return f"{out},mem=on," + ",".join(f"region={name}:{a:x}-{b:x}"
                                       for name, (a, b) in REGIONS.items())


class Guest:
    """What became of one boot."""

    def __init__(self):
        self.lines = []  # of the console, from the init script's first word on
        self.kernel = None  # uname -r
        self.status = None  # of the script; None when it did not end
        self.trouble = None  # why, then
        self.seconds = 0.0

    def marked(self, word):
        """The rest of each line that begins with @@ WORD."""
        start = f"@@ {word} "
        return [line[len(start):] for line in self.lines if line.startswith(start)]


# An emulated CPU that waits for the host's CPU looks to the kernel's watchdog like a TSC that
# jumps: under load it says "TSC found unstable", which fails a cell. It is not to watch it.
CLOCK = "tsc=reliable"


def command(directory, flavour, initrd, words="", judge=None, extra=()):
    cpu, flavour_words, _ = FLAVOURS[flavour]
    qemu = [QEMU, "-accel", "tcg,thread=single", "-cpu", cpu, "-smp", "2", "-m", "1G",
            "-nodefaults", "-nographic", "-serial", "stdio", "-no-reboot",
            "-kernel", f"{directory}/vmlinuz", "-initrd", initrd,
            "-append", f"console=ttyS0 quiet panic=-1 oops=panic log_buf_len=4M "
                       f"{CLOCK} {flavour_words} {words}".strip()]
    if judge:
        qemu += ["-plugin", f"build/vm/judge.so,out={judge}"]
    return qemu + list(extra)


def clean(data):
    text = data.decode("latin-1").replace("\r", "")
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1bc", "", text)


def explain(console, code):
    """Why a guest ended without a word."""
    panic = re.search(r"Kernel panic - not syncing: (.*)", console)
    if panic:
        return f"the guest panicked: {panic.group(1)[:100]}"
    tail = [line for line in console.split("\n") if line.strip()]
    if code:
        return f"QEMU ended with status {code}: {tail[-1][:100] if tail else 'no output'}"
    return "the guest ended before its script did"


def boot(qemu, log, limit):
    """Run the command QEMU, its console into the file LOG, for at most LIMIT seconds."""
    g = Guest()
    began = time.monotonic()
    if not shutil.which(qemu[0]):
        g.trouble = f"{qemu[0]} is not installed (Debian package qemu-system-x86)"
        return g
    try:
        with open(log, "wb") as console:
            # It must not outlive this program, however that ends.
            with subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *qemu],
                                  stdin=subprocess.DEVNULL, stdout=console,
                                  stderr=subprocess.STDOUT) as p:
                try:
                    code = p.wait(timeout=limit)
                except subprocess.TimeoutExpired:
                    g.trouble = f"no end after {limit} s: stopped"
                    code = None
                finally:
                    p.kill()
        with open(log, "rb") as f:
            text = clean(f.read())
    except OSError as e:
        g.trouble = f"{e.filename}: {e.strerror}"
        return g
    g.seconds = time.monotonic() - began
    g.lines = text[text.find("@@ BEGIN"):].split("\n") if "@@ BEGIN" in text else []
    begin, status = g.marked("BEGIN"), g.marked("EXIT")
    g.kernel = begin[0].split()[1] if begin else None
    g.status = int(status[-1]) if status else None
    if g.status is None and not g.trouble:
        g.trouble = explain(text, code)
    return g
