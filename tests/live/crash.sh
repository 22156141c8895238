#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# crash.sh: kill -9 in the middle of writes, then start again: the server starts, and
# everything that was answered after FLUSH is there.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin crash
share_new files
server_begin

for round in 1 2 3; do
	python "$top/tests/live/crash_client.py" write "$T/promised" "$round" >"$T/client.out" 2>&1 &
	writer=$!
	# The writer has answers to at least this many flushes before the server dies.
	promised() { [ "$(wc -l <"$T/promised" 2>/dev/null || echo 0)" -ge $((round * 40)) ]; }
	check "crash-$round-writing" until_true 60 promised
	server_kill
	wait "$writer"
	grep -q '^ended by the server$' "$T/client.out" || fail "crash-$round-writer" "$(tail -n 1 "$T/client.out")"
	check "crash-$round-starts-again" server_run
	check "crash-$round-kept" python "$top/tests/live/crash_client.py" compare "$T/promised" "$T/files"
	check "crash-$round-read-back" python "$top/tests/live/crash_client.py" reread "$T/promised"
	check "crash-$round-new-file" smbc files "put $T/promised new-$round; del new-$round"
	# A user is added, then the power goes: the account is there or it is not, never half.
	if is_smb3d; then
		check "crash-$round-user-store" smb3ctl user list
	fi
done
test_end
