#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc.sh: many clients list shares and look up names at once, at smb3d and then at Samba's smbd: calls a
# second, how long they take, the server's CPU time, and what the memory of the processes comes to in
# which the procedures run. Run by hand, as root: tests/bench/rpc.sh [CLIENTS [SECONDS]]
set -u
clients=${1:-100} seconds=${2:-5}
if [ -z "${RPC_BENCH_PEER-}" ]; then
	status=0
	for peer in smb3d smbd; do
		RPC_BENCH_PEER=1 SMB3D_PEER=$peer "$0" "$clients" "$seconds" || status=1
	done
	exit $status
fi
# shellcheck source=../lib/server.sh
. "$(dirname "$0")/../lib/server.sh"
S_SIGNING=wanted

# smb3-rpcd, or what smbd starts of the kind and does not keep among its children: there, who is in the
# server's network namespace.
procedures() {
	local dir net
	net=$(readlink "/proc/$S_PID/ns/net")
	for dir in /proc/[0-9]*; do
		case $(cat "$dir/comm" 2>/dev/null) in
		smb3-rpcd*) ! grep -q "^PPid:[[:space:]]*$S_PID$" "$dir/status" || echo "$dir" ;;
		samba-dcerpcd | rpcd_*)
			[ "$(readlink "$dir/ns/net")" != "$net" ] || echo "$dir" ;;
		esac
	done
}
cpu_us() {
	local dir
	for dir in $(procedures); do cat "$dir/stat"; done | awk -v tick="$(getconf CLK_TCK)" '
		{ sub(/.*\) /, ""); n += $12 + $13 } END { printf "%.0f\n", n * 1e6 / tick }'
}
memory() {
	local dir files=()
	for dir in $(procedures); do files+=("$dir/smaps_rollup"); done
	echo "  memory $1: $(cat "${files[@]}" /dev/null | awk -v n=${#files[@]} '$1 == "Pss:" { pss += $2 }
		$1 == "Rss:" { rss += $2 } END { printf "%d processes, Pss %.1f MiB, Rss %.1f MiB", n, pss / 1024, rss / 1024 }')"
}
# load WORK CLIENTS OPTION...: a line of the table.
load() {
	local work=$1 n=$2 before
	shift 2
	rm -f "$T/json"
	before=$(cpu_us)
	smb3bench --pid "$S_PID" -S none \
		-t "$seconds" -j "$T/json" -l "$SMB3D_PEER" -w "$work" -c "$n" "$@" "$S_HOST" 'IPC$' >"$T/out" 2>&1 ||
		{ cat "$T/out"; fail rpc-bench "it failed: $work $n $*"; return; }
	# What smbd's helpers spend is not counted with smbd; warming up is counted with them.
	is_smb3d && before=0 || before=$(($(cpu_us) - before))
	sed -e 's/[{}"]//g' -e 's/,/\n/g' "$T/json" | awk -F: -v what="$work, $n client(s)${1:+, $1}" -v other="$before" '
		{ v[$1] = $2 } END { printf "%-36s %9.0f %9.2f %9.2f %9.1f\n", what, v["ops"] / v["seconds"],
			v["p50_us"] / 1e3, v["p99_us"] / 1e3, (v["cpu_us"] + other) / v["ops"] }'
}

test_begin rpc-bench
for i in 1 2 3 4 5 6 7 8; do share_new "share$i"; done
server_start || { fail rpc-bench-start "no server"; exit 1; }
printf '%-36s %9s %9s %9s %9s\n' "$SMB3D_PEER" calls/s 'p50 ms' 'p99 ms' 'CPU us'
for work in shares names; do
	load "$work" 1
	load "$work" 1 --reopen
done
memory before
for work in shares names; do
	load "$work" "$clients"
	load "$work" "$clients" --reopen
done
memory after
test_end
