# SPDX-License-Identifier: GPL-2.0
"""How runs end: by each signal, with a command, and with output that nobody reads."""
import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
import time

from lib import KVAS, attached, check, done, equal, kvas, tempdir
from runs import PATIENCE, Run, gone, wait_for

# Its command's SIGTERM and SIGINT are told in a file, one a line, and end it a little later.
TELLS = """
import os, signal, sys, time
got = []
for s in (signal.SIGINT, signal.SIGTERM):
    signal.signal(s, lambda n, _: got.append(n))
open(sys.argv[1] + ".new", "w").close()
os.rename(sys.argv[1] + ".new", sys.argv[1])
while not got:
    time.sleep(0.05)
time.sleep(1)
with open(sys.argv[1], "w") as f:
    f.write("".join(f"{n}\\n" for n in got))
"""


def whole(status, out, err, words):
    equal(status, 0, err)
    assert out.endswith("\n") and re.search(words, out.split("\n\n")[-1] + out, re.M), out[-500:]


def ends_live(*signals):
    whole(*Run("live", "-i", "0.2").until("entries/s").end(*signals),
          r"^[0-9.]+ seconds of the whole host$")


def ends_others(sig):
    with tempdir() as d:
        whole(*Run("stat").until_attached().end(sig), r"^[0-9.]+ seconds of the whole host$")
        whole(*Run("record", "-o", f"{d}/rec").until_attached().end(sig),
              r"^[0-9.]+ seconds of the whole host$")
        equal(kvas("report", f"{d}/rec").returncode, 0)
    whole(*Run("dmap", "--watch").until("TIME").end(sig), r"^\d+ splits of 1G pages")


def stopped():
    r = Run("live", "-i", "0.2").until("entries/s")
    r.p.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    r.p.send_signal(signal.SIGCONT)
    r.until("entries/s")
    whole(*r.end(signal.SIGINT), r"^[0-9.]+ seconds of the whole host$")


def ignored(sig):
    """As by nohup, and in a script's background job."""
    r = Run("live", "-i", "0.2", ignore=sig).until("entries/s")
    r.p.send_signal(sig)
    for _ in range(2):
        r.until("entries/s")
    whole(*r.end(signal.SIGTERM), r"^[0-9.]+ seconds of the whole host$")


def unread(*signals):
    """A pipe of one page. The status, errors, and what is in the pipe at the end."""
    r, w = os.pipe()
    fcntl.fcntl(w, 1031, 4096)  # F_SETPIPE_SZ
    before = attached()
    p = subprocess.Popen([KVAS, "live", "-i", "0.05"], stdout=w, stderr=subprocess.PIPE, text=True)
    os.close(w)
    wait_for(lambda: attached() - before, "programs")
    time.sleep(4)
    for i, s in enumerate(signals):
        time.sleep(0.2 if i else 0)
        p.send_signal(s)
    _, err = p.communicate(timeout=PATIENCE)
    gone(before)
    out = b""
    while chunk := os.read(r, 65536):
        out += chunk
    os.close(r)
    assert out.endswith(b"\n"), out[-200:]
    return p.returncode, err


def unread_once(sig):
    status, err = unread(sig)
    equal(status, 1, err)
    assert "was not read" in err and err.count("\n") == 1, err


def sleeper():
    """Who reads late reads all."""
    r = Run("live", "-i", "0.2").until("entries/s")
    time.sleep(2)
    r.p.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    whole(*r.end(), r"^[0-9.]+ seconds of the whole host$")


def closed(*args):
    r = Run(*args).until("TIME")
    r.p.stdout.close()
    r.p.send_signal(signal.SIGHUP)
    equal(r.p.wait(timeout=PATIENCE), 1)
    err = r.p.stderr.read()
    assert "standard output" in err and err.count("\n") == 1, err
    gone(r.before)


def command(sig, *how):
    """The command gets the signal once, ends in its own time, and the totals come."""
    with tempdir() as d:
        r = Run(*(a.replace("DIR", d) for a in how), "--", sys.executable, "-c", TELLS, f"{d}/told")
        wait_for(lambda: os.path.exists(f"{d}/told"), "command")
        status, out, err = r.end(sig)
        equal(status, 128 + sig, err)
        with open(f"{d}/told", encoding="ascii") as f:
            equal(f.read(), f"{int(sig)}\n")
        assert re.search(r"^[0-9.]+ seconds of ", out, re.M), out


def dies_of(sig):
    r = Run("stat", "--", "sleep", "600").until_attached()
    status, out, err = r.end(sig)
    equal(status, 128 + sig, err)
    assert re.search(r"^[0-9.]+ seconds of ", out, re.M), out


def second_signal():
    """The second ends kvas and leaves the command alone."""
    script = "trap '' TERM; echo $$ > \"$0\".new; mv \"$0\".new \"$0\"; exec sleep 600 >&- 2>&-"
    with tempdir() as d:
        r = Run("stat", "-o", f"{d}/out", "--", "sh", "-c", script, f"{d}/pid")
        wait_for(lambda: os.path.exists(f"{d}/pid"), "command")
        with open(f"{d}/pid", encoding="ascii") as f:
            pid = int(f.read())
        try:
            r.p.send_signal(signal.SIGTERM)
            time.sleep(1)
            equal(r.p.poll(), None, "kvas waits for its command")
            status, _, err = r.end(signal.SIGTERM)
            equal(status, 128 + signal.SIGTERM, err)
            with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                assert f.read().split(")")[1].split()[0] in "SR"
        finally:
            os.kill(pid, signal.SIGKILL)


def terminal(*how):
    """A terminal's ^C reaches the whole group: kvas does not send it again."""
    before = attached()
    with tempdir() as d:
        pid, fd = pty.fork()
        if not pid:
            os.execv(KVAS, [KVAS, *(a.replace("DIR", d) for a in how), "--", sys.executable, "-c", TELLS,
                            f"{d}/told"])
        wait_for(lambda: os.path.exists(f"{d}/told"), "command")
        os.write(fd, b"\x03")
        said = read_all(fd)
        _, status = os.waitpid(pid, 0)
        os.close(fd)
        equal(os.waitstatus_to_exitcode(status), 128 + signal.SIGINT)
        with open(f"{d}/told", encoding="ascii") as f:
            equal(f.read(), f"{int(signal.SIGINT)}\n")
        assert "seccomp filter" not in said and "refused" not in said, said
    gone(before)


def read_all(fd):
    """What comes from a terminal until nobody has it open."""
    text = b""
    try:
        while chunk := os.read(fd, 65536):
            text += chunk
    except OSError:
        pass
    return text.decode("latin-1")


def programs_that_do_not_run():
    with tempdir() as d:
        with open(f"{d}/plain", "w", encoding="ascii") as f:
            f.write("echo\n")
        with open(f"{d}/lost", "w", encoding="ascii") as f:
            f.write("#!/no/such/interpreter\n")
        os.chmod(f"{d}/lost", 0o755)
        for status, name in ((127, "no-such-program"), (127, f"{d}/none"), (126, f"{d}/plain"),
                             (126, d), (126, f"{d}/lost")):
            for how in (["stat"], ["record", "-o", f"{d}/rec{status}{len(name)}"]):
                p = kvas(*how, "--", name)
                equal(p.returncode, status, p.stderr)
                assert p.stderr.startswith("kvas: "), p.stderr


def zombie():
    p = subprocess.Popen(["true"])
    wait_for(lambda: open(f"/proc/{p.pid}/stat", encoding="ascii").read().split(")")[1][1] == "Z",
             "zombie")
    k = kvas("stat", "-d", "0.1", "-p", str(p.pid))
    p.wait()
    equal(k.returncode, 1)
    assert f"process {p.pid} (-p) has ended" in k.stderr, k.stderr


def never_enabled():
    with tempdir() as d:
        os.mkfifo(f"{d}/ctl")
        for program, status in (("true", 1), ("exit 5", 5)):
            k = kvas("stat", "--control", f"fifo:{d}/ctl", "--", "sh", "-c", program)
            equal(k.returncode, status, k.stderr)
            assert "no 'enable' came" in k.stderr and not k.stdout, k.stderr


for NAME in ("INT", "TERM", "HUP", "QUIT"):
    S = getattr(signal, f"SIG{NAME}")
    check(f"{NAME} ends live with its summary", lambda: ends_live(S))
check("HUP ends stat, record and dmap --watch with their totals", lambda: ends_others(signal.SIGHUP))
check("STOP, CONT, then INT", stopped)
check("HUP that was ignored at start stays ignored", lambda: ignored(signal.SIGHUP))
check("INT that was ignored at start stays ignored", lambda: ignored(signal.SIGINT))
check("TERM ends live whose output nobody reads", lambda: unread_once(signal.SIGTERM))
check("INT twice ends it at once", lambda: equal(unread(signal.SIGINT, signal.SIGINT),
                                                 (-signal.SIGINT, "")))
check("a consumer that sleeps reads all", sleeper)
check("a closed pipe ends dmap --watch with its reason", lambda: closed("dmap", "--watch"))
check("TERM is passed on to the command of stat", lambda: command(signal.SIGTERM, "stat"))
check("INT is passed on to the command of record",
      lambda: command(signal.SIGINT, "record", "-o", "DIR/rec"))
check("QUIT is passed on to a command that dies of it", lambda: dies_of(signal.SIGQUIT))
check("a second signal leaves the command alone", second_signal)
check("a terminal's ^C is not sent twice by stat", lambda: terminal("stat", "-o", "DIR/out"))
check("a terminal's ^C is not sent twice by record", lambda: terminal("record", "-o", "DIR/rec"))
check("127 and 126", programs_that_do_not_run)
check("-p of a zombie", zombie)
check("--control that was never enabled", never_enabled)
done()
