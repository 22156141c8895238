#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# figures.sh: start-up time, memory when idle and for each idle client that is logged in,
# rates of a large file. Prints figures, judges nothing; not part of run's default.
set -u
. "$(dirname "$0")/../lib/server.sh"

clients=${CLIENTS:-200}
test_begin figures
only_smb3d "smbd makes a process for each connection"
share_new files
peer_configure
memory() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$S_PID/status"; }
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

server_begin
server_stop
for round in 1 2 3 4 5; do
	began=$(milliseconds)
	peer_run
	until server_answers; do :; done
	echo "start-up $round: $(($(milliseconds) - began)) ms until a connection is taken"
	[ $round = 5 ] || server_stop
done
idle=$(memory VmRSS)
echo "memory idle: $idle KiB resident, $(memory VmData) KiB data, $(memory Threads) threads"

coproc CROWD { python "$top/tests/live/figures_client.py" "$clients"; }
crowd_in=${CROWD[1]} crowd_out=${CROWD[0]}
read -r -t 120 answer <&"$crowd_out"
full=$(memory VmRSS)
echo "memory with $clients idle clients logged in: $full KiB resident ($answer)"
awk -v d=$((full - idle)) -v n="$clients" 'BEGIN { printf "memory for each: %.1f KiB\n", d / n }'
echo enough >&"$crowd_in"

head -c $((256 << 20)) /dev/zero >"$T/work/large"
for what in 'put large large' 'get large back'; do
	began=$(milliseconds)
	smbc files "$what" >/dev/null
	spent=$(($(milliseconds) - began))
	echo "smbclient ${what%% *}: 256 MiB in $spent ms, $((256 * 1000 / spent)) MiB/s"
done
test_end
