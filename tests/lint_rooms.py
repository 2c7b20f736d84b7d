# SPDX-License-Identifier: GPL-2.0
"""Who may include whom (docs/design.md), and whether files that are cited are there. Prints each
breach; nothing when all holds."""
import os
import re
import subprocess

GROUND = {"kvas", "model", "top"}
# A room may include itself and what stands here, and nothing else. "top" is user/*.h.
ALLOWED = {
    "model": {"kvas", "top"},
    "pgtable": GROUND,
    "agg": GROUND | {"pgtable"},
    "event": GROUND | {"pgtable", "agg"},
    "kernel": GROUND | {"pgtable", "agg"},
    "access": GROUND | {"pgtable", "agg", "kernel"},
    "verify": GROUND | {"pgtable", "agg", "kernel", "event", "access"},
    "view": GROUND | {"pgtable", "agg", "kernel", "event", "access"},
    "trace": GROUND | {"pgtable", "agg", "kernel", "event", "access"},
    "cli": GROUND,
    "cmd": GROUND | {"pgtable", "agg", "kernel", "event", "access", "verify", "view", "trace", "cli"},
    "main": GROUND | {"cli", "cmd"},
    "top": {"kvas"},
    "bpf": {"kvas", "vmlinux"},
    "kvas": set(),
}
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
# What is cited: a path of the tree, or a document.
CITED = re.compile(r"(?<![\w/.<-])((?:user|bpf|include/kvas|tests|bench|scripts|docs)/[a-z0-9_./-]+"
                   r"\.(?:c|h|py|sh|md|def|txt))(?![\w])|(?<![\w/.-])([a-z_]+\.md)")


def room_of(path):
    parts = path.split("/")
    if parts[0] in ("bpf", "vmlinux"):
        return "bpf"
    if parts[0] == "include":
        return "kvas"
    if path == "user/main.c":
        return "main"
    return parts[1] if len(parts) > 2 else "top"


def room_included(name, room):
    if name == "vmlinux.h":
        return "vmlinux"
    if name.endswith(".skel.h"):
        return room  # tests/lint.sh says who may
    if "/" in name:
        return name.split("/")[0]
    return "bpf" if room == "bpf" else "top"


def breaches(path, text):
    room = room_of(path)
    for name in INCLUDE.findall(text):
        other = room_included(name, room)
        if other != room and other not in ALLOWED[room]:
            yield f"{path}: {room} may not include {name}"


def missing(path, text, files):
    names = {os.path.basename(f) for f in files}
    for tree, document in CITED.findall(text):
        cited = tree or document
        if tree and tree not in files and not os.path.isdir(tree):
            yield f"{path} cites {cited}, which is not there"
        elif document and document not in names:
            yield f"{path} cites {cited}, which is not there"


def main():
    files = set(subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                               capture_output=True, text=True, check=True).stdout.split("\n"))
    files = {f for f in files if os.path.isfile(f)}
    for path in sorted(files):
        if not path.endswith((".c", ".h", ".def", ".md", ".py", ".sh")) and path != "Makefile":
            continue
        with open(path, encoding="utf-8") as f:
            text = f.read()
        if path.startswith(("user/", "bpf/", "include/")):
            for line in breaches(path, text):
                print(line)
        if path != "tests/lint_rooms.py":
            for line in missing(path, text, files):
                print(line)


main()
