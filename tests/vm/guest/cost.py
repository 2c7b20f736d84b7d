# SPDX-License-Identifier: GPL-2.0
"""In the guest of tests/vm/cost.py: the operations of build/workload/cost with one tracer after
another attached. Arguments: rows with + between them, or all; then the arms, in their order.
An arm whose name ends in ! says afterwards where the kernel's functions and programs are."""
import base64
import glob
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time

KVAS = "build/kvas"
SAID = "/tmp/said"


def bpftrace_probe(how, target):
    """Its name for a hook, or None."""
    if how == "tp_btf":
        found = glob.glob(f"/sys/kernel/tracing/events/*/{target}")
        return "tracepoint:" + ":".join(found[0].split("/")[-2:]) if found else None
    return {"fentry": "kfunc", "fexit": "kretfunc"}.get(how, how) + ":" + target


def same_events():
    """A bpftrace program that counts, by process, at every hook that kvas has here."""
    lines = ['BEGIN { printf("ready\\n"); }']
    hooks = json.loads(subprocess.run([KVAS, "hooks", "--format", "json"], check=True,
                                      capture_output=True, timeout=120).stdout)["hooks"]
    for i, hook in enumerate(hooks):
        if hook["name"].startswith(("copy_", "slab_", "pages")):  # those of -m
            continue
        for way in hook["candidates"]:
            probe = way["result"] == "chosen" and bpftrace_probe(way["how"], way["target"])
            if probe and f"{probe} {{" not in "\n".join(lines):
                lines.append(f"{probe} {{ @c{i}[pid] = count(); }}")
    return "\n".join(lines)


ARMS = {
    # name: (arguments, the file that is not empty when all is attached)
    "nothing": None,
    "again": None,
    "empty": lambda: (["build/bench/empty"], SAID),
    "live": lambda: ([KVAS, "live"], SAID),
    "record": lambda: ([KVAS, "record", "-o", "/tmp/rec"], "/tmp/rec/interval.csv"),
    "bpftrace": lambda: (["bpftrace", "-e", same_events()], SAID),
}
# Seconds without work cost nothing here: the clock leaps to the next event. So wait for long,
# for what a tracer does once to be done.
SETTLE = 10


class Failed(Exception):
    pass


def settle():
    """Let a tracer read what it reads once, and a kernel do what follows its boot."""
    # Forks make kvas look names up.
    subprocess.run(["build/workload/cost", "warm"], check=True)
    time.sleep(SETTLE)


def begin(make):
    """Start it and wait until it traces."""
    argv, sign = make()
    with open(SAID, "wb") as out:
        tracer = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=out, stderr=out)
    while not (os.path.exists(sign) and os.path.getsize(sign)):
        if tracer.poll() is not None:
            break
        time.sleep(0.1)
    settle()
    if tracer.poll() is not None:
        with open(SAID, encoding="utf-8", errors="replace") as f:
            raise Failed(f"{argv[0]} ended with {tracer.returncode}: {f.read()[-300:]!r}")
    return tracer


def end(tracer):
    if tracer and tracer.poll() is None:
        tracer.stdin.close()
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=100)
    # Programs and maps are freed after grace periods.
    time.sleep(1)
    shutil.rmtree("/tmp/rec", ignore_errors=True)


def symbols():
    """Text symbols, compressed: the console is slow."""
    with open("/proc/kallsyms", encoding="ascii") as f:
        rows = [line.split() for line in f]
    text = "".join(f"{a[-12:]} {name}\n" for a, kind, name, *_ in rows if kind in "tTwW")
    print("@@ SYMBOLS " + base64.b64encode(gzip.compress(text.encode("ascii"))).decode("ascii"),
          flush=True)


def main(rows, arms):
    with open("/proc/sys/net/core/bpf_jit_kallsyms", "w", encoding="ascii") as f:
        f.write("1")
    for arm in arms:
        print(f"@@ ARM {arm.rstrip('!')}", flush=True)
        tracer = None
        try:
            make = ARMS[arm.rstrip("!")]
            tracer = begin(make) if make else settle()
            # Without a timeout: to keep one, Python wakes up and looks.
            subprocess.run(["build/workload/cost", *rows], check=True)
            if arm.endswith("!"):
                symbols()
        except (Failed, subprocess.CalledProcessError) as e:
            print(f"@@ FAILED {arm.rstrip('!')}: {e}".replace("\n", " "), flush=True)
        end(tracer)


main([] if sys.argv[1] == "all" else sys.argv[1].split("+"), sys.argv[2:])
