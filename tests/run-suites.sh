#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs the suites named, shows each one's result, and sums them up in
# one last line "N passed, N failed". A suite that does not build, does not end
# well or reports no count is one failure. Every suite's own last such line counts.
# Usage: MAKE=make BUILD=build tests/run-suites.sh unit|fuzz|cli|golden|conformance...
set -u
cd "$(dirname "$0")/.." || exit 1
MAKE=${MAKE:-make} BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD_PATH=$PWD/$BUILD ;; esac
export BUILD PODTIDE=${BUILD_PATH:-$BUILD}/podtide LC_ALL=C TZ=UTC NO_COLOR=1
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# count SUITE STATUS: adds the log's last "N passed, N failed", or one failure.
count() {
    local line good bad
    line=$(grep -Eo '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    good=${line%% passed*} bad=${line#*, } bad=${bad%% *}
    if [ -z "$line" ]; then
        good=0 bad=1
    elif [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    printf '%-12s %s passed, %s failed\n' "$1:" "$good" "$bad"
    passed=$((passed + good)) failed=$((failed + bad))
}

# build SUITE TARGET...: false when it does not build, which is counted.
build() {
    local suite=$1
    shift
    $MAKE --no-print-directory "$@" >"$log" 2>&1 && return 0
    grep -E 'error|Error|undefined' "$log" | head -n 40
    : >"$log"
    echo "$suite does not build"
    count "$suite" 1
    return 1
}

suite_unit() {
    [ -n "$(find tests/unit -name '*.c' 2>/dev/null)" ] || return 0
    build unit "$BUILD/unit" || return 0
    local status=0 tested='' passing=''
    "$BUILD/unit" >"$log" 2>&1 || status=$?
    grep -Ev '^\[(PASS|RUN |====)\]' "$log" | head -n 200
    # Criterion's "Failing" holds the crashed ones already.
    read -r tested passing < <(sed -n 's/.*Tested: \([0-9]*\) | Passing: \([0-9]*\) |.*/\1 \2/p' "$log")
    if [ -n "${tested:-}" ]; then
        echo "$passing passed, $((tested - passing)) failed" >"$log"
    fi
    count unit "$status"
}

suite_fuzz() {
    local file name status
    for file in tests/fuzz/fuzz_*.c; do
        [ -e "$file" ] || return 0
        name=${file#tests/fuzz/fuzz_} name=${name%.c} status=0
        build "fuzz $name" "$BUILD/fuzz/$name" || continue
        "$BUILD/fuzz/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1 || status=$?
        [ "$status" -eq 0 ] || cat "$log"
        count "fuzz $name" "$status"
    done
}

# script SUITE FILE: a suite that is a program of its own and finds $PODTIDE in the environment.
script() {
    [ -x "$2" ] || return 0
    build "$1" "$BUILD/podtide" || return 0
    local status=0
    "$2" >"$log" 2>&1 || status=$?
    [ "$status" -eq 0 ] || head -n 200 "$log"
    count "$1" "$status"
}

# Runners in C, tests/conformance/*.c, and scripts, tests/conformance/run or <name>/run.
suite_conformance() {
    local file name status
    for file in tests/conformance/*.c; do
        [ -e "$file" ] || continue
        name=${file#tests/} name=${name%.c} status=0
        build "$name" "$BUILD/$name" || continue
        "$BUILD/$name" >"$log" 2>&1 || status=$?
        [ "$status" -eq 0 ] || head -n 200 "$log"
        count "${name#conformance/}" "$status"
    done
    for file in tests/conformance/run tests/conformance/*/run; do
        name=${file%/run}
        script "${name##*/}" "$file"
    done
}

for suite in "$@"; do
    case $suite in
    unit | fuzz | conformance) "suite_$suite" ;;
    *) script "$suite" "tests/$suite/run" ;;
    esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
