# SPDX-License-Identifier: GPL-2.0
"""What tracing costs on this machine; how the figures are made is in bench/pairs.py.

"bare2" is the bare machine a second time: where its interval does not hold 1, the noise
decides and no target of that row is judged. "empty" has programs that do nothing on the
hooks kvas uses.

    ROUNDS=30 python3 bench/run.py [PART ...]
"""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import arms
from arms import BUILD, KVAS
from pairs import ROUNDS, Row, added_ratio, cell, figure, measured, ratio
from resident import resident

PIN = ["taskset", "-c", "0"]
# Set inside the mount namespace where tracefs is mounted for bpftrace and perf.
INSIDE = "KVAS_BENCH_NAMESPACE"
STATS = "/proc/sys/kernel/bpf_stats_enabled"


def found(argv, pattern):
    out = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    m = re.search(pattern, out.stdout)
    if not m:
        sys.exit(f"{' '.join(argv)}: no {pattern} in: {out.stdout}{out.stderr}")
    return float(m.group(1))


def nanos(argv):
    return float(subprocess.run(argv, capture_output=True, text=True, timeout=120,
                                check=True).stdout)


def loop(what, times):
    return lambda: nanos(PIN + [f"{BUILD}/workload/loops", what, str(times)])


def compiling():
    """Nanoseconds of a compiler at work: as many files, forks, faults and pages as a build has."""
    began = time.monotonic_ns()
    for _ in range(3):
        subprocess.run(PIN + ["gcc", "-O1", "-Iinclude", "-Iuser", "-D_GNU_SOURCE", "-c", "-o",
                              "/dev/null", "user/access/text.c"], check=True, timeout=60)
    return time.monotonic_ns() - began


SYSCALL = Row("system call", lambda: 1000 * found(
    PIN + ["perf", "bench", "syscall", "basic", "-l", "1000000"], r"([0-9.]+) usecs/op"), [])
COMPILE = Row("compiling", compiling, ["forks", "faults"])
ROWS = [
    SYSCALL,
    Row("pipe", lambda: 1000 * found(PIN + ["perf", "bench", "sched", "pipe", "-l", "40000"],
                                     r"([0-9.]+) usecs/op"), ["switches"]),
    Row("messaging", lambda: 1e9 * found(["perf", "bench", "sched", "messaging", "-g", "2", "-l",
                                          "100"], r"Total time: ([0-9.]+)"), ["forks"]),
    Row("fork, exec, wait", loop("fork", 400), ["forks", "faults"]),
    Row("page fault", loop("fault", 120000), ["faults"]),
    Row("mmap, munmap", loop("map", 60000), ["faults"]),
    COMPILE,
]

ARMS = {"bare": arms.Bare, "bare2": arms.Bare, "empty": arms.empty, "live": arms.live,
        "bpftrace": arms.bpftrace, "record": arms.record, "perf record": arms.perf_record,
        "perf trace": arms.perf_trace}

# Title, figure of (got, row), the most that its upper end may be, the rows it is judged on.
TARGETS = [
    ("live / empty", lambda g, r: ratio(g, r, "live", "empty"), 1.10, ROWS),
    ("live / bare", lambda g, r: ratio(g, r, "live", "bare"), 1.02, [COMPILE]),
    ("live adds / bpftrace adds", lambda g, r: added_ratio(g, r, "live", "bpftrace", "bare"),
     0.5, ROWS),
    ("record adds / perf record adds",
     lambda g, r: added_ratio(g, r, "record", "perf record", "bare"), 0.2, ROWS),
]


def verdict(got, row, f, most):
    noise = ratio(got, row, "bare2", "bare")
    if not f or not noise:
        return "no pair met the same events"
    if not noise.low <= 1 <= noise.high:
        return "not judged: bare2 / bare is not 1"
    return f"met: at most {most}" if f.high <= most else f"MISSED: at most {most}"


def tracing():
    got = measured(ROWS, ARMS)
    print(f"\nns per operation: medians of {ROUNDS} rounds")
    print(f"{'':18}" + "".join(f"{arm:>12}" for arm in ARMS))
    for row in ROWS:
        print(f"{row.name:18}" + "".join(
            f"{statistics.median(run.ns for run in got[arm][row.name]):12.0f}" for arm in ARMS))
    noise = [ratio(got, row.name, "bare2", "bare") for row in ROWS]
    print(f"\nbare2 / bare, the noise{'':17}median (95 in 100 within)   pairs dropped")
    for row, f in zip(ROWS, noise):
        print(f"  {row.name:37} {cell(f):27} {f.dropped if f else ROUNDS}")
    for title, value, most, rows in TARGETS:
        print(f"\n{title}")
        for row in rows:
            f = value(got, row.name)
            print(f"  {row.name:37} {cell(f):27} {verdict(got, row.name, f, most)}")


def attach():
    """Start to end of `kvas stat` with a window of a millisecond: host facts, load,
    attach, detach; so an upper bound of the time to attach."""
    times = []
    for _ in range(9):
        began = time.monotonic()
        subprocess.run([KVAS, "stat", "-d", "0.001"], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
        times.append(time.monotonic() - began)
    print(f"\nkvas stat -d 0.001, whole run: median {statistics.median(times):.3f} s "
          f"({min(times):.3f} to {max(times):.3f}); target for attaching 0.5")


def memory():
    """Resident memory of kvas live after some seconds of forking."""
    with arms.live() as k:
        subprocess.run([f"{BUILD}/workload/loops", "fork", "2000"], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
        beside, rings = resident(k.p.pid)
    print(f"kvas live resident: {beside:.1f} MiB beside {rings:.1f} MiB "
          "of mapped rings; target 16")


def explore(*args):
    """JSON of one run, and the most memory it had, in MiB."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen([f"{BUILD}/kvas", *args, "--format", "json"], stdout=out)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        assert p.returncode == 0, args
        out.seek(0)
        return json.load(out), usage.ru_maxrss / 1024


def explorers():
    """Reading the tables, with a few hundred processes beside."""
    others = [subprocess.Popen(["sleep", "600"]) for _ in range(300)]
    try:
        half, slowest, mean, memory = [], [], [], []
        for _ in range(9):
            layout, a = explore("layout")
            pgds, b = explore("pgd", "-a")
            half.append(layout["survey"]["ns"] / 1e6)
            slowest.append(pgds["timing"]["compare_max_ns"] / 1e6)
            mean.append(pgds["timing"]["compare_ns"] / pgds["pgds"] / 1e6)
            memory.append(max(a, b, explore("check")[1]))
    finally:
        for p in others:
            p.kill()
            p.wait()
    print(f"\nkvas layout, the whole kernel half ({layout['survey']['tables_read']} tables): "
          f"{statistics.median(half):.1f} ms ({min(half):.1f} to {max(half):.1f}); target 200")
    print(f"kvas pgd -a, one of {pgds['pgds']} PGDs compared: {statistics.median(mean):.4f} ms, "
          f"the slowest {max(slowest):.3f}; target 1")
    print(f"most resident memory of layout, pgd -a and check: {max(memory):.1f} MiB; target 32")


def program_ns():
    """Nanoseconds the sampler's program runs for a sample, as the kernel counts them."""
    try:
        with open(STATS, "w", encoding="ascii") as f:
            f.write("1")
        with arms.sampling("4000"):
            SYSCALL.measure()
            shown = subprocess.run([os.environ.get("BPFTOOL", "/usr/sbin/bpftool"), "-j", "prog",
                                    "show", "name", "sample_access"], check=True,
                                   capture_output=True, text=True, timeout=30).stdout
    finally:
        with open(STATS, "w", encoding="ascii") as f:
            f.write("0")
    shown = json.loads(shown)
    prog = shown[0] if isinstance(shown, list) else shown
    return prog["run_time_ns"] / prog["run_cnt"]


def added(what, rows, traced):
    """What each arm adds to the first, percent."""
    got = measured(rows, traced)
    base, *others = traced
    print(f"\n{what}, percent: medians of {ROUNDS} rounds (95 in 100 within)")
    print(f"{'':18}" + "".join(f"{arm:>26}" for arm in others))
    for row in rows:
        print(f"{row.name:18}" + "".join(
            f"{cell(figure(got, row.name, (arm, base), lambda a, b: 100 * (a / b - 1)), 1):>26}"
            for arm in others))


def stolen():
    """The percentage of a CPU that the sampler's ticks take from a program in user mode."""
    row = Row("stolen", lambda: nanos(PIN + [f"{BUILD}/bench/stolen", "3"]), [])
    traced = {"-F 0": lambda: arms.sampling("0"), "-F 99": lambda: arms.sampling("99"),
              "perf at 99": lambda: arms.perf_sampling("99"),
              "-F 4000": lambda: arms.sampling("4000"),
              "perf at 4000": lambda: arms.perf_sampling("4000"),
              "-F 0 again": lambda: arms.sampling("0")}
    got = measured([row], traced)
    print(f"\nof a CPU taken from user mode beyond what kvas live -F 0 does, percent: medians of "
          f"{ROUNDS} rounds (95 in 100 within)")
    for arm in list(traced)[1:]:
        print(f"{arm:14}"
              f"{cell(figure(got, row.name, (arm, '-F 0'), lambda a, b: a - b), 3):>28}")


def sums():
    """What -m adds to kvas without it: every kmalloc and page allocation, most copies."""
    added("-m adds to kvas live -F 0", ROWS,
          {"-F 0": lambda: arms.sampling("0"), "-F 0 -m": lambda: arms.live("-F", "0", "-m"),
           "-F 0 again": lambda: arms.sampling("0")})


def sampler():
    """What sampling adds to all that kvas does without, and how fast samples are decoded."""
    added("the sampler adds to kvas live -F 0 (targets 0.1 at 99 Hz, 3 at 4000)",
          [SYSCALL, COMPILE],
          {"-F 0": lambda: arms.sampling("0"), "-F 99": lambda: arms.sampling("99"),
           "-F 4000": lambda: arms.sampling("4000"),
           "perf at 4000": lambda: arms.perf_sampling("4000"),
           "-F 0 again": lambda: arms.sampling("0")})
    ns = program_ns()
    print(f"its program runs {ns:.0f} ns a sample: {99 * ns / 1e7:.4f} % of a CPU at 99 Hz, "
          f"{4000 * ns / 1e7:.2f} % at 4000")
    runs = [subprocess.run([f"{BUILD}/bench/decode"], check=True, timeout=60, text=True,
                           capture_output=True).stdout.split() for _ in range(7)]
    for i, what in enumerate(("new code", "known code")):
        rates = [float(r[i]) for r in runs]
        print(f"decoding, {what}: {statistics.median(rates):.2f} million samples a second "
              f"({min(rates):.2f} to {max(rates):.2f}); target 2")


def csv():
    sys.stdout.flush()
    subprocess.run([f"{BUILD}/bench/csv"], check=True, timeout=300)


# By name, to run some alone: python3 bench/run.py explorers
PARTS = {"tracing": tracing, "attach": attach, "memory": memory, "explorers": explorers,
         "sampler": sampler, "stolen": stolen, "sums": sums, "csv": csv}


def main():
    with open(STATS, encoding="ascii") as f:
        if f.read().strip() != "0":
            sys.exit(f"{STATS} is not 0: the kernel then times every BPF program, which is "
                     "measured with it; write 0 to it")
    if INSIDE not in os.environ:
        os.execvpe("unshare", ["unshare", "-m", sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})
    subprocess.run("mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs "
                   "/sys/kernel/tracing", shell=True, check=True, timeout=10)
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()


main()
