# SPDX-License-Identifier: Apache-2.0
# report.sh: how a live test says what it found. One line a test: "ok NAME",
# "FAIL NAME: why" or "skip NAME: why"; tests/live/run counts these lines.
# shellcheck shell=bash

T_FAILED=0

ok() { echo "ok $1"; }

fail() {
	T_FAILED=$((T_FAILED + 1))
	echo "FAIL $1: ${2:-no reason given}"
}

skip() { echo "skip $1: $2"; }

# Commands run in this shell, not in a copy, so that they may start and stop servers;
# what they say is in $T/said.

# check NAME COMMAND...: ok when the command succeeds, else FAIL with its last line.
check() {
	local name=$1
	shift
	if "$@" >"$T/said" 2>&1; then ok "$name"; else fail "$name" "$(last_line)"; fi
}

# expect NAME PATTERN COMMAND...: ok when the output matches PATTERN (grep -E),
# whatever the status.
expect() {
	local name=$1 pattern=$2
	shift 2
	"$@" >"$T/said" 2>&1
	said "$name" "$pattern"
}

# refuse NAME PATTERN COMMAND...: ok when the command fails and its output matches.
refuse() {
	local name=$1 pattern=$2
	shift 2
	if "$@" >"$T/said" 2>&1; then
		fail "$name" "went through: $(last_line)"
	else
		said "$name" "$pattern"
	fi
}

# said NAME PATTERN: what the last command wrote matches.
said() {
	if grep -Eq -- "$2" "$T/said"; then ok "$1"; else
		fail "$1" "wanted /$2/, got: $(last_line)"
	fi
}

# relay COMMAND...: a helper that prints such lines itself; passes them on and counts.
relay() {
	local line
	while IFS= read -r line; do
		case $line in FAIL\ *) T_FAILED=$((T_FAILED + 1)) ;; esac
		printf '%s\n' "$line"
	done < <("$@" 2>&1 || echo "FAIL ${T_NAME}: '${1##*/}' ended with status $?")
}

last_line() { tr '\t' ' ' <"$T/said" | sed '/^ *$/d' | tail -n 1 | cut -c1-300; }

# until_true SECONDS COMMAND...: asks again until the command succeeds.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}
