#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# flood.sh: thousands of connections that never log on, from one address and from many, some of them
# sending one octet a second, and users that never read their replies: smbclient works throughout, and
# the server's memory stays under a bound. Prints what it measured.
# Environment: FLOOD_SILENT, FLOOD_SLOW, FLOOD_READERS  how many (1500, 200, 4)
#              FLOOD_PLACES   guard.unauthenticated (1024); as large as the flood: nobody is dropped
#              FLOOD_ROUNDS   how often smbclient is run before and during it (10)
set -u
. "$(dirname "$0")/../lib/server.sh"

silent=${FLOOD_SILENT:-1500} slow=${FLOOD_SLOW:-200} readers=${FLOOD_READERS:-4}
places=${FLOOD_PLACES:-1024} rounds=${FLOOD_ROUNDS:-10}
test_begin flood
only_smb3d "smbd makes a process for each connection"
S_SIGNING=wanted
S_EXTRA="limits = { connections = $((2 * places + 1024)); memory = \"16M\";
	memory_in_all = \"64M\"; };
guard = { connections_per_address = $((places + 512)); unauthenticated = $places;
	unauthenticated_per_address = $places; };"
share_new files
echo hello >"$T/files/hello"
server_begin

memory() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$S_PID/status"; }
kernel() { client awk '$1 == "TCP:" { for (i = 2; i < NF; i++) if ($i == "mem") print $(i + 1) * 4 }' /proc/net/sockstat; }
connections() { client awk 'NR > 1 && $4 == "01"' /proc/net/tcp | wc -l; }

# probes NAME: smbclient reads a file so often; the median and the longest time.
probes() {
	local i began failed=0
	: >"$T/times"
	for ((i = 0; i < rounds; i++)); do
		began=$(date +%s%N)
		smbc files 'get hello back' >"$T/said" 2>&1 || { failed=$((failed + 1)); cp "$T/said" "$T/failed"; }
		echo $((($(date +%s%N) - began) / 1000000)) >>"$T/times"
	done
	sort -n "$T/times" | awk -v name="$1" -v failed=$failed '{ t[NR] = $1 }
		END { printf "note: smbclient %s: %d runs, %d failed, median %d ms, longest %d ms\n",
			name, NR, failed, t[int((NR + 1) / 2)], t[NR] }'
	[ $failed = 0 ]
}

probes before || fail flood-before "$(tail -n 1 "$T/failed")"
idle=$(memory VmRSS)
coproc CROWD { python "$top/tests/live/flood_client.py" "$silent" "$slow" "$readers"; }
crowd_in=${CROWD[1]} crowd_out=${CROWD[0]}
read -r -t 120 answer <&"$crowd_out"
check flood-runs test "${answer-}" = ready
if probes during; then ok flood-others-work; else fail flood-others-work "$(tail -n 1 "$T/failed")"; fi
echo "note: $(connections) ends of connections in the flood, kernel $(kernel) KiB for all sockets of the machine"
eval "exec $crowd_in>&-"
read -r -t 60 answer <&"$crowd_out" && echo "note: flood of $silent + $slow + $readers: $answer"
full=$(memory VmHWM)
# What smb3-limits(7) says, with the buffers that workers keep for reuse.
bound=$((idle + 65536 + S_WORKERS * 33 * 1024 + places * 32))
echo "note: server $idle KiB before, $full KiB at most, bound $bound KiB"
if nm -D "$SMB3D_BUILD"/.libs/libsmb3core.so 2>/dev/null | grep -qE '__(asan|tsan)_init'; then
	skip flood-memory "a sanitizer keeps freed memory"
else
	check flood-memory-below-bound test "$full" -le "$bound"
fi
check flood-log-is-small test "$(wc -l <"$S_LOG")" -lt 5000
probes after || fail flood-after "$(tail -n 1 "$T/failed")"
test_end
