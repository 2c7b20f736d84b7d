#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run test suites (unit, fuzz, live, vm) and close with "N passed, N failed, N skipped". What
# runs is said before it runs, and what came of it, with its seconds, when it has run.
# A skip is allowed only with a reason named in tests/skips; any other fails.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0
# No test may take longer than this, in seconds.
limit=${KVAS_TEST_LIMIT:-300}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fail() { echo "FAILED $*"; failed=$((failed + 1)); }

# announce SUITE FILE: the next of its $files, of which $file ran.
announce() {
	file=$((file + 1))
	began=$SECONDS
	echo "== $1: $(basename "$2") ($file of $files), $SECONDS s so far"
}

took() { echo "$((SECONDS - began)) s"; }

# A cmocka program: its own "[  PASSED  ] N test(s)." lines.
run_unit() {
	began=$SECONDS
	timeout "$limit" "$1" >"$log" 2>&1
	local st=$? p f
	p=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -1)
	f=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -1)
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
	if [ "$st" != 0 ] || [ -z "$p" ]; then
		cat "$log"
		[ "${f:-0}" != 0 ] || fail "$1: ended with status $st"
	else
		echo "ok      $1: $p tests, $(took)"
	fi
}

# A live test prints "ok NAME", "not ok NAME: WHY" or "skip NAME: REASON" lines
# and ends with "done", so that one cut short is not taken for a pass.
run_live() {
	timeout -k 10 "$limit" python3 "$1" >"$log" 2>&1
	tally "$1" $?
}

# tally NAME STATUS: count the lines in $log.
tally() {
	local st=$2 line name reason before=$failed
	while IFS= read -r line; do
		case $line in
		"ok "*) passed=$((passed + 1)) ;;
		"not ok "*) fail "${line#not ok }" ;;
		"skip "*)
			name=${line#skip }
			reason=${name#*: }
			# Of the guests a kernel may be missing; matrix.py counts them.
			if [ "$1" = tests/vm/matrix.py ] ||
				grep -qxF "${name%%:*}: $reason" tests/skips 2>/dev/null; then
				echo "skipped $name"
				skipped=$((skipped + 1))
			else
				fail "unexpected skip: $name"
			fi
			;;
		esac
	done <"$log"
	if [ "$st" != 0 ] || ! grep -qx done "$log"; then
		cat "$log"
		fail "$1: ended with status $st"
	elif [ "$failed" = "$before" ]; then
		echo "ok      $1: $(grep -c '^ok ' "$log") checks, $(took)"
	fi
}

for suite in "$@"; do
	file=0
	case $suite in
	unit)
		files=$(ls tests/unit/test_*.c | wc -l)
		for t in tests/unit/test_*.c; do
			announce unit "$t"
			n=$(basename "$t" .c)
			run_unit "build/unit/$n"
			run_unit "build/asan/$n"
		done
		;;
	fuzz)
		files=1
		announce fuzz fuzz_sample
		# What it finds goes to a directory of its own; it begins with samples of code with
		# interrupts off, which chance alone hardly meets.
		rm -rf build/fuzz/found
		mkdir -p build/fuzz/found
		KVAS_FUZZ_REACHES=1 timeout "$limit" build/fuzz/fuzz_sample -seed=1 -runs=20000 -max_len=4608 \
			-len_control=0 -timeout=10 -artifact_prefix=build/fuzz/ build/fuzz/found \
			tests/fuzz/corpus >"$log" 2>&1
		st=$?
		if [ "$st" = 0 ] && grep -q '^Done 20000 runs' "$log"; then
			passed=$((passed + 1))
			echo "ok      build/fuzz/fuzz_sample: 20000 samples, $(took)"
		else
			tail -40 "$log"
			fail "build/fuzz/fuzz_sample: ended with status $st"
		fi
		;;
	live)
		files=$(ls tests/live/test_*.py | wc -l)
		if [ "$(id -u)" != 0 ]; then
			echo "skipped $files live test files: they need root"
			skipped=$((skipped + files))
			continue
		fi
		for t in tests/live/test_*.py; do
			announce live "$t"
			run_live "$t"
		done
		;;
	vm)
		files=6
		# Guests have limits of their own (tests/vm/matrix.py); this one is above
		# them all. Its lines are for tally, but those that say how far it is.
		announce vm matrix.py
		timeout -k 10 2000 python3 -u tests/vm/matrix.py 2>&1 | tee "$log" |
			grep --line-buffered -vE '^(ok|not ok|skip|done)( |$)'
		tally tests/vm/matrix.py "${PIPESTATUS[0]}"
		limit=1500 # guests on a slow machine, and test_access may boot its own twice
		for t in judge walk cost access bad; do
			announce vm "test_$t.py"
			run_live "tests/vm/test_$t.py"
		done
		limit=${KVAS_TEST_LIMIT:-300}
		;;
	*)
		fail "no suite '$suite'"
		;;
	esac
done
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
