# SPDX-License-Identifier: GPL-2.0
"""Print docs/records.md from include/kvas/wire.h, so that it cannot go stale:
`make lint` compares the two."""
import re
import sys

WIRE = "include/kvas/wire.h"


def clean(comment):
    text = re.sub(r"\s*\n\s*\*\s?", " ", comment)
    return text.strip().replace("|", "\\|")


def blocks(source):
    """(comment before, kind, name, body) of each struct and enum."""
    pattern = (r"(?:/\*((?:[^*]|\*(?!/))*)\*/\n)?(struct|enum) (\w+) \{\n(.*?)\n\};")
    for m in re.finditer(pattern, source, re.S):
        yield clean(m.group(1) or ""), m.group(2), m.group(3), m.group(4)


def members(body, pattern):
    body = re.sub(r"/\*(.*?)\*/", lambda m: "/*" + clean(m.group(1)) + "*/", body, flags=re.S)
    for line in body.split("\n"):
        m = re.match(pattern, line.strip())
        if m:
            *found, comment = m.groups()
            yield *found, (comment or "").strip()


def main():
    with open(WIRE, encoding="utf-8") as f:
        source = f.read()
    print("# Records between the kernel and user space\n")
    print(f"Made from `{WIRE}` by `python3 scripts/gen-records.py`; do not edit.\n")
    for comment, kind, name, body in blocks(source):
        print(f"## {kind} {name}\n")
        if comment:
            print(comment + "\n")
        if kind == "enum":
            print("| value | name | meaning |\n|-|-|-|")
            for n, v, c in members(body, r"(\w+) = (\w+),(?: /\*(.*)\*/)?"):
                print(f"| {v} | {n} | {c} |")
        else:
            print("| type | field | meaning |\n|-|-|-|")
            for t, n, c in members(body, r"((?:struct |enum )?\w+) ([\w\[\], ]+);(?: /\*(.*)\*/)?"):
                print(f"| {t} | {n} | {c} |")
        print()


sys.exit(main())
