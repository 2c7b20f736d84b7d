# SPDX-License-Identifier: GPL-2.0
"""System calls that a seccomp filter refuses, and those of 32-bit programs."""
import subprocess

from lib import WORK, Skip, check, done, equal, stat

N = 10007


def refused_by_seccomp():
    """A filter answers getppid with EPERM: sys_enter does not fire for those."""
    program = (
        "import ctypes, os, struct\n"
        "libc = ctypes.CDLL(None)\n"
        "insn = lambda code, jt, jf, k: struct.pack('HBBI', code, jt, jf, k)\n"
        "code = insn(0x20, 0, 0, 0) + insn(0x15, 0, 1, 110) + insn(6, 0, 0, 0x50001) + "
        "insn(6, 0, 0, 0x7fff0000)\n"
        "buf = ctypes.create_string_buffer(code)\n"
        "prog = struct.pack('HxxxxxxQ', 4, ctypes.addressof(buf))\n"
        "assert libc.prctl(38, 1, 0, 0, 0) == 0\n"
        "assert libc.prctl(22, 2, ctypes.c_char_p(prog), 0, 0) == 0\n"
        "for i in range(5003): os.getppid()\n")
    s = stat("--", "python3", "-c", program)
    if s["hooks"]["syscall_refused"]["how"] is None:
        equal(s["crossings"]["syscall_refused"], None)
        assert "crossings.syscall_refused" in s["unknown"], s["unknown"]
    else:
        equal(s["crossings"]["syscall_refused"], 5003)
        assert s["crossings"]["syscall"] > 5003


def by_int80():
    if subprocess.run([f"{WORK}/calls", "1", "32"], check=False, timeout=60).returncode:
        raise Skip("no 32-bit system calls here")
    few, many = (stat("--", f"{WORK}/calls", str(n), "32")["crossings"]["syscall"] for n in (0, N))
    equal(many - few, N)


check("system calls refused by seccomp are counted, or said to be unknown", refused_by_seccomp)
check("32-bit system calls are counted", by_int80)
done()
