# SPDX-License-Identifier: GPL-2.0
"""Recordings of released versions are still reported, with the figures of then."""
import json
import os

from lib import check, done, equal, kvas

RECORDINGS = "tests/recordings"


def leaves(value, path=""):
    """Path and value of each leaf of a JSON document."""
    if isinstance(value, (dict, list)) and value:
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(child, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def same_figures(version, name):
    """Keys may have been added since; none is gone and none says another thing."""
    at = os.path.join(RECORDINGS, version, name)
    with open(f"{at}.json", encoding="utf-8") as f:
        then = dict(leaves(json.load(f)))
    p = kvas("report", "--format", "json", at)
    equal((p.returncode, p.stderr), (0, ""))
    now = dict(leaves(json.loads(p.stdout)))
    assert len(then) > 300, "the report of then is too small to compare with"
    for path, value in then.items():
        if not path.startswith("unknown."): # reasons may be told better, and more of them
            equal(now.get(path, "no such key"), value, path)


def text_is_made(version, name):
    p = kvas("report", os.path.join(RECORDINGS, version, name))
    equal((p.returncode, p.stderr), (0, ""))
    assert f"kvas {version}" in p.stdout, p.stdout


found = 0
for v in sorted(os.listdir(RECORDINGS)):
    for file in sorted(os.listdir(os.path.join(RECORDINGS, v))) if "." in v[1:2] else []:
        if not file.endswith(".json"):
            continue
        found += 1
        rec = file[:-len(".json")]
        check(f"{v}/{rec}: the figures of then", lambda v=v, rec=rec: same_figures(v, rec))
        check(f"{v}/{rec}: the text", lambda v=v, rec=rec: text_is_made(v, rec))
check("both recordings of 0.1.0 are there", lambda: equal(found >= 2, True))
done()
