#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ends.sh: 3,000 connections that end at every stage, from before NEGOTIATE to a file that is open, leave
# nothing behind: no connection, session, tree, open or place is counted, and no descriptor is kept.
# Environment: ENDS  how many (3000)
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin ends
only_smb3d "smbd makes a process for each connection"
[ -x "$SMB3D_BUILD/tests/wire/smb3wire" ] || { skip ends "no smb3wire in the build"; exit 0; }
export ENDS=${ENDS:-3000}
S_SIGNING=wanted
share_new share
server_begin

descriptors() { find "/proc/$S_PID/fd" -mindepth 1 2>/dev/null | wc -l; }
descriptors_are() { [ "$(descriptors)" = "$1" ]; }
no_rows() { smb3ctl --json "$1" | /usr/bin/python3 -c 'import json, sys; sys.exit(json.load(sys.stdin) != [])'; }
# status_is NAME NUMBER, gauge_is NAME NUMBER: as smb3ctl shows them.
status_is() { smb3ctl --json status | grep -Eq "\"$1\": *$2[,}]"; }
gauge_is() { smb3ctl --json metrics | grep -Eq "\"metric\": *\"$1\", *\"value\": *$2[,}]"; }
play() {
	client timeout 600 "$SMB3D_BUILD/tests/wire/smb3wire" -t 590 -l "$top/tests/wire/lib" -h "$S_HOST" -p "$S_PORT" \
		-s share -u "$S_USER%$S_PASSWORD" "$top/tests/live/ends.lua"
}

# What is opened lazily, and threads that stay, settle in the first round.
ENDS=150 play >/dev/null 2>&1
until_true 60 no_rows conns
fds=$(descriptors)
if play >"$T/said" 2>&1; then ok "ends-$ENDS-connections"; else fail "ends-$ENDS-connections" "$(head -n 1 "$T/said")"; fi
for what in conns sessions trees opens; do check "ends-no-$what" until_true 60 no_rows $what; done
for what in connections sessions opens files; do check "ends-status-$what" until_true 60 status_is $what 0; done
if [ -e "$SMB3D_BUILD/modules.d/guard.so" ]; then
	for what in places strangers addresses; do check "ends-no-$what-taken" until_true 60 gauge_is guard_$what 0; done
fi
check "ends-descriptors-as-before-$fds" until_true 60 descriptors_are "$fds"
check ends-a-new-one-is-served smbc share 'mkdir new; rmdir new'
test_end
