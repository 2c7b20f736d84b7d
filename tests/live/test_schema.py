# SPDX-License-Identifier: GPL-2.0
"""All JSON of kvas against kvas report --json-schema, by python3-jsonschema; each null has its
reason."""
import contextlib
import copy
import json
import os

import jsonschema

from lib import check, done, equal, explored, holding, in_pid_namespace, kvas, seeing, tempdir


def schema():
    p = kvas("report", "--json-schema")
    equal(p.returncode, 0, p.stderr)
    return json.loads(p.stdout)


def of(name):
    """A validator of the document NAME alone."""
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def nulls(x, path=""):
    """The paths of X's nulls, as the keys of "unknown" have them."""
    if isinstance(x, dict):
        for k, y in x.items():
            yield from nulls(y, f"{path}.{k}" if path else k)
    elif isinstance(x, list):
        for y in x:
            yield from nulls(y, path + "[]")
    elif x is None:
        yield path


def same_path(path, reason):
    """REASON is PATH, or has "*" for some of its keys."""
    a, b = path.split("."), reason.split(".")
    return len(a) == len(b) and all(y in ("*", x) for x, y in zip(a, b))


def holds(name, document):
    """DOCUMENT is as the schema has NAME, and tells of each of its nulls why, and of no other
    path."""
    wrong = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in of(name).iter_errors(document)]
    equal(wrong, [], name)
    unknown, there = document["unknown"], set(nulls(document))
    equal([p for p in sorted(there) if not any(same_path(p, u) for u in unknown)], [],
          f"{name}: nulls without a reason")
    equal([why for why in unknown.values() if len(why) < 4], [])


def is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    equal(SCHEMA["$schema"], "https://json-schema.org/draft/2020-12/schema")
    jsonschema.Draft202012Validator(SCHEMA).validate(LAYOUT)


def changed(change):
    """LAYOUT after CHANGE, which must make it invalid."""
    document = copy.deepcopy(LAYOUT)
    change(document)
    assert list(of("layout").iter_errors(document)), "the schema takes it"


def drift():
    """A key without a row is refused at every depth; so is a key that is missing, a value of
    another type, a word of no list, and a null that a row does not allow."""
    of("layout").validate(LAYOUT)
    changed(lambda d: d.update(added=1))
    changed(lambda d: d["survey"].update(added=1))
    changed(lambda d: d["regions"][1].update(added=1))
    changed(lambda d: d["regions"][1]["leaves"].pop("4k"))
    changed(lambda d: d.pop("unknown"))
    changed(lambda d: d["unknown"].update(kpti=None))
    changed(lambda d: d.update(page_offset=1))
    changed(lambda d: d.update(page_offset="ffff888000000000"))
    changed(lambda d: d["regions"][1].update(name="heap"))
    changed(lambda d: d["survey"].update(ns=None))
    changed(lambda d: d["survey"].update(ns=-1))


@contextlib.contextmanager
def recording():
    with tempdir() as d:
        p = kvas("record", "-o", f"{d}/r", "--format", "json", "-m", "-F", "4000", "--", "true")
        equal(p.returncode, 0, p.stderr)
        yield f"{d}/r", json.loads(p.stdout)


def summaries():
    for args in (["-d", "0.3"], ["-d", "0.5", "-m", "-F", "4000"], ["-p", str(os.getpid()), "-d", "0.2"],
                 ["--kpti-cost", "100", "--", "sh", "-c", "true; true"]):
        p = kvas("stat", "--format", "json", *args)
        holds("summary", json.loads(p.stdout))


def recorded():
    with recording() as (d, printed):
        holds("summary", printed)
        p = kvas("report", "--format", "json", d)
        equal(p.returncode, 0, p.stderr)
        holds("summary", json.loads(p.stdout))


def walks():
    with holding("pages") as (pid, by):
        holds("walks", explored("walk", "-p", str(pid), "mm", "task", f"{by['page'][0]:x}",
                                f"{by['hole'][0]:x}", "0x10"))
    own = explored("walk", "_text", "stack", "0x10", LAYOUT["page_offset"])
    holds("walks", own)
    reasons = own["unknown"]["walks[].table.physical"], own["unknown"]["walks[].direct_map_alias"]
    equal(reasons, ("the address is not mapped",
                    "the address is not mapped; or: the address itself is in the direct map"))


def little_is_known():
    """Where kvas is not told of KPTI, of symbols and of other processes it says so."""
    hidden = {"/proc/cpuinfo": "", "/proc/kallsyms": ""}
    for name, args in (("layout", ["layout"]), ("walks", ["walk", "mm", "0x10"]), ("pgd", ["pgd"])):
        p = seeing(hidden, args[0], "--format", "json", *args[1:])
        equal(p.returncode, 0, p.stderr)
        document = json.loads(p.stdout)
        equal(document["kpti"], None)
        assert "/proc/cpuinfo" in document["unknown"]["kpti"], document["unknown"]
        holds(name, document)
    p = in_pid_namespace("pgd", "-a", "--format", "json")
    document = json.loads(p.stdout)
    holds("pgds", document)
    equal(document["unknown"]["kernel_threads"], document["hidden_processes_why"])


def watch():
    p = kvas("dmap", "--watch", "-d", "1", "--format", "json")
    equal(p.returncode, 0, p.stderr)
    lines = [json.loads(line) for line in p.stdout.splitlines()]
    holds("watch_begin", lines[0])
    for line in lines:
        holds("watch", line)
    holds("watch_end", lines[-1])


SCHEMA = schema()
LAYOUT = explored("layout")
check("schema: it is a schema, and takes what is printed", is_a_schema)
check("schema: what has no row is refused", drift)
check("schema: stat", summaries)
check("schema: record and report", recorded)
check("schema: layout", lambda: holds("layout", LAYOUT))
check("schema: walk", walks)
check("schema: pgd", lambda: holds("pgd", explored("pgd", "-p", str(os.getpid()))))
check("schema: pgd -a", lambda: holds("pgds", explored("pgd", "-a")))
check("schema: dmap", lambda: holds("dmap", explored("dmap")))
check("schema: vmalloc", lambda: holds("vmalloc", explored("vmalloc")))
check("schema: explain", lambda: holds("explain", explored("explain", "translate")))
check("schema: dmap --watch", watch)
check("schema: check", lambda: holds("check", explored("check")))
check("schema: hooks", lambda: holds("hooks", explored("hooks")))
check("schema: where little is known", little_is_known)
done()
