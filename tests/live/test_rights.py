# SPDX-License-Identifier: GPL-2.0
"""Least rights and limits: every command works with the capabilities that README.md names and no
root; where one is missing, or a limit is short, one line names it."""
import os
import resource
import shutil
import subprocess
import sys

from lib import KVAS, Skip, check, done, equal, in_pid_namespace, meta, plain_pointers, table, tempdir

NOBODY = "65534"
NUMBER = {"kill": 5, "sys_admin": 21, "sys_resource": 24, "syslog": 34, "perfmon": 38, "bpf": 39}
NAMED = ["bpf", "perfmon", "sys_resource", "syslog"]  # as README.md has them
COMMANDS = ["stat -F 0 -m -d 0.1", "live -i 0.1 -n 1", "record -F 0 -o REC -d 0.1", "hooks", "layout",
            "walk stack", "pgd", "pgd -a", "dmap", "check"]


def status_of(pid):
    """The lines of /proc/PID/status that tell of rights, {key: value}."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        pairs = [line.split(":\t", 1) for line in f if line.startswith(("Cap", "Seccomp:", "NoNewPrivs:"))]
    return {key: value.strip() for key, value in pairs}


def setpriv(caps, uid=NOBODY):
    """The words that run a program as UID with these capabilities and no other. What this process
    has not got itself, as root in a container, it cannot give."""
    have = int(status_of("self")["CapPrm"], 16)
    some = ",".join(["-all", *("+" + c for c in caps if have >> NUMBER[c] & 1)])
    return ["/usr/bin/setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--inh-caps", some,
            "--ambient-caps", some, "--bounding-set", some]


def run(before, command, **kw):
    return subprocess.run([*before, BINARY, *command.split()], capture_output=True, text=True,
                          timeout=120, check=False, **kw)


def mounted(script, command, caps):
    """In a mount namespace after SCRIPT, as nobody with CAPS."""
    words = " ".join([*setpriv(caps), BINARY, command])
    return subprocess.run(["/usr/bin/unshare", "-m", "sh", "-c", f"{script} && exec {words}"],
                          capture_output=True, text=True, timeout=120, check=False)


def refused(p, *words, status=3):
    """One line that says why, with WORDS."""
    equal(p.returncode, status, p.stderr)
    equal(p.stderr.count("\n"), 1, p.stderr)
    assert p.stderr.startswith("kvas: "), p.stderr
    for w in words:
        assert w in p.stderr, f"no {w!r} in {p.stderr!r}"


def works(p):
    equal(p.returncode, 0, p.stderr)
    return p


def named(d, command):
    shutil.rmtree(f"{d}/rec", ignore_errors=True)
    p = works(run(setpriv(NAMED), command.replace("REC", f"{d}/rec")))
    # What can be seen does not change: the plan of hooks is root's.
    if command == "hooks":
        equal(p.stdout, run([], command).stdout)


def missing(cap, words):
    for uid in (NOBODY, "0"):
        caps = [c for c in NAMED if c != cap]
        for command in ("stat -F 0 -d 0.1", "pgd"):
            p = run(setpriv(caps, uid), command)
            refused(p, words)
            assert ("root has no" if uid == "0" else "uid 65534 has no") in p.stderr, p.stderr


def each_command(d, caps, words):
    """Every command that looks at the kernel is refused with one line, and says nothing else."""
    for command in [*COMMANDS, "dmap --watch -d 0.1"]:
        shutil.rmtree(f"{d}/rec", ignore_errors=True)
        p = run(setpriv(caps), command.replace("REC", f"{d}/rec"))
        refused(p, words)
        equal(p.stdout, "", command)
        assert not os.path.exists(f"{d}/rec"), command


def no_syslog(d):
    """Without it the kernel's addresses are not told: kvas works, and what it names by symbols is empty or
    said to be unknown, never made up."""
    caps = [c for c in NAMED if c != "syslog"]
    with plain_pointers():  # as kptr_restrict 1 has it, for those with the capability alone
        p = works(run(setpriv(caps), f"record -F 199 -d 0.5 -o {d}/rec"))
        if os.path.exists(f"{d}/rec/access.csv"):
            equal({r["function"] for r in table(f"{d}/rec", "access")}, {""})
        else:  # without the image's address there are no samples, and that is said
            assert meta(f"{d}/rec")["sample_why"]
        assert "no symbol confirms it" in works(run(setpriv(caps), "layout")).stdout
    shutil.rmtree(f"{d}/rec")
    assert p.stderr.count("\n") == 1, p.stderr


def memlock():
    """Before 5.11 BPF memory counts as locked: then CAP_SYS_RESOURCE is needed, and named."""
    def little():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
    old = tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2]) < (5, 11)
    works(run(setpriv(NAMED), "stat -F 0 -d 0.1", preexec_fn=little))
    p = run(setpriv([c for c in NAMED if c != "sys_resource"]), "stat -F 0 -d 0.1", preexec_fn=little)
    if old:
        refused(p, "64 KiB", "CAP_SYS_RESOURCE")
    else:
        works(p)


def user_namespace():
    """Root there, with all capabilities of that namespace."""
    unshare = ["/usr/bin/unshare", "-U", "-r"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        raise Skip("unshare is refused here")
    for command in ("stat -F 0 -d 0.1", "layout"):
        refused(run(unshare, command), "user namespace of its own")


def pid_namespace():
    """What names a process is refused, the whole host can be counted."""
    for command in ("stat -d 0.1 -p 1", "stat -- true", "record -o /dev/null/rec -- true"):
        p = in_pid_namespace(*command.split())
        refused(p, "PID namespace of its own", "-a")
    for command in ("stat -F 0 -d 0.1", "stat -F 0 -d 0.1 -C sh", "live -i 0.1 -n 1", "stat -F 0 -a -- true"):
        works(in_pid_namespace(*command.split()))


def mounts():
    """Each file system of the kernel's missing by itself, in a mount namespace."""
    for where in ("/sys/kernel/tracing", "/sys/kernel/debug", "/sys/kernel/security", "/sys/fs/cgroup",
                  "/sys/fs/bpf"):
        works(mounted(f"(umount -R -l {where}; true) 2>/dev/null", "stat -F 0 -d 0.1", NAMED))
    for command in ("stat -F 0 -d 0.1", "live -n 1", "layout", "check"):
        refused(mounted("mount -t tmpfs tmpfs /sys", command, NAMED), "there is no /sys/kernel/btf/vmlinux",
                "/sys mounted")


def no_tracefs():
    quiet = "umount -l /sys/kernel/debug 2>/dev/null; umount -l /sys/kernel/tracing 2>/dev/null; true"
    equal(works(mounted(quiet, "hooks", NAMED)).stdout, run([], "hooks").stdout)


def proc(script):
    """A process that this /proc does not show can be followed all the same."""
    pid = os.getpid()
    for command in ("stat -F 0 -d 0.1", f"stat -F 0 -d 0.1 -p {pid}", f"pgd -p {pid}"):
        works(mounted(script, command, NAMED))


def junk_btf(d):
    for text, words in (("", "is empty"), ("junk" * 100, "is no BTF"),
                        ("\x9f\xeb\x01\0\x18\0\0\0" + "\xff" * 64, "cannot be")):
        with open(f"{d}/btf", "w", encoding="latin-1") as f:
            f.write(text)
        for command in ("stat -F 0 -d 0.1", "hooks", "check"):
            refused(mounted(f"mount --bind {d}/btf /sys/kernel/btf/vmlinux", command, NAMED), words)


def descriptors():
    """A limit on open files that is hard is named; one that is soft is raised."""
    for most in (9, 12, 40, 80):
        def limit(soft=most, hard=most):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        p = run([], "stat -F 0 -d 0.1", preexec_fn=limit)
        if most == 80 and not p.returncode:
            continue  # without trampolines fewer programs are loaded
        refused(p, f"may hold {most} files open", "ulimit -Hn")
        works(run([], "stat -F 0 -d 0.1", preexec_fn=lambda: limit(most, 4096)))
    # The command has what kvas was given.
    p = works(subprocess.run([BINARY, "stat", "-F", "0", "-o", "/dev/null", "--", "sh", "-c", "ulimit -Sn"],
                             capture_output=True, text=True, timeout=120, check=False,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (77, 4096))))
    equal(p.stdout.strip(), "77")


def caps_left(status, *allowed):
    """What it may and could have is no more than ALLOWED; nothing passes to a program."""
    for key in ("CapPrm", "CapEff"):
        left = int(status[key], 16)
        assert left & ~sum(1 << NUMBER[c] for c in allowed) == 0, f"{key} is {left:x}"
    for key in ("CapInh", "CapAmb"):
        equal(int(status[key], 16), 0, key)
    equal(status["NoNewPrivs"], "1")


def running_drops(command):
    """Once it is attached: the first line of an interval says so."""
    with subprocess.Popen([BINARY, *command.split()], stdout=subprocess.PIPE, text=True) as p:
        while not (line := p.stdout.readline()).startswith("  entries/s "):
            assert line, "kvas ended"
        status = status_of(p.pid)
        p.terminate()
        p.stdout.read()
    equal(p.returncode, 0)
    caps_left(status, "bpf")
    return status


def filters(status):
    equal(status["Seccomp"], "2")


def command_keeps(command):
    """What kvas runs has the rights and limits of who started kvas; kvas itself has few."""
    code = "cat /proc/self/status; echo kvas; cat /proc/$PPID/status"
    p = works(subprocess.run([BINARY, *command.split(), "--", "sh", "-c", code], capture_output=True,
                             text=True, timeout=120, check=False))
    child, _, kvas = p.stdout.partition("kvas\n")
    mine = status_of("self")
    for key, value in mine.items():
        assert f"\n{key}:\t{value}\n" in child, f"{key} of the command is not {value}"
    kvas = dict(line.split(":\t", 1) for line in kvas.split("\n") if ":\t" in line)
    caps_left(kvas, "bpf", "kill")
    return kvas


with tempdir() as directory:
    BINARY = shutil.copy(KVAS, f"{directory}/kvas")
    os.chown(directory, int(NOBODY), int(NOBODY))
    for text in COMMANDS:
        check(f"with the named capabilities alone: {text}", lambda: named(directory, text))
    check("CAP_BPF missing", lambda: missing("bpf", "no CAP_BPF here"))
    check("CAP_PERFMON missing", lambda: missing("perfmon", "no CAP_PERFMON here"))
    check("CAP_SYS_RESOURCE missing, and little memory to lock", memlock)
    check("CAP_SYS_ADMIN instead of CAP_BPF and CAP_PERFMON",
          lambda: works(run(setpriv(["sys_admin", "sys_resource"]), "stat -F 0 -d 0.1")))
    check("no privilege", lambda: refused(run(setpriv([]), "live"),
                                          "uid 65534 has no CAP_BPF and CAP_PERFMON here"))
    if os.environ.get("KVAS_RIGHTS") == "capabilities":  # what differs between kernels
        done()
        sys.exit()
    for few in ([], ["bpf"], ["perfmon"], ["syslog", "sys_resource"]):
        no = " and ".join(w for w, c in (("CAP_BPF", "bpf"), ("CAP_PERFMON", "perfmon")) if c not in few)
        check(f"each command with {few or 'nothing'}", lambda: each_command(directory, few, f"has no {no} here"))
    check("CAP_SYSLOG missing", lambda: no_syslog(directory))
    check("in a user namespace of its own", user_namespace)
    check("in a PID namespace of its own", pid_namespace)
    check("without each file system of the kernel's", mounts)
    check("without tracefs and debugfs", no_tracefs)
    check("an empty /proc", lambda: proc("mount -t tmpfs tmpfs /proc"))
    check("hidepid", lambda: proc("mount -t proc -o hidepid=2 proc /proc"))
    check("a BTF that is none", lambda: junk_btf(directory))
    check("few descriptors", descriptors)
    check("live gives up its capabilities and most system calls",
          lambda: filters(running_drops("live -F 99 -i 0.3")))
    check("record does, and its command keeps them",
          lambda: filters(command_keeps(f"record -F 99 -o {directory}/kept")))
    check("stat gives up its capabilities, and its command keeps them",
          lambda: equal(command_keeps("stat -F 99 -o /dev/null")["Seccomp"], "0"))
done()
