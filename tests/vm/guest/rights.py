# SPDX-License-Identifier: GPL-2.0
"""In a guest, the last of its tests, as it changes the kernel for good: what tests/live/test_rights.py
cannot do to a host. Sysctls, a small control group, lockdown."""
import os
import subprocess
import sys

sys.path.insert(0, "tests/live")
from lib import check, done, equal, kvas  # noqa: E402

GROUP = "/sys/fs/cgroup/small"
SYSCTL = "/proc/sys/kernel"
LOCKDOWN = "/sys/kernel/security/lockdown"
COMMANDS = ["stat -F 0 -d 0.1", "pgd"]


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def refused(p, *words):
    equal(p.returncode, 3, p.stderr)
    equal(p.stderr.count("\n"), 1, p.stderr)
    for w in words:
        assert w in p.stderr, f"no {w!r} in {p.stderr!r}"


def unprivileged(command, caps):
    some = ",".join(["-all", *("+" + c for c in caps)])
    return subprocess.run(
        ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps", some,
         "--ambient-caps", some, "build/kvas", *command.split()],
        capture_output=True, text=True, timeout=120, check=False)


def sysctl(name, value):
    """It changes nothing: with the capabilities kvas works, without they are what is named."""
    write(f"{SYSCTL}/{name}", value)
    equal(unprivileged("stat -F 99 -d 0.1", ["bpf", "perfmon", "sys_resource"]).returncode, 0)
    refused(unprivileged("stat -d 0.1", []), "no CAP_BPF and CAP_PERFMON here")
    refused(unprivileged("stat -d 0.1", ["bpf"]), "no CAP_PERFMON here")


def small_group():
    write("/sys/fs/cgroup/cgroup.subtree_control", "+memory")
    os.mkdir(GROUP)
    script = f'echo $$ >{GROUP}/cgroup.procs; exec build/kvas "$@"'

    def within(mib, *args):
        write(f"{GROUP}/memory.max", str(mib << 20))
        return subprocess.run(["sh", "-c", script, "sh", *args], capture_output=True, text=True,
                              timeout=120, check=False)
    refused(within(20, "stat", "-F", "0", "-d", "0.1"), f"{GROUP}/memory.max is 20 MiB", "rings")
    refused(within(60, "stat", "-F", "0", "-d", "0.1", "--ring-size", "32M"), "memory.max is 60 MiB",
            "64 of them for 2 rings")
    equal(within(60, "stat", "-F", "0", "-d", "0.1").returncode, 0)
    refused(within(20, "live", "-n", "1"), f"{GROUP}/memory.max is 20 MiB")
    equal(within(60, "live", "-F", "0", "-i", "0.1", "-n", "1").returncode, 0)


def lockdown(level):
    if level != "none":  # it only rises: the kernel begins with none, and refuses to be told so
        write(LOCKDOWN, level)
    with open(LOCKDOWN, encoding="ascii") as f:
        assert f"[{level}]" in f.read()
    for command in (*COMMANDS, "live -F 99 -i 0.1 -n 1", "layout"):
        p = kvas(*command.split())
        if level != "confidentiality":
            equal(p.returncode, 0, p.stderr)
        else:
            refused(p, "kernel lockdown is at 'confidentiality'", "/sys/kernel/security/lockdown")


def no_securityfs():
    subprocess.run(["umount", "/sys/kernel/security"], check=True)
    refused(kvas("pgd"), "kernel lockdown", "is not mounted")


# Once 1 it stays; Debian begins with 2.
for v in ("0", "2", "1"):
    check(f"unprivileged_bpf_disabled {v}", lambda: sysctl("unprivileged_bpf_disabled", v))
for v in ("-1", "2", "3"):
    check(f"perf_event_paranoid {v}", lambda: sysctl("perf_event_paranoid", v))
check("a control group with little memory", small_group)
subprocess.run(["mount", "-t", "securityfs", "securityfs", "/sys/kernel/security"], check=True)
for v in ("none", "integrity", "confidentiality"):
    check(f"lockdown {v}", lambda: lockdown(v))
check("lockdown that securityfs does not tell", no_securityfs)
done()
