# SPDX-License-Identifier: GPL-2.0
"""What a run leaves when it is killed, stopped, or not read: nothing in the kernel, bounded memory, and
exact counts."""
import os
import re
import signal
import subprocess
import time

from lib import KVAS, WORK, check, counters, done, equal, kvas, table, tempdir
from runs import PATIENCE, Run, gone, held, in_kernel, wait_for

MIB = 1024  # of the kB in /proc


def killed(*args, words=None):
    """By KILL nothing of kvas's own code runs: what it had open in the kernel is gone all the same."""
    r = Run(*args)
    if words:
        r.until(words)
    else:
        r.until_attached()
    ids = held(r.p.pid)
    assert {"prog", "map", "link"} <= {kind for kind, _ in ids}, ids
    assert ids <= in_kernel(), "what /proc lists is what bpftool lists"
    children = [int(c) for c in open(f"/proc/{r.p.pid}/task/{r.p.pid}/children", encoding="ascii").read().split()]
    r.p.kill()
    equal(r.p.wait(timeout=PATIENCE), -signal.SIGKILL)
    try:
        wait_for(lambda: not ids & in_kernel(), "end of what it had open")
    finally:
        for c in children:
            os.kill(c, signal.SIGKILL)  # and fails where kvas took it with it
        r.p.stdout.close()
        r.p.stderr.close()
    return children


def killed_with_command():
    """The command, which knows nothing of kvas, lives on."""
    equal(len(killed("stat", "--", "sleep", "600")), 1)


def killed_recording():
    with tempdir() as d:
        killed("record", "-F", "99", "-i", "0.2", "-o", f"{d}/rec")
        p = kvas("report", f"{d}/rec")
        equal((p.returncode, p.stderr.count("\n")), (1, 1), p.stderr)
        assert "is cut short: kvas did not finish it" in p.stderr, p.stderr
        assert re.search(r"^[0-9.]+ seconds of the whole host \(", p.stdout, re.M), p.stdout[:500]


def pipe_signal():
    """PIPE is for writers: one that somebody sends does nothing."""
    r = Run("live", "-i", "0.2").until("entries/s")
    r.p.send_signal(signal.SIGPIPE)
    for _ in range(2):
        r.until("entries/s")
    status, _, err = r.end(signal.SIGTERM)
    equal((status, err), (0, ""))


def closed_pipe():
    """As of `kvas live | head`: it ends at the next interval, with its reason."""
    r = Run("live", "-i", "0.2").until("entries/s")
    r.p.stdout.close()
    equal(r.p.wait(timeout=PATIENCE), 1)
    equal(r.p.stderr.read(), "kvas: standard output cannot be written: Broken pipe\n")
    r.p.stderr.close()
    gone(r.before)


def stopped_under_load():
    """A reader that stands still: rings of a page run over, what they refused is counted, and rows come
    again once it goes on."""
    with tempdir() as d:
        p = subprocess.Popen(
            [KVAS, "record", "-F", "0", "-i", "0.2", "--events", "task", "--ring-size", "4K", "-o", f"{d}/rec",
             "--", f"{WORK}/storm", "0", "3000", f"{WORK}/nothing"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for(lambda: ends(f"{d}/rec") > 1, "intervals")
        p.send_signal(signal.SIGSTOP)
        time.sleep(1)
        resumed = time.monotonic_ns()
        p.send_signal(signal.SIGCONT)
        out, err = p.communicate(timeout=PATIENCE)
        equal(p.returncode, 0, err)
        nr = int(re.search(r"^storm (\d+)$", out, re.M)[1])
        total, rows = counters(f"{d}/rec"), table(f"{d}/rec", "task")
        equal([total[f"tasks.{t}"] for t in ("forks", "execs", "exits")], [nr, nr + 1, nr + 1])
        assert total["lost.ring.task"] > 0, total
        equal(len(rows) + total["lost.ring.task"], 3 * nr + 2)
        # It says so in the interval in which it happened, and recovers: rows go on.
        lost = [int(r["interval"]) for r in table(f"{d}/rec", "interval") if r["counter"] == "lost.ring.task"]
        assert lost and max(lost) <= ends(f"{d}/rec"), lost
        assert int(rows[-1]["time_ns"]) > resumed + 10**8, (resumed, rows[-1])


def ends(rec):
    """Intervals of a recording that have ended so far."""
    try:
        with open(f"{rec}/interval.csv", encoding="latin-1") as f:
            return f.read().count(",end,")
    except FileNotFoundError:
        return 0


def resident(pid, key="VmRSS"):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(rf"^{key}:\s+(\d+) kB$", f.read(), re.M)[1])


def unread_is_bounded():
    """Nobody reads, and a storm goes on: kvas waits, takes no more memory, and ends by TERM."""
    r = Run("live", "-i", "0.05", "-F", "99").until("entries/s")
    fill = subprocess.run([f"{WORK}/storm", "0", "4000", f"{WORK}/nothing"], capture_output=True, check=True)
    before = resident(r.p.pid)
    more = subprocess.run([f"{WORK}/storm", "0", "4000", f"{WORK}/nothing"], capture_output=True, check=True)
    after = resident(r.p.pid)
    assert fill.stdout and more.stdout
    assert after < before + 8 * MIB, f"{before} to {after} kB in 4 s"
    r.p.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    status, out, err = r.end()
    equal((status, err), (0, ""))
    assert re.search(r"^[0-9.]+ seconds of the whole host$", out, re.M), out[-500:]


check("KILL of live", lambda: killed("live", "-F", "99", "-i", "0.2", words="entries/s"))
check("KILL of stat, whose command lives on", killed_with_command)
check("KILL of record, which can be reported", killed_recording)
check("PIPE that somebody sends", pipe_signal)
check("a closed pipe ends live with its reason", closed_pipe)
check("STOP and CONT of record under load", stopped_under_load)
check("live that nobody reads is bounded", unread_is_bounded)
done()
