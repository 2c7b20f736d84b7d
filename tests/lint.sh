#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The house rules a machine can check (docs/design.md). Silent when all hold.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0

# rule WORDS, then grep's output lines: each is a breach.
rule() {
	local lines
	lines=$(cat)
	[ -z "$lines" ] && return
	printf 'lint: %s\n%s\n' "$1" "$lines"
	bad=1
}

grep -nE '#include <(bpf/|linux/bpf)' -r user/agg user/view user/event user/pgtable user/cli |
	rule 'only kernel/ and trace/ may see libbpf'
python3 tests/lint_rooms.py | rule 'includes follow the order of rooms (docs/design.md); what is cited is there'
grep -lE 'skel\.h"' -r user | grep -vxE 'user/(trace/(session_impl\.h|(watch|sampler)\.c)|kernel/reader\.c)' |
	rule 'only the session, the sampler, the memory reader and the watcher include a skeleton'
grep -nE '\b(f?printf|puts|perror)\(' -r user/pgtable user/agg |
	rule 'pgtable/ and agg/ print nothing'
grep -nE '\b(clock_gettime|time\(|getenv|fopen)' -r user/agg user/view |
	rule 'agg/ and view/ know no clock, environment or file'
grep -rn '#include <uthash.h>' user | grep -v '^user/hash.h:' |
	rule 'uthash is included by hash.h alone: by itself it calls exit() when memory is short'
grep -nE '\bjson_null\(|json_pack\(.*[a-zA-Z0-9:{ ](n|s\?|o\?)[,}]' user/view/*.c | grep -vE '^user/view/(json_doc|schema)\.c:' |
	rule 'every null is made by json_unknown(), with its reason'
grep -nE '^extern .*SEC\("\.maps"\)|^} [a-z_]+ SEC\("\.maps"\)|^struct [a-z_]+ [a-z_]+ SEC\("\.maps"\)' \
	bpf/*.bpf.c | grep -E 'extern' |
	rule 'maps shared between BPF files are declared in a header'
find . -path ./build -prune -o -path ./.git -prune -o \( -name '*.[ch]' -o -name '*.py' -o -name '*.sh' \) -print |
	xargs wc -l | awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }' |
	rule 'files stay under about 500 lines'
find user bpf include vmlinux tests bench scripts -type f \( -name '*.[ch]' -o -name '*.py' -o -name '*.sh' \) |
	xargs grep -L 'SPDX-License-Identifier: GPL-2.0' |
	rule 'every source names its licence'
git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -- . ':!tests/lint.sh' | rule 'no left-over markers'
python3 scripts/docs.py --check 2>&1 | rule 'the made parts of docs/ are as `make docs` writes them'
python3 bench/vm.py --check 2>&1 | rule 'the table of costs is that of the committed baseline'
exit $bad
