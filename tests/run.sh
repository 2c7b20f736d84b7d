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
trap 'rm -f "$log" "$log.asan"' EXIT

fail() { echo "FAILED $*"; failed=$((failed + 1)); }

# announce SUITE FILE: the next of its $files, of which $file ran.
announce() {
	file=$((file + 1))
	began=$SECONDS
	echo "== $1: $(basename "$2") ($file of $files), $SECONDS s so far"
}

took() { echo "$((SECONDS - began)) s"; }

# unit_ended PROGRAM LOG STATUS: a cmocka program has said "[  PASSED  ] N test(s)." in LOG.
unit_ended() {
	local log=$2 st=$3 p f
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

# fuzz_start FUZZER: what it finds goes to a directory of its own. That of samples says at its end
# whether it met all there is, for which it must come to its end.
fuzz_start() {
	local corpus=${1#fuzz_} how="-seed=1 -max_total_time=30 -max_len=8192"
	[ "$1" != fuzz_sample ] || how="-seed=1 -runs=20000 -max_len=4608 -len_control=0"
	mkdir -p "build/fuzz/found/$corpus"
	KVAS_FUZZ_REACHES=1 timeout "$limit" "build/fuzz/$1" $how -timeout=20 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/$corpus-" "build/fuzz/found/$corpus" \
		"tests/fuzz/corpus/$corpus" >"build/fuzz/$1.log" 2>&1
}

# fuzz_end FUZZER STATUS: one that ran too little proves nothing.
fuzz_end() {
	local runs
	runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "build/fuzz/$1.log")
	if [ "$2" = 0 ] && [ "${runs:-0}" -ge 200 ]; then
		passed=$((passed + 1))
		echo "ok      build/fuzz/$1: $runs runs"
	else
		tail -40 "build/fuzz/$1.log"
		fail "build/fuzz/$1: ended with status $2 after ${runs:-no} runs"
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
			timeout "$limit" "build/asan/$n" >"$log.asan" 2>&1 &
			timeout "$limit" "build/unit/$n" >"$log" 2>&1
			unit_ended "build/unit/$n" "$log" $?
			wait $!
			unit_ended "build/asan/$n" "$log.asan" $?
		done
		;;
	fuzz)
		files=$(ls tests/fuzz/fuzz_*.c | wc -l)
		rm -rf build/fuzz/found
		# Two at a time, 30 s each.
		pair=()
		for t in tests/fuzz/fuzz_*.c; do
			announce fuzz "$t"
			fuzz_start "$(basename "$t" .c)" &
			pair+=("$(basename "$t" .c)=$!")
			[ ${#pair[@]} = 2 ] || continue
			for p in "${pair[@]}"; do wait "${p#*=}"; fuzz_end "${p%=*}" $?; done
			pair=()
		done
		for p in "${pair[@]}"; do wait "${p#*=}"; fuzz_end "${p%=*}" $?; done
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
