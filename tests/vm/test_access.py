# SPDX-License-Identifier: GPL-2.0
"""Where the kernel's accesses go: kvas's estimate against the emulator's count of every
load and store. Printed as tests/run.sh reads it.

    python3 tests/vm/test_access.py [KERNEL/FLAVOUR ...] [KIND ...]

Each kind of work runs twice with all of kvas's hooks attached: without the sampler, when
the emulator counts, and with it at 4 kHz. The emulator's clock counts instructions, so a
sample is as likely to fall on one as on another. Three seconds meet some two thousand
accesses; where chance may have decided, a second boot's are added to them.
"""
import concurrent.futures
import json
import sys
import tempfile

import guest
import image
import kernels

sys.path.insert(0, "tests/live")
from lib import check, done, equal  # noqa: E402

IMAGE = "build/vm/access.img"
# Which kinds of work where: all of them, side by side, within the time of three.
GUESTS = {"6.1/nopti-nokaslr": ["paths", "files", "pipes"],
          "7.2/nopti-nokaslr": ["paths", "processes", "loopback"]}
HZ, SECONDS = 4000, 3
LIMIT = 900  # seconds
MOST = 0.05  # total variation distance


def run(key):
    """{kind: (what the emulator counted, what kvas said)} of one boot."""
    kernel, flavour = key.split("/")
    kinds = KINDS or GUESTS.get(key) or sorted({k for some in GUESTS.values() for k in some})
    with tempfile.TemporaryDirectory(prefix="kvas-vm-") as d:
        g = guest.boot(guest.command(
            kernels.ensure(kernel), flavour, IMAGE,
            f"kvas.run=access kvas.args={HZ},{SECONDS},{','.join(kinds)}",
            judge=guest.counting(f"{d}/out"), extra=["-smp", "1", "-icount", "shift=2,sleep=off"]),
            f"build/vm/access-{kernel}.console", LIMIT)
        equal(g.trouble, None)
        equal(g.marked("FAILED"), [])
        with open(f"{d}/out", encoding="ascii") as f:
            marks = [json.loads(line) for line in f]
    works = [line.split() for line in g.marked("WORK")]
    stats = [json.loads(line) for line in g.marked("STAT")]
    equal(len(marks), 2 * len(works))
    equal(len(stats), len(works))
    got = {}
    for i, (kind, hz) in enumerate(works):
        begin, end = marks[2 * i:2 * i + 2]
        if hz == "0":
            got[kind] = {access: {r: end[access][r] - begin[access][r] for r in end[access]}
                         for access in ("load", "store")}
        else:
            got[kind] = (got[kind], stats[i]["accesses"], stats[i]["lost"])
    return got, g.seconds


def shares(by):
    total = sum(by.values())
    return {r: n / total for r, n in by.items()}


def distance(a, b):
    """Total variation distance of two counts."""
    a, b = shares(a), shares(b)
    return sum(abs(a.get(r, 0) - b.get(r, 0)) for r in a.keys() | b.keys()) / 2


def merged(a, b):
    """The counts of two boots, added up."""
    if isinstance(a, dict):
        return {k: merged(a.get(k, 0), b.get(k, 0)) for k in a.keys() | b.keys()}
    return a + b


def told(accesses):
    return {k: accesses[k] for k in ("samples", "load", "store")}


def judged(key):
    got, seconds = run(key)
    got = {kind: (truth, told(said), lost["ring_full"]["access"])
           for kind, (truth, said, lost) in got.items()}
    if any(distance(truth[a], said[a]) > MOST
           for truth, said, _ in got.values() for a in ("load", "store")):
        more, again = run(key)
        seconds += again
        got = {kind: (merged(truth, more[kind][0]), merged(said, told(more[kind][1])),
                      lost + more[kind][2]["ring_full"]["access"])
               for kind, (truth, said, lost) in got.items()}
    return got, seconds


def close(truth, said, access):
    assert said["samples"] > HZ * SECONDS / 2, said["samples"]
    off = distance(truth[access], said[access])
    assert off <= MOST, f"{off:.3f} from {shares(truth[access])}, said {shares(said[access])}"


def table(key, got, seconds):
    """For docs/accesses.md."""
    print(f"{key}, {seconds:.0f} s, TVD of load and store at {HZ} Hz")
    for kind, (truth, said, _) in got.items():
        print(f"{kind:10} {said['samples']:6} samples"
              + "".join(f"  {access} {distance(truth[access], said[access]):.3f}"
                        for access in ("load", "store")))
        for access in ("load", "store"):
            a, b = shares(truth[access]), shares(said[access])
            print(f"{'':10} {access:5} " + ", ".join(
                f"{r} {100 * a.get(r, 0):.1f}/{100 * b.get(r, 0):.1f}"
                for r in sorted(a.keys() | b.keys(), key=lambda r: -a.get(r, 0))
                if a.get(r, 0) > 0.002 or b.get(r, 0) > 0.002))


image.make(IMAGE)
with concurrent.futures.ThreadPoolExecutor(2) as workers:
    asked = [a for a in sys.argv[1:] if "/" in a] or list(GUESTS)
    KINDS = [a for a in sys.argv[1:] if "/" not in a]
    for guest_name, (found, took) in zip(asked, workers.map(judged, asked)):
        for work, (counted, estimate, lost) in found.items():
            for what in ("load", "store"):
                check(f"accesses in {guest_name}: {what} shares of {work}",
                      lambda: close(counted, estimate, what))
            check(f"accesses in {guest_name}: no sample lost in {work}",
                  lambda: equal(lost, 0))
        table(guest_name, found, took)
done()
