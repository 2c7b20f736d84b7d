# SPDX-License-Identifier: GPL-2.0
"""kvas check on a kernel as it is."""
import ctypes
import json
import os
import re
import resource
import subprocess

from lib import KVAS, check, done, equal, explored, in_pid_namespace, kpti_is_on, narrow, nofault, \
    refuses

IDS = ["identity", "vmalloc-scattered", "stacks-in-vmalloc", "image-offset", "direct-map-huge",
       "kernel-half-equal", "kernel-own-table", "kpti-user-table", "other-process-readable",
       "kernel-faults-user"]


def facts():
    found = {f["id"]: f for f in explored("check")["facts"]}
    equal(list(found), IDS)
    want = dict.fromkeys(IDS, "holds")
    if not kpti_is_on():
        want["kpti-user-table"] = "unknown"
    equal({i: f["verdict"] for i, f in found.items()}, want,
          str([f["evidence"] for f in found.values() if f["verdict"] == "fails"]))
    assert found["identity"]["checked"] > 1000, found["identity"]
    assert found["kernel-half-equal"]["checked"] >= 2, found["kernel-half-equal"]
    # 64 pages of kvas's own, four times at least.
    assert found["kernel-faults-user"]["checked"] >= 256, found["kernel-faults-user"]
    equal([f["broken"] for f in found.values()], [0] * len(IDS))
    # kvas reads where nothing is mapped, and these are among the faults it saw.
    told = re.search(r"made to fail safely: (\d+), .*; (\d+) reads of kvas's own at addresses not"
                     r" mapped failed", found["kernel-faults-user"]["evidence"])
    assert told and int(told.group(1)) >= 16 and int(told.group(2)) >= 16, found["kernel-faults-user"]


def beside_a_tracer():
    """Reads of unmapped addresses by another BPF program are page faults of kernel mode at
    kernel addresses, and refute nothing."""
    with nofault() as told:
        fact = {f["id"]: f for f in explored("check")["facts"]}["kernel-faults-user"]
    equal((fact["verdict"], fact["broken"]), ("holds", 0), fact["evidence"])
    words = re.search(r" (\d+) at user addresses; at kernel addresses, made to fail safely: (\d+),"
                      r" first 0x\w+ in (\w+)", fact["evidence"])
    assert words, fact["evidence"]
    equal(int(words.group(1)) + int(words.group(2)), fact["checked"])
    assert 100 <= int(words.group(2)) and told["failed"] > 100, (fact["evidence"], told)
    # The first may have been another tracer's, that loads by pointers itself.
    assert "nofault" in words.group(3) or words.group(3).startswith("bpf_prog_"), fact["evidence"]


def limited(limit):
    """{id: fact} of kvas check, LIMIT called before it runs."""
    p = subprocess.run([KVAS, "check", "--format", "json"], capture_output=True, text=True,
                       timeout=60, preexec_fn=limit)
    equal(p.returncode, 0, p.stderr)
    return {f["id"]: f for f in json.loads(p.stdout)["facts"]}


def lock_nothing():
    assert not LIBC.prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))


def start_nothing():
    """Not root, whom the limit does not bind, with the capabilities that kvas needs."""
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    assert not LIBC.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setresuid(65534, 65534, 65534)
    low, high = (sum(1 << c % 32 for c in NEEDED if c // 32 == half) for half in (0, 1))
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    assert not LIBC.capset(header, (ctypes.c_uint32 * 6)(low, low, low, high, high, high))
    for c in NEEDED:
        assert not LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0)
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))


LIBC = ctypes.CDLL(None)
PR_SET_KEEPCAPS, PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 24, 47, 2
CAP_IPC_LOCK = 14
NEEDED = (1, 19, 34, 38, 39)  # DAC_OVERRIDE, SYS_PTRACE, SYSLOG, PERFMON, BPF


def without_a_child():
    """That kvas may lock no memory changes nothing; that it can start no child costs the one
    fact that needs one."""
    equal(limited(lock_nothing)["other-process-readable"]["verdict"], "holds")
    found = limited(start_nothing)
    equal(list(found), IDS)
    fact = found["other-process-readable"]
    equal(fact["verdict"], "unknown")
    equal(fact["evidence"], "kvas cannot start a child: Resource temporarily unavailable")
    equal(found["identity"]["verdict"], "holds", found["identity"])


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
check("check: a tracer's reads of what is not mapped refute nothing", beside_a_tracer)
check("check: no child costs one fact", without_a_child)
check("check: in a PID namespace of its own", namespace)
check("check: text fits 80 columns and counts right", text)
check("check: takes no argument", lambda: refuses(2, "one argument too many", "check", "x"))
done()
