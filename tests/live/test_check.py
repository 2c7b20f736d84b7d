# SPDX-License-Identifier: GPL-2.0
"""kvas check on a kernel as it is."""
import json
import re

from lib import check, done, equal, explored, in_pid_namespace, narrow, refuses

IDS = ["identity", "vmalloc-scattered", "stacks-in-vmalloc", "image-offset", "direct-map-huge",
       "kernel-half-equal", "kernel-own-table", "kpti-user-table", "other-process-readable",
       "kernel-faults-user"]


def facts():
    found = {f["id"]: f for f in explored("check")["facts"]}
    equal(list(found), IDS)
    with open("/proc/cpuinfo", encoding="ascii") as f:
        kpti = re.search(r"^flags\s*:.*\bpti\b", f.read(), re.M) is not None
    want = dict.fromkeys(IDS, "holds")
    if not kpti:
        want["kpti-user-table"] = "unknown"
    equal({i: f["verdict"] for i, f in found.items()}, want,
          str([f["evidence"] for f in found.values() if f["verdict"] == "fails"]))
    assert found["identity"]["checked"] > 1000, found["identity"]
    assert found["kernel-half-equal"]["checked"] >= 2, found["kernel-half-equal"]
    # 64 pages of kvas's own, four times at least.
    assert found["kernel-faults-user"]["checked"] >= 256, found["kernel-faults-user"]
    equal([f["broken"] for f in found.values()], [0] * len(IDS))


def namespace():
    """kvas does not know the number the kernel gives its child there: it takes no other's."""
    p = in_pid_namespace("check", "--format", "json")
    equal(p.returncode, 0, p.stderr)
    found = {f["id"]: f for f in json.loads(p.stdout)["facts"]}["other-process-readable"]
    equal(found["verdict"], "unknown")
    assert "PID namespace" in found["evidence"], found


def text():
    out = narrow("check")
    unknown = len(re.findall(r"^unknown  ", out, re.M))
    holds = len(re.findall(r"^holds    ", out, re.M))
    equal(holds + unknown, len(IDS))
    assert f"{len(IDS)} facts: {holds} hold, 0 fail, {unknown} unknown\n" in out, out


check("check: what must hold holds, what cannot be known is unknown", facts)
check("check: in a PID namespace of its own", namespace)
check("check: text fits 80 columns and counts right", text)
check("check: takes no argument", lambda: refuses(2, "one argument too many", "check", "x"))
done()
