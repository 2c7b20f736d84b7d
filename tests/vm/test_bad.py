# SPDX-License-Identifier: GPL-2.0
"""Bad places for the lab: each ends its cell with a reason and a console log, and
nothing hangs. Printed as tests/run.sh reads it."""
import os
import subprocess
import sys
import tempfile
import time

import guest
import image
import kernels

sys.path.insert(0, "tests/live")
from lib import check, done, equal  # noqa: E402

KERNEL = "6.1"
IMAGE = "build/vm/bad.img"


def qemu(words, *extra):
    return guest.command(kernels.ensure(KERNEL), "nopti", IMAGE, words, extra=extra)


def missing_qemu(d):
    g = guest.boot(["qemu-no-such-system", "-S"], f"{d}/console", 5)
    assert "not installed" in g.trouble and "qemu-system-x86" in g.trouble, g.trouble
    equal(g.status, None)


def hangs(d):
    """A guest whose CPUs never start."""
    began = time.monotonic()
    g = guest.boot(qemu("kvas.run=cell", "-S"), f"{d}/console", 3)
    assert time.monotonic() - began < 20
    assert "no end after 3 s" in g.trouble, g.trouble
    assert os.path.exists(f"{d}/console")
    left = subprocess.run(["pgrep", "-f", f"initrd {IMAGE}"], capture_output=True, text=True,
                          check=False).stdout
    equal(left, "", "QEMUs left behind")


def panics(d):
    g = guest.boot(qemu("rdinit=/bin/false"), f"{d}/console", 90)
    assert "panicked" in g.trouble and "init" in g.trouble, g.trouble
    with open(f"{d}/console", "rb") as f:
        assert b"Kernel panic" in f.read()


def bad_kernel(d):
    """An image that is no kernel: QEMU says so itself."""
    os.makedirs(f"{d}/none")
    with open(f"{d}/none/vmlinuz", "wb") as f:
        f.write(b"no kernel")
    g = guest.boot(guest.command(f"{d}/none", "nopti", IMAGE), f"{d}/console", 30)
    assert g.trouble and g.status is None, g.trouble


def killed(d):
    """Whoever stops the run leaves no guest behind."""
    code = (f"import sys; sys.path.insert(0, 'tests/vm'); import guest; guest.boot({qemu('', '-S')!r}, "
            f"'{d}/console', 60)")
    p = subprocess.Popen([sys.executable, "-c", code])
    for _ in range(100):
        if subprocess.run(["pgrep", "-f", f"initrd {IMAGE}"], capture_output=True,
                          check=False).stdout:
            break
        time.sleep(0.1)
    p.kill()
    p.wait()
    time.sleep(0.5)
    left = subprocess.run(["pgrep", "-f", f"initrd {IMAGE}"], capture_output=True, text=True,
                          check=False).stdout
    equal(left, "", "QEMUs left behind")


def in_small_space(script):
    return subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True,
                          timeout=120, check=False)


def disk_full():
    p = in_small_space("mount -t tmpfs -o size=1m tmpfs build/vm && "
                       f"{sys.executable} tests/vm/matrix.py 6.1/la57")
    assert "not ok" in p.stdout and "MB are free" in p.stdout, p.stdout + p.stderr
    assert p.stdout.endswith("done\n"), p.stdout


def cache_full(d):
    """No room, or no mirror: the kernel is unavailable, with the reason."""
    p = in_small_space(
        f"mount -t tmpfs -o size=4k,nr_inodes=4 tmpfs {d} && KVAS_VM_CACHE={d} {sys.executable} "
        "tests/vm/matrix.py 6.1/la57")
    assert "skip vm 6.1/la57: " in p.stdout, p.stdout + p.stderr
    assert "No space left" in p.stdout, p.stdout


image.make(IMAGE)
with tempfile.TemporaryDirectory(prefix="kvas-vm-") as directory:
    check("no QEMU", lambda: missing_qemu(directory))
    check("a guest that hangs", lambda: hangs(directory))
    check("a guest that panics", lambda: panics(directory))
    check("a kernel that is none", lambda: bad_kernel(directory))
    check("a run that is killed leaves no guest", lambda: killed(directory))
    check("a full disk", disk_full)
    check("no room for a kernel", lambda: cache_full(directory))
done()
