#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# leak.sh: 200 connections of every kind come and go; the server has as many
# descriptors as before, no thread more, and hardly more memory.
set -u
. "$(dirname "$0")/../lib/server.sh"

cycles=${LEAK_CYCLES:-200}
test_begin leak
share_new files
server_begin
only_smb3d "smbd makes a process for each connection"

descriptors() { find "/proc/$S_PID/fd" -mindepth 1 2>/dev/null | wc -l; }
threads() { find "/proc/$S_PID/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$S_PID/status"; }
descriptors_are() { [ "$(descriptors)" = "$1" ]; }

# Pools and lazily opened files settle in the first rounds.
python "$top/tests/live/leak_client.py" 40 >/dev/null
no_rows() { smb3ctl --json "$1" | /usr/bin/python3 -c 'import json, sys; sys.exit(json.load(sys.stdin) != [])'; }
until_true 20 no_rows conns
fds=$(descriptors) tasks=$(threads) kib=$(memory)
relay python "$top/tests/live/leak_client.py" "$cycles"
check "leak-descriptors-as-before-$fds" until_true 20 descriptors_are "$fds"
[ "$(descriptors)" = "$fds" ] || ls -l "/proc/$S_PID/fd" >"$S_DIR/server.fds"
check "leak-threads-as-before-$tasks" test "$(threads)" -le "$tasks"
grown=$(($(memory) - kib))
if nm -D "$SMB3D_BUILD"/.libs/libsmb3core.so 2>/dev/null | grep -qE '__(asan|tsan)_init'; then
	skip leak-memory "a sanitizer keeps freed memory"
else
	check "leak-memory" test "$grown" -lt 4096
fi
for what in conns sessions trees opens; do check "leak-no-$what-left" until_true 20 no_rows $what; done
test_end
