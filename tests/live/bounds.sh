#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bounds.sh: limits of what all clients share: connections in all, sessions, requests that wait, silence,
# memory. Each at the limit, one beyond it, and after something was given back; on servers of their own.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin bounds
only_smb3d "these are limits of smb3d"
[ -x "$SMB3D_BUILD/tests/wire/smb3wire" ] || { skip bounds "no smb3wire in the build"; exit 0; }
S_SIGNING=wanted
share_new share
echo "keep me" >"$T/share/keep.txt"
! is_root || chown "$S_USER:" "$T/share/keep.txt"
export BOUNDS_CTL="$SMB3D_BUILD/smb3ctl -c $S_CONF"

# play NAME: the scenario; of a failure the line that says what it is.
play() {
	local out
	out=$(client timeout 300 "$SMB3D_BUILD/tests/wire/smb3wire" -t 290 -l "$top/tests/wire/lib" -h "$S_HOST" \
		-p "$S_PORT" -s share -u "$S_USER%$S_PASSWORD" "$top/tests/live/bounds_$1.lua" 2>&1) && return 0
	head -n 1 <<<"$out"
	return 1
}

counted() { smb3ctl metrics | grep -Eq "limit_$1 +[1-9]"; }

# bounds NAME LIMITS LIMIT...: a server with these limits, and which of them it must log and count.
bounds() {
	local name=$1 limit
	S_EXTRA="limits = { $2 };"
	server_start || { fail "bounds-$name-start" "no server"; return; }
	check "bounds-$name" play "$name"
	for limit in "${@:3}"; do
		check "bounds-$limit-logged" grep -Eq "(limits|guard).$limit is reached" "$S_LOG"
		check "bounds-$limit-counted" counted "$limit"
	done
	check "bounds-$name-server-clean" server_clean
}

bounds places 'connections = 16; sessions = 5; requests = 16;' connections unauthenticated sessions requests
bounds idle 'idle_time = "4s";' idle_time
S_WORKERS=1	# which sums up what it holds before it tells others
bounds memory 'memory = "32M"; memory_in_all = "2M"; max_io = "1M";' memory_in_all send_time
test_end
