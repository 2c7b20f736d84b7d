# SPDX-License-Identifier: GPL-2.0
"""The whole host's counts against the kernel's own, over a storm. /proc/stat's context switches
and forks and perf stat's switches and faults are taken twice: in a window inside kvas's and in
one around it. What kvas says lies between, within a thousandth."""
import json
import os
import signal
import subprocess

from lib import KVAS, WORK, check, done, equal, tempdir

FORKS, TRIPS, PAGES = 500, 30000, 60000
APART = 0.001


def said_by_proc():
    with open("/proc/stat", encoding="ascii") as f:
        lines = dict(line.split()[:2] for line in f)
    return {"switches": int(lines["ctxt"]), "forks": int(lines["processes"])}


class Controlled:
    """A tool that counts between "enable" and "disable" written to a FIFO."""

    def __init__(self, d, name, argv, command=()):
        self.paths = f"{d}/{name}.ctl", f"{d}/{name}.ack"
        for path in self.paths:
            os.mkfifo(path)
        self.p = subprocess.Popen([*argv, "--control", "fifo:" + ",".join(self.paths),
                                   *command],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.ctl = os.open(self.paths[0], os.O_RDWR)
        self.ack = os.open(self.paths[1], os.O_RDWR)

    def say(self, word):
        os.write(self.ctl, f"{word}\n".encode())
        got = b""
        while not got.endswith((b"ack\n", b"ack\n\0")):
            got += os.read(self.ack, 16)

    def end(self):
        self.p.send_signal(signal.SIGINT)
        self.p.wait(timeout=60)
        os.close(self.ctl)
        os.close(self.ack)


def storm():
    for what in (("fork", FORKS), ("turn", TRIPS), ("fault", PAGES)):
        subprocess.run([f"{WORK}/loops", what[0], str(what[1])], check=True, timeout=120,
                       stdout=subprocess.DEVNULL)


def perf_counter(d, name):
    return Controlled(d, name, ["perf", "stat", "-a", "-D", "-1", "-x", ",", "-o", f"{d}/{name}.csv",
                                "-e", "context-switches,page-faults"])


def said_by_perf(d, name):
    with open(f"{d}/{name}.csv", encoding="ascii") as f:
        rows = [line.split(",") for line in f if line.count(",") > 3]
    return {r[2].split(":")[0]: int(r[0]) for r in rows}


def window(d):
    """kvas's JSON of a storm; what the kernel and perf counted inside its window and around it,
    each with the least and the most."""
    around, inside = perf_counter(d, "around"), perf_counter(d, "inside")
    kvas = Controlled(d, "kvas", [KVAS, "stat", "-a", "-F", "0", "--format", "json", "-o",
                                  f"{d}/stat.json"], ["--", "sleep", "600"])
    around.say("enable")
    most = said_by_proc()
    kvas.say("enable")
    least = said_by_proc()
    inside.say("enable")
    storm()
    inside.say("disable")
    least = {k: n - least[k] for k, n in said_by_proc().items()}
    kvas.say("disable")
    most = {k: n - most[k] for k, n in said_by_proc().items()}
    around.say("disable")
    for tool in (around, inside, kvas):
        tool.end()
    with open(f"{d}/stat.json", encoding="utf-8") as f:
        said = json.load(f)
    least.update(said_by_perf(d, "inside"))
    most.update(said_by_perf(d, "around"))
    return said, {k: (least[k], most[k]) for k in least}


def main(d):
    said, kernel = window(d)
    missed = said["lost"].get("not_delivered", {}).get("sched_switch", 0)
    switches, faults = said["switches"]["total"] + missed, said["faults"]["total"]
    tasks = sum(said["tasks"][k] for k in ("forks", "threads", "kthreads"))

    def between(got, what):
        least, most = kernel[what]
        assert least * (1 - APART) <= got <= most * (1 + APART), f"{got}, not {least} to {most}"

    check("the storm was one", lambda: equal(
        [tasks >= FORKS, switches >= 2 * TRIPS, faults >= PAGES], [True] * 3))
    check("the host's context switches are /proc/stat's", lambda: between(switches, "switches"))
    check("the host's new tasks are /proc/stat's", lambda: between(tasks, "forks"))
    check("the host's context switches are perf stat's",
          lambda: between(switches, "context-switches"))
    check("the host's page faults are perf stat's", lambda: between(faults, "page-faults"))


with tempdir() as directory:
    main(directory)
done()
