# SPDX-License-Identifier: GPL-2.0
"""Bad input and bad places: a clear message, the right status, nothing lost."""
import os
import shutil
import signal
import subprocess
import time

from lib import KVAS, WORK, attached, check, done, equal, kvas, tempdir

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


def fails(status, words, *args, **kw):
    p = kvas(*args, **kw)
    equal(p.returncode, status, p.stderr)
    for w in words:
        assert w in p.stderr, f"no {w!r} in {p.stderr!r}"
    equal(p.stderr.count("\n"), 1, p.stderr)
    assert p.stderr.startswith("kvas: "), p.stderr


def dead_pid():
    p = subprocess.Popen(["true"])
    p.wait()
    fails(1, [str(p.pid), "-p"], "stat", "-d", "0.1", "-p", str(p.pid))


def existing(d):
    os.makedirs(f"{d}/full")
    with open(f"{d}/full/precious", "w", encoding="ascii") as f:
        f.write("data")
    fails(1, [f"{d}/full", "-o"], "record", "-o", f"{d}/full", "-d", "0.1")
    with open(f"{d}/full/precious", encoding="ascii") as f:
        equal(f.read(), "data")


def disk_full(d):
    """A file system of 1 MiB, in a mount namespace of its own."""
    script = (f"mkdir {d}/small && mount -t tmpfs -o size=1m tmpfs {d}/small && "
              f"{KVAS} record -o {d}/small/rec --events all -d 5 -i 0.2; s=$?; "
              f"{KVAS} report {d}/small/rec >{d}/report 2>{d}/report.err; echo $? >{d}/status; "
              "exit $s")
    load = subprocess.Popen([f"{WORK}/calls", "20000000"])
    try:
        p = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True,
                           timeout=60)
    finally:
        load.kill()
        load.wait()
    equal(p.returncode, 1, p.stderr)
    assert "No space left" in p.stderr, p.stderr
    with open(f"{d}/status", encoding="ascii") as f:
        equal(f.read().strip(), "1")
    with open(f"{d}/report.err", encoding="utf-8") as f:
        assert "cut short" in f.read()
    with open(f"{d}/report", encoding="utf-8") as f:
        text = f.read()
    # The disk may be full before anything was counted.
    assert " seconds of the whole host (the recording is cut short)\n" in text, text


def closed_pipe():
    """head closes the pipe after three lines."""
    p = subprocess.Popen([KVAS, "live", "-i", "0.2"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    for _ in range(3):
        p.stdout.readline()
    p.stdout.close()
    err = p.stderr.read()
    equal(p.wait(timeout=20), 1, err)
    assert "standard output" in err, err


def kill_minus_9():
    before = attached()
    p = subprocess.Popen([KVAS, "live", "-i", "0.2"], stdout=subprocess.PIPE)
    while not (line := p.stdout.readline()).startswith(b"  entries/s "):
        assert line, "kvas live ended"
    ours = attached() - before
    p.send_signal(signal.SIGKILL)
    p.wait()
    p.stdout.close()
    equal(len(ours), 2, "programs attached while it runs")
    for _ in range(50):
        if not ours & attached():
            return
        time.sleep(0.1)
    equal(ours & attached(), set(), "programs attached after kill -9")


def no_root(d):
    binary = shutil.copy(KVAS, f"{d}/kvas")
    for args in (["stat", "-d", "0.1"], ["live"], ["hooks"], ["record", "-o", f"{d}/no"],
                 ["layout"], ["walk", "stack"], ["pgd"], ["dmap"], ["check"]):
        p = subprocess.run([binary, *args], capture_output=True, text=True, timeout=30, **NOBODY)
        equal(p.returncode, 3, p.stderr)
        assert "root" in p.stderr and "CAP_BPF" in p.stderr, p.stderr
        equal(p.stderr.count("\n"), 1, p.stderr)


def no_btf():
    for command in ("stat -d 0.1", "layout", "check"):
        script = f"mount -t tmpfs tmpfs /sys/kernel/btf && exec {KVAS} {command}"
        p = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True,
                           timeout=30)
        equal(p.returncode, 3, p.stderr)
        assert "BTF" in p.stderr, p.stderr


def seccomp():
    """bpf(2) answered with EPERM by a seccomp filter, as container runtimes do."""
    program = (
        "import ctypes, os, struct, sys\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def insn(code, jt, jf, k): return struct.pack('HBBI', code, jt, jf, k)\n"
        # load the number; bpf is 321 on x86-64; SECCOMP_RET_ERRNO | EPERM, else allow
        "code = insn(0x20, 0, 0, 0) + insn(0x15, 0, 1, 321) + insn(6, 0, 0, 0x50001) + "
        "insn(6, 0, 0, 0x7fff0000)\n"
        "buf = ctypes.create_string_buffer(code)\n"
        "prog = struct.pack('HxxxxxxQ', 4, ctypes.addressof(buf))\n"
        "assert libc.prctl(38, 1, 0, 0, 0) == 0\n"
        "assert libc.prctl(22, 2, ctypes.c_char_p(prog), 0, 0) == 0\n"
        "os.execv(sys.argv[1], sys.argv[1:])\n")
    p = subprocess.run(["python3", "-c", program, KVAS, "stat", "-d", "0.1"],
                       capture_output=True, text=True, timeout=30)
    equal(p.returncode, 3, p.stderr)
    assert "a seccomp filter refuses bpf(2)" in p.stderr, p.stderr


def hostile_name(d):
    """What is wrong in a file is quoted, and nothing a terminal would obey comes with it."""
    rec = f"{d}/hostile"
    equal(kvas("record", "-o", rec, "-F", "0", "-a", "--events", "vmalloc", "-d", "0.3").returncode,
          0)
    with open(f"{rec}/vmalloc.csv", "ab") as f:
        f.write(b"1,0,1,1,sh,free,,,,,,,\x1b[31mred\xff\n")
    p = kvas("report", "--force", rec, text=False)
    equal(p.returncode, 1, p.stderr)
    assert b"vmalloc.csv" in p.stderr and b"\\x1b[31mred\\xff" in p.stderr, p.stderr
    assert b"\x1b" not in p.stderr and b"\xff" not in p.stderr, p.stderr


def no_capability():
    """Root without CAP_BPF, as in a container."""
    p = subprocess.run(["setpriv", "--bounding-set", "-bpf,-sys_admin,-perfmon", KVAS, "stat",
                        "-d", "0.1"], capture_output=True, text=True, timeout=30)
    equal(p.returncode, 3, p.stderr)
    assert "root has no CAP_BPF and CAP_PERFMON here" in p.stderr, p.stderr


with tempdir() as directory:
    D = directory
    check("unknown option", lambda: fails(2, ["--frob"], "stat", "--frob"))
    check("unknown command", lambda: fails(2, ["recrod", "record"], "recrod"))
    check("a PID that is not there", dead_pid)
    check("a command that is not there",
          lambda: fails(127, ["no-such-program", "PATH"], "stat", "--", "no-such-program"))
    check("an existing directory is not touched", lambda: existing(D))
    check("an unwritable directory", lambda: fails(
        1, ["/proc/nowhere"], "record", "-o", "/proc/nowhere/rec", "-d", "0.1"))
    check("a full disk", lambda: disk_full(D))
    check("a closed pipe", closed_pipe)
    check("kill -9 leaves nothing attached", kill_minus_9)
    check("no root", lambda: no_root(D))
    check("no BTF", no_btf)
    check("root without the capabilities", no_capability)
    check("bpf(2) refused by seccomp", seccomp)
    check("report of a directory that is no recording", lambda: fails(
        1, [D, "meta.json"], "report", D))
    check("report of a recording with an escape sequence in it", lambda: hostile_name(D))
    check("report of nothing", lambda: fails(1, [f"{D}/none"], "report", f"{D}/none"))
done()
