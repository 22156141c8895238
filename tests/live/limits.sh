#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# limits.sh: connections per address and of strangers, times for log-on, for messages and for reading
# replies; each limit is logged and counted, and a flood fills no log.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin limits
only_smb3d "these are limits of smb3d"
S_SIGNING=wanted
S_EXTRA='guard = { connections_per_address = 12; unauthenticated = 16; unauthenticated_per_address = 8; };
limits = { connections = 64; negotiate_time = "2s"; logon_time = "4s"; receive_time = "6s";
	send_time = "3s"; memory = "1M"; opens = 6; trees = 4; };'
share_new files
for i in 0 1 2 3 4 5; do share_new tree$i; done
server_begin
relay python "$top/tests/live/limits_client.py"

smb3ctl metrics >"$T/metrics"
for limit in connections_per_address unauthenticated negotiate_time logon_time receive_time send_time \
	opens trees; do
	check "limits-$limit-logged" grep -Eq "(limits|guard).$limit is reached" "$S_LOG"
	check "limits-$limit-counted" grep -Eq "limit_$limit +[1-9]" "$T/metrics"
done
check limits-still-serves smbc files 'mkdir after; rmdir after'
test_end
