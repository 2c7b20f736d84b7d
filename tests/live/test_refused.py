# SPDX-License-Identifier: GPL-2.0
"""System calls that a seccomp filter refuses."""
from lib import check, done, equal, stat


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
        # The program's calls are missing in the sums, which say so.
        equal(s["lower_bounds"]["crossings.syscall"], "calls that seccomp refuses are not seen here")
        assert "crossings.total" in s["lower_bounds"], s["lower_bounds"]
    else:
        equal(s["crossings"]["syscall_refused"], 5003)
        assert s["crossings"]["syscall"] > 5003
        equal(s["lower_bounds"].get("crossings.syscall"), None)


check("system calls refused by seccomp are counted, or said to be unknown", refused_by_seccomp)
done()
