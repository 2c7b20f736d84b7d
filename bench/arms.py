# SPDX-License-Identifier: GPL-2.0
"""The tracers that run beside a measured load. Each is entered when it traces and left when
it has ended; what it prints is read all the while, so that it never waits for a reader."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = "build"
KVAS = f"{BUILD}/kvas"
SETTLE = 0.3  # seconds
START = 20  # seconds at most until a tracer traces

# What kvas counts: tracepoint and the map that bpftrace counts it in, by process.
EVENTS = {
    "raw_syscalls:sys_enter": "s", "sched:sched_switch": "w",
    "exceptions:page_fault_user": "fu", "exceptions:page_fault_kernel": "fk",
    "tlb:tlb_flush": "t", "task:task_newtask": "n", "sched:sched_process_exec": "e",
    "sched:sched_process_exit": "x", "irq_vectors:local_timer_entry": "i",
    "irq_vectors:reschedule_entry": "r", "irq_vectors:call_function_single_entry": "c",
    "irq:irq_handler_entry": "d", "kmem:mm_page_free": "p", "vmalloc:alloc_vmap_area": "va",
    "vmalloc:free_vmap_area_noflush": "vf",
}
# What `kvas record --events all` writes a row of, each.
RECORDED = ["raw_syscalls:sys_enter", "sched:sched_switch", "exceptions:page_fault_user", "exceptions:page_fault_kernel",
            "task:task_newtask", "sched:sched_process_exec", "sched:sched_process_exit",
            "vmalloc:alloc_vmap_area", "vmalloc:free_vmap_area_noflush"]


class Bare:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


class Process:
    """A tracer that says READY on its output when it traces, and ends at the signal STOP, or
    (None) when its input closes."""

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
        self.drain = subprocess.Popen(["cat"], stdin=self.p.stdout, stdout=subprocess.DEVNULL)
        time.sleep(SETTLE)
        return self

    def __exit__(self, *_):
        if self.stop is None:
            self.p.stdin.close()
        else:
            self.p.send_signal(self.stop)
        self.p.wait(timeout=60)
        self.drain.wait(timeout=60)
        return False


class Silent:
    """A tracer that says nothing when it begins: READY(pid) tells whether it traces. OUT is
    a directory to write to, removed afterwards."""

    def __init__(self, argv, ready):
        self.argv, self.ready = argv, ready

    def __enter__(self):
        self.out = tempfile.mkdtemp(prefix="kvas-bench-")
        self.p = subprocess.Popen([a.replace("OUT", self.out) for a in self.argv],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START
        while not self.ready(self.p.pid, self.out):
            if self.p.poll() is not None or time.monotonic() > end:
                sys.exit(f"{' '.join(self.argv)}: does not trace")
            time.sleep(0.05)
        time.sleep(SETTLE)
        return self

    def __exit__(self, *_):
        self.p.send_signal(signal.SIGINT)
        self.p.wait(timeout=60)
        shutil.rmtree(self.out)
        return False


class Beside:
    """One arm with another beside it, the second begun last and ended first."""

    def __init__(self, first, second):
        self.first, self.second = first, second

    def __enter__(self):
        self.first.__enter__()
        self.second.__enter__()
        return self

    def __exit__(self, *args):
        self.second.__exit__(*args)
        self.first.__exit__(*args)
        return False


def live(*options):
    return Process([KVAS, "live", "-i", "1", *options], b"kvas itself", signal.SIGINT)


def sampling(hz):
    return live("-F", hz)


def empty():
    return Process([f"{BUILD}/bench/empty"], b"ready", None)


def bpftrace():
    program = 'BEGIN { printf("ready\\n"); }' + "".join(
        f"tracepoint:{event} {{ @{name}[pid] = count(); }}" for event, name in EVENTS.items())
    return Process(["bpftrace", "-e", program], b"ready", signal.SIGINT)


def rows_written(_, out):
    """kvas record writes meta.json when it traces."""
    return os.path.exists(f"{out}/recording/meta.json")


def record():
    return Silent([KVAS, "record", "--events", "all", "-o", "OUT/recording"], rows_written)


_events = {}


def all_open(pid, _):
    """perf opens one descriptor an event and CPU; it traces when no more are opened."""
    try:
        links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return False
    before, _events[pid] = _events.get(pid), links.count("anon_inode:[perf_event]")
    return before == _events[pid] > 0


def tracepoints(events):
    return [word for event in events for word in ("-e", event)]


def perf_record():
    return Silent(["perf", "record", "-a", *tracepoints(RECORDED), "-o", "OUT/perf.data"], all_open)


def perf_trace():
    """As perf record's events and every system call, written as text."""
    return Silent(["perf", "trace", "-a", *tracepoints(RECORDED), "-o", "OUT/trace"], all_open)


def perf_sampling(hz):
    """kvas without its sampler, and perf's beside it: what the timer costs here."""
    return Beside(sampling("0"), Silent(
        ["perf", "record", "-a", "-e", "cpu-clock", "-F", hz, "-o", "/dev/null"], all_open))
