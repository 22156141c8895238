#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# stop.sh: the server is stopped while connections come, log on, work and go: it ends, in order.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin stop
only_smb3d "about our own server"
share_new files
echo content >"$T/files/page"
server_begin

for round in 1 2 3 4 5 6; do
	[ -n "$S_PID" ] || server_run || { fail "stop-$round" "no server"; break; }
	coproc CROWD { python "$top/tests/live/stop_client.py" 2>"$T/crowd.err"; }
	crowd_out=${CROWD[0]} crowd=$CROWD_PID
	answer=nothing
	read -r -t 60 answer <&"$crowd_out"
	check "stop-$round-crowd" test "$answer" = crowded
	check "stop-$round-ends" server_stop
	wait "$crowd" 2>/dev/null
done
[ -n "$S_PID" ] || server_run
test_end
