# SPDX-License-Identifier: GPL-2.0
"""What kvas live adds to an operation, in instructions that the emulator counts, has not grown
beyond the committed baseline. Printed as tests/run.sh reads it.

    python3 tests/vm/test_cost.py [KERNEL/FLAVOUR ...]
"""
import concurrent.futures
import sys

import cost
import kernels

sys.path.insert(0, "tests/live")
from lib import check, done, equal  # noqa: E402

CELLS = ["6.1/kpti", "7.2/nopti"]
ARMS = ["nothing", "empty", "live"]


def run(cell):
    try:
        return cost.run(cell, ARMS, IMAGE, f"build/vm/test-cost-{cell.replace('/', '-')}")
    except (cost.Wrong, kernels.Unavailable) as e:
        return None, {}, {"all": str(e)}


def not_grown(row, got, was, same):
    why = cost.grown(row, got, was, same)
    assert not why, why


IMAGE = cost.make_image("build/vm/test-cost.img", ARMS)
BASELINE = cost.read_baseline()
ASKED = sys.argv[1:] or CELLS
with concurrent.futures.ThreadPoolExecutor(2) as workers:
    for name, (release, found, failed) in zip(ASKED, workers.map(run, ASKED)):
        check(f"cost in {name}: every arm ran", lambda: equal(failed, {}))
        release_was, baseline = BASELINE[name]
        if release != release_was:
            print(f"{name}: Linux {release}, the baseline is of {release_was}: compared is what "
                  "kvas adds to what empty programs add in the same run")
        for a_row in cost.ROWS:
            check(f"cost in {name}: {cost.ROWS[a_row]}",
                  lambda: not_grown(a_row, found, baseline, release == release_was))
done()
