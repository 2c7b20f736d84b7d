# SPDX-License-Identifier: GPL-2.0
"""Put the made parts into the documents: between "<!-- made by make docs: PART -->" and
"<!-- end -->" goes what build/docs/gen prints for PART. With --check nothing is written:
differences are printed."""
import difflib
import glob
import re
import subprocess
import sys

GEN = "build/docs/gen"
MARKED = re.compile(r"(<!-- made by make docs: (\S+) -->\n)(.*?)(<!-- end -->\n)", re.S)


def run(*args):
    return subprocess.run([GEN, *args], capture_output=True, text=True, check=True).stdout


def main(check):
    unused = set(run().split())
    for path in sorted(glob.glob("docs/*.md")):
        with open(path, encoding="utf-8") as f:
            old = f.read()
        unused -= set(m.group(2) for m in MARKED.finditer(old))
        new = MARKED.sub(lambda m: f"{m[1]}\n{run(m[2])}\n{m[4]}", old)
        if new == old:
            continue
        if check:
            sys.stdout.writelines(difflib.unified_diff(
                old.splitlines(True), new.splitlines(True), path, "as made by make docs", n=0))
        else:
            with open(path, "w", encoding="utf-8") as f:
                f.write(new)
    for part in sorted(unused):
        print(f"no document has the part {part}")


main("--check" in sys.argv[1:])
