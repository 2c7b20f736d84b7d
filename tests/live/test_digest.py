# SPDX-License-Identifier: GPL-2.0
"""The short text: 40 lines of 80 columns that say something, against JSON and -v of the same
run. What kvas itself costs, against the kernel's account of it. Options behind operands."""
import json
import os
import re
import shutil
import subprocess

from lib import KVAS, WORK, check, done, equal, explored, kvas, tempdir

LINES, COLUMNS = 40, 80
# The last line of the short text, if there is one.
UNKNOWN = r"^(\d+) figures? (?:is|are) unknown here: -v lists (?:it|them)"
FIGURE = re.compile(r"^ *([0-9,]+|[0-9.]+ [KMGT]i?B)  ( *)(\S.*?)(?:  +\S.*)?$")


def figures(text):
    """{(depth, label): value} of the rows that begin with a value."""
    got = {}
    # Of the figures of one name the first is that of the run, a later one that of kvas itself.
    for m in filter(None, map(FIGURE.match, text.split("\n"))):
        got.setdefault((len(m[2]), m[3]), m[1])
    return got


def processes(text):
    """The PIDs of the rows under the heads of processes, and the rows' other words."""
    rows, there = [], False
    for line in text.split("\n"):
        if re.match(r"^ +PID COMM ", line):
            there = True
        elif there and (m := re.match(r"^ *(\d+) (.{15}) (.*)$", line)):
            rows.append((int(m[1]), m[3].split()))
        else:
            there = False
    return rows


def says_something(text):
    """No line is too long, none is of nothing, and there are no more than a screen holds."""
    lines = text.rstrip("\n").split("\n")
    assert 5 < len(lines) <= LINES, f"{len(lines)} lines: {text}"
    equal([x for x in lines if len(x) > COLUMNS], [])
    equal([x for x in lines if re.match(r"^ *0(\.0+)?( [KMGT]?i?B)?( |$)", x)], [], "rows of 0")
    equal([x for x in lines if re.search(r"[ :,]0 [a-z]", x) and " were sampled" not in x], [],
          "words of 0")
    equal([x for x in lines if re.search(r"[0-9] to [0-9]", x)], [], "intervals")
    equal([x for x in lines if "unknown" in x and not re.fullmatch(UNKNOWN, x)], [])
    told = processes(text)
    assert len(told) <= 5, told
    equal([words for _, words in told if not any(re.search("[1-9]", x) for x in words)], [],
          "processes that did nothing")


def long_one(short, text):
    """-v has what the short text has, figures of 0, and what is unknown."""
    a, b = figures(short), figures(text)
    assert len(a) >= 5, short
    equal({k: v for k, v in a.items() if b.get(k) != v}, {}, "not in -v")
    assert len(text.split("\n")) > 2 * len(short.split("\n")), text
    assert "0" in b.values(), text
    unknown = len(re.findall(r"^ +unknown  \S", text, re.M))
    told = re.search(UNKNOWN + r"\Z", short.rstrip("\n"), re.M)
    assert unknown and (not told or int(told[1]) <= unknown), (short, text)
    equal([x for x in text.split("\n") if len(x) > COLUMNS], [])


def as_json(text, s):
    """The figures of the short text are those of JSON."""
    want = {"CR3 writes": s["cr3_writes"]["total"],
            "kernel entries from user mode": s["crossings"]["total"],
            "system calls": s["crossings"]["syscall"],
            "context switches": s["switches"]["total"],
            "to another mm": s["switches"]["mm_loaded"],
            "from user mode": s["faults"]["user"]}
    got = {label: n for (_, label), n in reversed(figures(text).items())}
    for k, n in want.items():
        # Where 40 lines do not hold all, parts may be left out; a whole is not.
        part = k in ("system calls", "to another mm", "from user mode")
        assert got.get(k, f"{n:,}" if part or not n else "") == f"{n:,}", (k, n, text)
    by_pid = {p["pid"]: p for p in s["processes"]}
    for pid, words in processes(text):
        same_short(words[0], by_pid[pid]["crossings"], f"crossings of {pid}")
    equal(bool(re.search(r"^ +lost  [0-9]", text, re.M)),
          any(s["lost"][k] for k in s["lost"] if k not in ("events", "ring_full")), s["lost"])
    equal("a full ring refused" in text, s["lost"]["events"] > 0, s["lost"])


WORKS = {"true": ["--", "true"],
         "trace": ["--", f"{WORK}/trace", "TRACE"],
         "samples": ["-F", "4000", "--", f"{WORK}/access", "paths", "1"],
         "memory": ["-m", "--", f"{WORK}/trace", "TRACE"],
         "losses": ["--ring-size", "4K", "--", f"{WORK}/trace", "TRACE"],
         "host": ["-F", "4000", "-d", "1"]}


def same_short(word, n, what):
    """WORD is N, or N to three digits: 12.3k, 1.63M."""
    short = re.fullmatch(r"([0-9.]+)([kMG])", word)
    if not short:
        equal(int(word), n, what)
        return
    unit = {"k": 1e3, "M": 1e6, "G": 1e9}[short[2]]
    last = 10 ** -len(short[1].partition(".")[2])
    assert abs(float(short[1]) * unit - n) <= last * unit / 2 + 1, f"{what}: {word}, not {n}"


def stats(d, work):
    out, args = f"{d}/out", [f"{d}/trace" if a == "TRACE" else a for a in WORKS[work]]
    p = kvas("stat", "-o", out, *args)
    equal(p.returncode, 0, p.stderr)
    with open(out, encoding="utf-8") as f:
        says_something(f.read())


def recorded(d, work):
    """Of a recording all texts are had again, of the same run."""
    rec, args = f"{d}/rec-{work}", [f"{d}/trace" if a == "TRACE" else a for a in WORKS[work]]
    p = kvas("record", "-o", rec, *args)
    equal(p.returncode, 0, p.stderr)
    short = kvas("report", rec).stdout
    # What the command printed comes before.
    equal(p.stdout[-len(short):], short)
    says_something(short)
    long_one(short, kvas("report", "-v", rec).stdout)
    as_json(short, json.loads(kvas("report", "--format", "json", rec).stdout))


def with_kpti(d):
    """The longest of all: KPTI adds a line a cause, and there were losses."""
    rec = f"{d}/kpti"
    shutil.copytree(f"{d}/rec-host", rec)
    with open(f"{rec}/meta.json", encoding="utf-8") as f:
        meta = json.load(f)
    meta["host"].update(kpti=True, kpti_by_hypervisor=False)
    with open(f"{rec}/meta.json", "w", encoding="utf-8") as f:
        json.dump(meta, f)
    with open(f"{rec}/loss.csv", "a", encoding="ascii") as f:
        f.writelines(f"recursion,program_of_a_long_name_{i},{i + 1}\n" for i in range(20))
    p = kvas("report", "--force", rec)
    says_something(p.stdout)
    for words in ("KPTI entry by system call", "KPTI exit to user mode", "context switches",
                  "kernel entries from user mode", "PGDs", "  lost  ", " more\n", "kvas itself"):
        assert words in p.stdout, p.stdout


def shares(d):
    """With samples enough the text tells where the kernel's accesses go, largest first."""
    text = kvas("report", f"{d}/rec-samples").stdout
    s = json.loads(kvas("report", "--format", "json", f"{d}/rec-samples").stdout)["accesses"]["shares"]
    found = 0
    for line in re.sub(r"\n {17,}(?=[a-z_]+ \d+ %)", " ", text).split("\n"):
        way = re.search(r"\b(load|store)s\b", line)
        told = [(r, int(n)) for r, n in re.findall(r"([a-z_]+) (\d+) %", line)]
        if way and told:
            found += 1
            equal([n for _, n in told], sorted((n for _, n in told), reverse=True), line)
            for region, n in told:
                assert abs(100 * s[way[1]][region]["share"] - n) <= 0.5 + 1e-6, (line, s[way[1]])
    # On a busy machine a second of CPU time may meet fewer than a hundred of one.
    assert found == 2 or "too few to say" in text, text
    few = kvas("report", f"{d}/rec-true").stdout
    assert "too few to say" in few or "sampled" not in few, few


class Live:
    """kvas live of the whole host, its text cut into intervals and the closing summary."""

    def __init__(self, *args):
        self.p = subprocess.Popen([KVAS, "live", *args], stdout=subprocess.PIPE, text=True)
        self.lines = []

    def until_interval(self):
        """Read on to where the next interval is told."""
        for line in self.p.stdout:
            self.lines.append(line)
            if line.startswith("  kvas itself "):
                return

    def end(self):
        self.lines += self.p.stdout.readlines()
        self.p.stdout.close()
        equal(self.p.wait(timeout=30), 0)
        text = "".join(self.lines)
        equal([x for x in text.split("\n") if len(x) > COLUMNS], [])
        *self.intervals, last = re.split(r"^\d\d:\d\d:\d\d\n", text, flags=re.M)[1:]
        interval, self.summary = last.split("\n\nkvas ", 1)
        self.intervals.append(interval)


def itself():
    """live has kvas among no processes; what it costs is a line."""
    live = Live("-i", "0.5", "-n", "3")
    live.end()
    equal(len(live.intervals), 3)
    for text in (*live.intervals, live.summary):
        told = [pid for pid, _ in processes(text)]
        assert told and live.p.pid not in told, text
        equal(len(re.findall(r"^ +kvas itself  ", text, re.M)), 1, text)
    for text in live.intervals:
        cost = re.search(r"^  kvas itself   (\S+) % of a CPU, ", text, re.M)
        assert cost and 0 < float(cost[1]) < 100 * os.cpu_count(), text


def busy_second():
    """What changed stands first, with the rates of before and of now."""
    for _ in range(3):
        live = Live("-i", "1", "-n", "4")
        live.until_interval()
        live.until_interval()
        with subprocess.Popen([f"{WORK}/calls", "100000000"]) as p:
            live.until_interval()
            live.until_interval()
            p.kill()
        live.end()
        equal([x for x in live.intervals[:1] if "changed" in x], [], "there is no interval before")
        for text in live.intervals[2:]:
            m = re.match(r"^  changed +(.*(?:\n {16}.*)*)", text)
            said = re.findall(r"([a-z0-9_.]+) (\S+) -> (\S+)/s", m[1]) if m else []
            assert not re.search(r"^(?!  changed).*\n  changed", text), "changed does not stand first"
            for name, was, now in said:
                assert not name.startswith("self."), text
                if name in ("crossings.syscall", "crossings.total") and plain(now) > plain(was):
                    return
    raise AssertionError("no interval says that system calls grew: " + "\n".join(live.intervals))


def plain(short):
    """12.3k is 12300."""
    return float(short.rstrip("kMG")) * {"k": 1e3, "M": 1e6, "G": 1e9}.get(short[-1], 1)


USAGE = ("import resource, subprocess, sys\n"
         "p = subprocess.Popen(sys.argv[1:])\n"
         "assert not p.wait(), p.returncode\n"
         "u = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
         "print(p.pid, round(1e9 * (u.ru_utime + u.ru_stime)), 1024 * u.ru_maxrss,\n"
         "      u.ru_nvcsw + u.ru_nivcsw)\n")


def account(d):
    """self is no more than the kernel's own account of the whole process has."""
    out = f"{d}/self.json"
    # On an idle machine there is nothing to sample.
    with subprocess.Popen([f"{WORK}/access", "paths", "4"], stdout=subprocess.DEVNULL) as other:
        p = subprocess.run(["python3", "-c", USAGE, KVAS, "stat", "-d", "2", "-F", "1000", "--format",
                            "json", "-o", out], capture_output=True, text=True, timeout=60, check=True)
        other.kill()
    pid, cpu_ns, rss, switches = map(int, p.stdout.split())
    with open(out, encoding="utf-8") as f:
        s = json.load(f)
    mine = s["self"]
    assert 0 < mine["cpu_ns"] <= cpu_ns, (mine, cpu_ns)
    assert rss / 2 <= mine["max_rss_bytes"] <= 2 * rss, (mine, rss)
    assert 0 < mine["switches"] <= switches, (mine, switches)
    assert 0 < mine["crossings"] <= s["crossings"]["total"], mine
    assert 0 < mine["faults"] <= s["faults"]["total"], mine
    for rows in (s["processes"], s["accesses"]["processes"]):
        assert rows and pid not in {x["pid"] for x in rows}, f"kvas is {pid}: {rows[:10]}"


def filtered(d):
    """Of a command alone kvas's part is not counted, and that is said."""
    s = json.loads(kvas("report", "--format", "json", f"{d}/rec-trace").stdout)
    assert s["self"]["cpu_ns"] > 0 and s["self"]["max_rss_bytes"] > 1 << 20, s["self"]
    for key in ("crossings", "switches", "faults"):
        equal(s["self"][key], None)
        assert "filter" in s["unknown"][f"self.{key}"], s["unknown"]


def behind_operands(d):
    before = kvas("report", "--format", "json", f"{d}/rec-trace")
    after = kvas("report", f"{d}/rec-trace", "--format", "json")
    equal((after.returncode, after.stderr, after.stdout), (0, "", before.stdout))
    json.loads(after.stdout)
    with subprocess.Popen(["sleep", "60"]) as p:
        before = explored("walk", "-p", str(p.pid), "schedule")
        after = explored("walk", "schedule", "-p", str(p.pid))
        p.kill()
    equal([(w["asked"], w["table_of"]) for w in after["walks"]], [("schedule", "process")])
    equal(after["walks"][0]["table"]["physical"], before["walks"][0]["table"]["physical"])
    before, after = kvas("walk", "-p", "1", "schedule"), kvas("walk", "schedule", "-p", "1")
    equal((after.returncode, after.stderr), (before.returncode, before.stderr))
    # In a container process 1 may be none that kvas may look at.
    assert after.returncode == 0 or "process 1 (-p)" in after.stderr, after.stderr
    equal(len(re.findall("^0x", after.stdout, re.M)), int(after.returncode == 0), "addresses walked")
    p = kvas("report", f"{d}/rec-trace", "--frob")
    equal((p.returncode, p.stdout), (2, ""))
    assert "--frob" in p.stderr, p.stderr


def behind_the_dashes():
    """What follows -- is the command's."""
    with tempdir() as d:
        p = kvas("stat", "-o", f"{d}/out", "--", "printf", "%s %s", "-v", "--format=json")
        equal((p.returncode, p.stdout), (0, "-v --format=json"))
        with open(f"{d}/out", encoding="utf-8") as f:
            says_something(f.read())


with tempdir() as directory:
    for name in WORKS:
        check(f"digest: stat, {name}", lambda: stats(directory, name))
        check(f"digest: record and report, {name}; -v has all; JSON agrees",
              lambda: recorded(directory, name))
    check("digest: with KPTI and losses", lambda: with_kpti(directory))
    check("digest: shares of accesses, or that the samples are too few", lambda: shares(directory))
    check("live: kvas is in no list, and a line says what it costs", itself)
    check("live: a busy second is told as a change, first", busy_second)
    check("self: no more than the kernel's account of the process", lambda: account(directory))
    check("self: with a filter its counts are unknown", lambda: filtered(directory))
    check("options stand behind operands", lambda: behind_operands(directory))
    check("what follows -- is the command's", behind_the_dashes)
done()
