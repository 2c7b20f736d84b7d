# SPDX-License-Identifier: GPL-2.0
"""What the live tests share. Each check prints one line that tests/run.sh counts."""
import contextlib
import csv
import json
import os
import shutil
import re
import signal
import subprocess
import tempfile
import time
import traceback

KVAS = os.path.abspath("build/kvas")
WORK = os.path.abspath("build/workload")


class Skip(Exception):
    """What is claimed cannot be tried here; tests/skips lists the reasons that are allowed."""


def check(name, fn):
    """Run FN; it raises (assert) when the claim in NAME does not hold."""
    try:
        fn()
        print(f"ok {name}", flush=True)
    except Skip as e:
        print(f"skip {name}: {e}", flush=True)
    except Exception as e:
        why = str(e).replace("\n", " | ") or traceback.format_exc().replace("\n", " | ")
        print(f"not ok {name}: {type(e).__name__}: {why[:1500]}", flush=True)


def done():
    print("done", flush=True)


def equal(got, want, what=""):
    assert got == want, f"{what}: got {got!r}, want {want!r}"


def kvas(*args, timeout=60, **kw):
    """Run kvas; the finished process, output as text unless text=False."""
    kw.setdefault("text", True)
    if os.environ.get("KVAS_AVOID") and args[0] in ("stat", "record", "live"):
        args = (args[0], "--avoid", os.environ["KVAS_AVOID"], *args[1:])
    if os.environ.get("KVAS_HZ") and args[0] in ("stat", "record", "live") and "-F" not in args:
        args = (args[0], "-F", os.environ["KVAS_HZ"], *args[1:])
    return subprocess.run([KVAS, *args], capture_output=True, timeout=timeout, **kw)


def stat(*args, timeout=60):
    """kvas stat's JSON, through a file so that a command may print."""
    with tempdir() as d:
        out = os.path.join(d, "stat.json")
        p = kvas("stat", "--format", "json", "-o", out, *args, timeout=timeout)
        assert os.path.exists(out) and os.path.getsize(out), f"no output: {p.stderr}"
        with open(out, encoding="utf-8") as f:
            return json.load(f)


@contextlib.contextmanager
def holding(name, *args):
    """Run a workload that holds what it made until its input ends: its pid and the
    addresses it printed, {kind: [address]}; "none" in it when it could make none."""
    p = subprocess.Popen([f"{WORK}/{name}", *args], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
    by = {}
    for line in p.stdout:
        kind, *value = line.split()
        if kind in ("ready", "none"):
            by[kind] = []
            break
        by.setdefault(kind, []).append(int(value[0], 16))
    try:
        yield p.pid, by
    finally:
        p.stdin.close()
        p.stdout.close()
        p.wait(timeout=10)


@contextlib.contextmanager
def leaderless():
    """A process whose first thread has exited (pthread_exit) while another holds a page: its
    pid and the addresses as of holding()."""
    with holding("special", "leaderless") as (pid, by):
        state, end = "", time.monotonic() + 10
        while state != "Z":
            assert time.monotonic() < end, f"the first thread of {pid} is in state {state}, not Z"
            time.sleep(0.001)
            with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                state = f.read().rsplit(")", 1)[1].split()[0]
        yield pid, by


@contextlib.contextmanager
def nofault():
    """A process whose BPF program reads an address that is not mapped, a hundred times and
    more: what is yielded takes how many reads failed, at the end."""
    told = {}
    with subprocess.Popen([os.path.abspath("build/live/nofault")], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as p:
        try:
            equal(p.stdout.readline(), "ready\n", "nofault")
            yield told
        finally:
            out, _ = p.communicate("\n", timeout=10)
    told["failed"] = int(out)


def killed_during(victim, delay, *args, others=0):
    """kvas ARGS, "PID" that of process VICTIM, which is killed after DELAY seconds while kvas
    stands still; as many OTHERS begin then, and are given the same memory. The status of
    kvas, its output and errors."""
    asked = [KVAS, *(str(victim.pid) if a == "PID" else a for a in args)]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as k:
        time.sleep(delay)
        k.send_signal(signal.SIGSTOP)
        victim.kill()
        victim.wait()
        begun = [subprocess.Popen(["sleep", "60"]) for _ in range(others)]
        k.send_signal(signal.SIGCONT)
        out, err = k.communicate(timeout=60)
    for o in begun:
        o.kill()
        o.wait()
    return k.returncode, out, err


def attached():
    """The IDs of kvas's exec and exit programs in the kernel, whoever runs them."""
    out = subprocess.run(["bpftool", "-j", "prog", "list"], capture_output=True, text=True,
                         timeout=30, check=True).stdout
    # bpftool may know only the 15 characters of the name that the kernel keeps.
    return {p["id"] for p in json.loads(out) if p.get("name", "").startswith("sched_process_e")}


def kpti_is_on():
    with open("/proc/cpuinfo", encoding="ascii") as f:
        return re.search(r"^flags\s*:.*\bpti\b", f.read(), re.M) is not None


def hypervisor_changes_tables():
    """Under PVM the kernel runs in ring 3 with pages that user mode could reach if its own tables
    had them, and the hypervisor changes tables at each entry. The kernel's log says so at boot."""
    log = subprocess.run(["dmesg"], capture_output=True, text=True, timeout=10, check=False).stdout
    return "Hypervisor detected: PVM" in log


def explored(*args, status=0):
    """The JSON object of a command that looks at the tables."""
    p = kvas(args[0], "--format", "json", *args[1:])
    assert p.returncode == status, f"{args[:4]} ended with {p.returncode}: {p.stderr}"
    return json.loads(p.stdout)


def refuses(status, words, *args):
    """kvas ARGS fails with STATUS, says WORDS on stderr and prints nothing else."""
    p = kvas(*args)
    equal(p.returncode, status, p.stderr)
    assert words in p.stderr and p.stderr.startswith("kvas: "), p.stderr
    equal(p.stdout, "")


def seeing(files, *args):
    """Run kvas in a mount namespace where each path of FILES has that text: the finished
    process."""
    with tempdir() as d:
        script = ""
        for i, (path, content) in enumerate(files.items()):
            with open(f"{d}/{i}", "w", encoding="latin-1") as f:
                f.write(content)
            script += f"mount --bind {d}/{i} {path} && "
        return subprocess.run(["unshare", "-m", "sh", "-c", script + 'exec "$0" "$@"', KVAS, *args],
                              capture_output=True, text=True, timeout=60)


def in_pid_namespace(*args):
    """kvas ARGS where it is process 1, with a /proc to match: the finished process."""
    unshare = ["unshare", "-p", "-f", "--mount-proc"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        raise Skip("unshare is refused here")
    return subprocess.run([*unshare, KVAS, *args], capture_output=True, text=True, timeout=60,
                          check=False)


def narrow(*args):
    """Text of at most 80 columns, and some."""
    p = kvas(*args)
    assert p.stdout.count("\n") > 3, p.stderr
    wide = [line for line in p.stdout.split("\n") if len(line) > 80]
    equal(wide, [])
    return p.stdout


@contextlib.contextmanager
def tempdir():
    d = tempfile.mkdtemp(prefix="kvas-test-")
    os.chmod(d, 0o755)
    try:
        yield d
    finally:
        shutil.rmtree(d, ignore_errors=True)


@contextlib.contextmanager
def plain_pointers():
    """/proc/vmallocinfo hashes addresses unless kptr_restrict is 1 (and the reader root)."""
    path = "/proc/sys/kernel/kptr_restrict"
    with open(path, encoding="ascii") as f:
        old = f.read()
    with open(path, "w", encoding="ascii") as f:
        f.write("1")
    try:
        yield
    finally:
        with open(path, "w", encoding="ascii") as f:
            f.write(old)


def table(directory, kind):
    """Rows of a recording's table as dictionaries, read by Python's csv module."""
    with open(os.path.join(directory, kind + ".csv"), newline="", encoding="latin-1") as f:
        return list(csv.DictReader(f, strict=True))


def meta(directory):
    with open(os.path.join(directory, "meta.json"), encoding="utf-8") as f:
        return json.load(f)


def counters(directory):
    """Totals of the interval table, system wide."""
    total = {}
    for r in table(directory, "interval"):
        if r["scope"] == "cpu":
            total[r["counter"]] = total.get(r["counter"], 0) + int(r["value"])
    return total


def hidden(total):
    """At most so many events of one kind are missing from the TOTAL of counters(): a kernel may run no
    program while some task is current (here: the tasks of PID 1). Each stay of such a task on a CPU is
    one switch that was not delivered; it can free one PGD there, of the mm it found active."""
    return total.get("lost.switches", 0)


def between(low, got, high, what=""):
    assert low <= got <= high, f"{what}: got {got}, want {low} to {high}"


def processes(directory):
    """Totals of the interval table by pid and counter."""
    total = {}
    for r in table(directory, "interval"):
        if r["scope"] == "process":
            key = int(r["pid"]), r["counter"]
            total[key] = total.get(key, 0) + int(r["value"])
    return total
