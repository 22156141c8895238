#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# held.sh: what clients hold takes little memory: connections that are logged on and idle, opens, requests that wait.
set -u
. "$(dirname "$0")/../lib/server.sh"

only_smb3d "bounds are those of smb3d"
needs_bench
not_sanitized "a sanitizer takes more"
S_EXTRA='limits = { connections = 2000; opens = 100000; }; guard = { connections_per_address = 2000; unauthenticated_per_address = 2000; };'
test_begin held
share_new files
server_begin

# each OPTION...: KiB that one takes
each() {
	smb3bench --pid "$S_PID" -e 5000 "$@" "$S_HOST" files >"$T/out" 2>&1 || { cat "$T/out" >&2; return 1; }
	sed -n -e 's/.* and \([0-9.]*\) KiB each; .*/\1/p' -e 's/.*held, \(-\{0,1\}[0-9.]*\) KiB each.*/\1/p' "$T/out" | tail -n 1
}
# at_most KIB OPTION...
at_most() {
	local kib
	kib=$(each "${@:2}") || return 1
	echo "$kib KiB each"
	/usr/bin/python3 -c 'import sys; sys.exit(not 0 < float(sys.argv[1]) <= float(sys.argv[2]))' "$kib" "$1"
}
ulimit -n 8192
check held-connections at_most 64 -c 1000 -w none
each -c 16 -d 8 -w open -n 2000 >/dev/null # pools have grown
check held-opens at_most 2 -n 5000 -d 32 -w hold
check held-requests at_most 2 -c 16 -d 200 -w wait
# A new client is served while a thousand are there.
smb3bench_behind -c 1000 -t 60 -w idle "$S_HOST" files >"$T/idle" 2>&1 &
holder=$!
there() { grep -q idle "$T/idle"; }
check held-thousand until_true 50 there
new_one() {
	smb3bench --json "$T/json" -n 50 -w connect "$S_HOST" files >&2 &&
		jq -e '.p99_us < 50000' "$T/json"
}
check held-a-new-one-meanwhile new_one
kill $holder
wait $holder 2>/dev/null
test_end
