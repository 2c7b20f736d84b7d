# SPDX-License-Identifier: GPL-2.0
"""What tracing costs on this machine.

Arms are interleaved: in each round every arm runs every row once, so that slow
minutes of the machine hit all arms alike. Figures are medians over the rounds.
"bare2" is the bare machine a second time: how far it is from 1.00 is the noise.
"empty" has programs that do nothing on the hooks kvas uses.
"""
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = int(os.environ.get("ROUNDS", "9"))
BUILD = "build"
PIN = ["taskset", "-c", "0"]

# What kvas counts, counted by bpftrace: one counter per event and process.
EVENTS = """
tracepoint:raw_syscalls:sys_enter { @s[pid] = count(); }
tracepoint:sched:sched_switch { @w[pid] = count(); }
tracepoint:exceptions:page_fault_user { @fu[pid] = count(); }
tracepoint:exceptions:page_fault_kernel { @fk[pid] = count(); }
tracepoint:tlb:tlb_flush { @t[pid] = count(); }
tracepoint:task:task_newtask { @n[pid] = count(); }
tracepoint:sched:sched_process_exec { @e[pid] = count(); }
tracepoint:sched:sched_process_exit { @x[pid] = count(); }
tracepoint:irq_vectors:local_timer_entry { @i[pid] = count(); }
tracepoint:irq_vectors:reschedule_entry { @r[pid] = count(); }
tracepoint:irq_vectors:call_function_single_entry { @c[pid] = count(); }
tracepoint:irq:irq_handler_entry { @d[pid] = count(); }
tracepoint:kmem:mm_page_free { @p[pid] = count(); }
tracepoint:vmalloc:alloc_vmap_area { @va[pid] = count(); }
tracepoint:vmalloc:free_vmap_area_noflush { @vf[pid] = count(); }
"""


def usecs(argv):
    out = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    m = re.search(r"([0-9.]+) usecs/op", out.stdout)
    if not m:
        sys.exit(f"{' '.join(argv)}: no usecs/op in: {out.stdout}{out.stderr}")
    return float(m.group(1)) * 1000


def nanos(argv):
    return float(subprocess.run(argv, capture_output=True, text=True, timeout=120,
                                check=True).stdout)


ROWS = [
    ("perf bench syscall basic",
     lambda: usecs(PIN + ["perf", "bench", "syscall", "basic", "-l", "1000000"])),
    ("perf bench sched pipe",
     lambda: usecs(PIN + ["perf", "bench", "sched", "pipe", "-l", "40000"])),
    ("fork+exec+wait", lambda: nanos(PIN + [f"{BUILD}/bench/loops", "fork", "400"])),
    ("page fault", lambda: nanos(PIN + [f"{BUILD}/bench/loops", "fault", "120000"])),
]


class Bare:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


class Process:
    """A tracer running in the background while the rows are measured."""

    def __init__(self, argv, ready, stop):
        self.argv, self.ready, self.stop = argv, ready, stop

    def __enter__(self):
        self.p = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        line = b""
        while self.ready not in line:
            line = self.p.stdout.readline()
            if not line:
                sys.exit(f"{self.argv[0]} ended before it was ready")
        # Keep reading, so that it never blocks on a full pipe.
        self.drain = subprocess.Popen(["cat"], stdin=self.p.stdout,
                                      stdout=subprocess.DEVNULL)
        time.sleep(0.3)
        return self

    def __exit__(self, *_):
        if self.stop is None:
            self.p.stdin.close()
        else:
            self.p.send_signal(self.stop)
        self.p.wait(timeout=60)
        self.drain.wait(timeout=60)
        return False


def bpftrace():
    program = "BEGIN { printf(\"ready\\n\"); }" + EVENTS
    return ["sh", "-c", "mountpoint -q /sys/kernel/tracing || "
            "mount -t tracefs tracefs /sys/kernel/tracing; exec bpftrace -e \"$0\"", program]


ARMS = [
    ("bare", Bare),
    ("empty", lambda: Process([f"{BUILD}/bench/empty"], b"ready", None)),
    ("kvas", lambda: Process([f"{BUILD}/kvas", "live", "-i", "1"], b"kvas itself", signal.SIGINT)),
    ("bpftrace", lambda: Process(["unshare", "-m", *bpftrace()], b"ready", signal.SIGINT)),
    ("bare2", Bare),
]


def measured(rows, arms):
    """Each row in each arm, once a round, the arms interleaved: a list by arm and row."""
    got = {(a, r): [] for a, _ in arms for r, _ in rows}
    for n in range(ROUNDS):
        for arm, make in arms:
            with make():
                for row, measure in rows:
                    got[arm, row].append(measure())
        print(f"round {n + 1} of {ROUNDS}", file=sys.stderr)
    return got


def main():
    got = measured(ROWS, ARMS)
    med = {k: statistics.median(v) for k, v in got.items()}
    print(f"\nns per operation, medians of {ROUNDS} rounds, arms interleaved")
    print(f"{'':26}{'bare':>9}{'bare2':>9}{'empty':>9}{'kvas':>9}{'bpftrace':>10}")
    for row, _ in ROWS:
        m = {a: med[a, row] for a, _ in ARMS}
        print(f"{row:26}{m['bare']:9.0f}{m['bare2']:9.0f}{m['empty']:9.0f}{m['kvas']:9.0f}"
              f"{m['bpftrace']:10.0f}")
    print(f"\n{'':26}{'noise':>9}{'kvas/':>9}{'kvas adds/':>12}{'target':>10}")
    print(f"{'':26}{'bare2/':>9}{'empty':>9}{'bpftrace':>12}{'1.15, 0.33':>12}")
    for row, _ in ROWS:
        # Ratios within a round, then the median: what the machine did to a whole
        # round drops out.
        def ratio(f):
            return statistics.median(f(*v) for v in zip(*(got[a, row] for a, _ in ARMS)))
        noise = ratio(lambda b, e, k, t, b2: b2 / b)
        over = ratio(lambda b, e, k, t, b2: k / e)
        base = ratio(lambda b, e, k, t, b2: (k - (b + b2) / 2) / max(t - (b + b2) / 2, 1e-9))
        verdict = "met" if over <= 1.15 and base <= 1 / 3 else "MISSED"
        print(f"{row:26}{noise:9.2f}{over:9.2f}{base:12.2f}{verdict:>12}")


def attach():
    """Start to end of `kvas stat` with a window of a millisecond: host facts, load,
    attach, detach; so an upper bound of the time to attach."""
    times = []
    for _ in range(9):
        began = time.monotonic()
        subprocess.run([f"{BUILD}/kvas", "stat", "-d", "0.001"], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
        times.append(time.monotonic() - began)
    print(f"\nkvas stat -d 0.001, whole run: median {statistics.median(times):.3f} s "
          f"({min(times):.3f} to {max(times):.3f}); target for attaching 0.5")


def memory():
    """Resident memory of kvas live after some seconds of forking, the rings' pages
    taken off: they are mapped twice, so that a record never wraps."""
    with Process([f"{BUILD}/kvas", "live", "-i", "1"], b"kvas itself", signal.SIGINT) as k:
        subprocess.run([f"{BUILD}/bench/loops", "fork", "2000"], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
        rss = rings = 0
        with open(f"/proc/{k.p.pid}/smaps", encoding="ascii") as f:
            for line in f:
                if re.match(r"[0-9a-f]+-", line):
                    ring = "bpf-map" in line or "bpf_ringbuf" in line
                elif line.startswith("Rss:"):
                    kib = int(line.split()[1])
                    rss += kib
                    rings += kib if ring else 0
    print(f"kvas live resident: {(rss - rings) / 1024:.1f} MiB beside {rings / 1024:.1f} MiB "
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


def compiling():
    """Seconds of a compiler at work: as many files, forks, faults and pages as a build has."""
    began = time.monotonic()
    for _ in range(3):
        subprocess.run(PIN + ["gcc", "-O1", "-Iinclude", "-Iuser", "-D_GNU_SOURCE", "-c", "-o",
                              "/dev/null", "user/access/text.c"], check=True, timeout=60)
    return time.monotonic() - began


class Perf(Process):
    """kvas without its sampler, and perf's at HZ beside it: what the timer costs here."""

    def __init__(self, hz):
        super().__init__([f"{BUILD}/kvas", "live", "-i", "1", "-F", "0"], b"kvas itself",
                         signal.SIGINT)
        self.perf = ["perf", "record", "-a", "-e", "cpu-clock", "-F", hz, "-o", "/dev/null"]

    def __enter__(self):
        self.beside = subprocess.Popen(self.perf, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        return super().__enter__()

    def __exit__(self, *args):
        self.beside.send_signal(signal.SIGINT)
        self.beside.wait(timeout=30)
        return super().__exit__(*args)


def live(*options):
    return Process([f"{BUILD}/kvas", "live", "-i", "1", *options], b"kvas itself", signal.SIGINT)


def sampling(hz):
    return live("-F", hz)


def program_ns():
    """Nanoseconds the sampler's program runs for a sample, as the kernel counts them."""
    stats = "/proc/sys/kernel/bpf_stats_enabled"
    with open(stats, encoding="ascii") as f:
        before = f.read()
    try:
        with open(stats, "w", encoding="ascii") as f:
            f.write("1")
        with sampling("4000"):
            ROWS[0][1]()
            shown = subprocess.run([os.environ.get("BPFTOOL", "/usr/sbin/bpftool"), "-j", "prog",
                                    "show", "name", "sample_access"], check=True,
                                   capture_output=True, text=True, timeout=30).stdout
    finally:
        with open(stats, "w", encoding="ascii") as f:
            f.write(before)
    shown = json.loads(shown)
    prog = shown[0] if isinstance(shown, list) else shown
    return prog["run_time_ns"] / prog["run_cnt"]


def added(what, rows, arms):
    """What each arm adds to the first, percent: quartiles of the ratios within a round."""
    got = measured(rows, arms)
    print(f"\n{what}, percent, medians of {ROUNDS} rounds (quartiles)")
    print(f"{'':26}" + "".join(f"{arm:>26}" for arm, _ in arms[1:]))
    for row, _ in rows:
        line = f"{row:26}"
        for arm, _ in arms[1:]:
            more = [100 * (s / b - 1) for s, b in zip(got[arm, row], got[arms[0][0], row])]
            low, middle, high = statistics.quantiles(more, n=4)
            line += f"{f'{middle:.1f} ({low:.1f} to {high:.1f})':>26}"
        print(line)


def stolen():
    """The percentage of a CPU that the sampler's ticks take from a program in user mode."""
    arms = [("-F 0", lambda: sampling("0")), ("-F 99", lambda: sampling("99")),
            ("perf at 99", lambda: Perf("99")), ("-F 4000", lambda: sampling("4000")),
            ("perf at 4000", lambda: Perf("4000")), ("-F 0 again", lambda: sampling("0"))]
    row = ("stolen", lambda: nanos(PIN + [f"{BUILD}/bench/stolen", "3"]))
    got = {arm: ns for (arm, _), ns in measured([row], arms).items()}
    print(f"\nof a CPU taken from user mode beyond what kvas live -F 0 does, percent, medians of "
          f"{ROUNDS} rounds (quartiles)")
    for arm, _ in arms[1:]:
        more = [a - b for a, b in zip(got[arm], got["-F 0"])]
        low, middle, high = statistics.quantiles(more, n=4)
        print(f"{arm:14}{f'{middle:.3f} ({low:.3f} to {high:.3f})':>28}")


def sums():
    """What -m adds to kvas without it: every kmalloc and page allocation, most copies."""
    added("-m adds to kvas live -F 0", [*ROWS, ("compiling", compiling)],
          [("-F 0", lambda: sampling("0")), ("-F 0 -m", lambda: live("-F", "0", "-m")),
           ("-F 0 again", lambda: sampling("0"))])


def sampler():
    """What sampling adds to all that kvas does without, and how fast samples are decoded."""
    added("the sampler adds to kvas live -F 0 (targets 0.1 at 99 Hz, 3 at 4000)",
          [ROWS[0], ("compiling", compiling)],
          [("-F 0", lambda: sampling("0")), ("-F 99", lambda: sampling("99")),
           ("-F 4000", lambda: sampling("4000")), ("perf at 4000", lambda: Perf("4000")),
           ("-F 0 again", lambda: sampling("0"))])
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
PARTS = {"tracing": main, "attach": attach, "memory": memory, "explorers": explorers,
         "sampler": sampler, "stolen": stolen, "sums": sums, "csv": csv}
for part in sys.argv[1:] or PARTS:
    PARTS[part]()
