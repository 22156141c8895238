#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# filters.sh: vfs_recycle, vfs_readonly, vfs_fault and metrics as smbclient and an administrator see
# them.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin filters
only_smb3d "modules of our own"
S_FEATURES="$S_FEATURES vfs_recycle vfs_readonly vfs_fault metrics"
! has_module metrics || S_EXTRA='metrics = { address = "127.0.0.1"; port = 0; };'
has_module vfs_recycle && share_new bins vfs_recycle='{ enabled = true; hidden = true; exclude = [ "*.tmp" ]; }'
has_module vfs_readonly && share_new books vfs_readonly='{ paths = [ "2024" ]; }'
has_module vfs_fault && share_new faulty vfs_fault='{ enabled = true; }'
share_new plain
server_begin

text() { printf '%s\n' "$2" >"$T/work/$1"; }
# got SHARE NAME TEXT: the file has that text.
got() { smbc "$1" "get \"$2\" got" >/dev/null && [ "$(cat "$T/work/got")" = "$3" ]; }

if has_module vfs_recycle; then
	bin=".recycle\\$S_USER"
	text one one
	text two two
	check filters-recycle-put smbc bins 'mkdir d; put one d\f.txt; put one g.tmp'
	check filters-recycle-delete smbc bins 'del d\f.txt; del g.tmp'
	check filters-recycle-again smbc bins 'put two d\f.txt; del d\f.txt'
	check filters-recycle-first got bins "$bin\\d\\f.txt" one
	check filters-recycle-second got bins "$bin\\d\\f #2.txt" two
	refuse filters-recycle-excluded OBJECT_NAME_NOT_FOUND smbc bins "get \"$bin\\g.tmp\" got"
	check filters-recycle-hidden test "$(smbc bins ls | grep -c recycle)" = 0
	check filters-recycle-restore smbc bins "rename \"$bin\\d\\f.txt\" back.txt"
	check filters-recycle-restored got bins back.txt one
	check filters-recycle-for-good smbc bins "del \"$bin\\d\\f #2.txt\""
	check filters-recycle-empty test -z "$(find "$T/bins/.recycle" -type f)"
	# Many clients delete what each of them calls the same.
	rounds() {
		local i
		for i in 1 2 3; do
			text "from$1" "$1 $i"
			smbc bins "put from$1 same$i.txt; del same$i.txt" || true
		done
	}
	pids=()
	for n in 1 2 3 4 5; do
		rounds "$n" >"$T/round$n" 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
	kept=$(find "$T/bins/.recycle" "$T/bins" -maxdepth 2 -name 'same*' -type f -size +0 | sort -u | wc -l)
	check filters-recycle-many test "$kept" -ge 3
	check filters-recycle-each-once test -z "$(find "$T/bins" -name 'same*' -type f -size +0 -exec cat {} + | sort | uniq -d)"
else skip filters-recycle "no module vfs_recycle"; fi

if has_module vfs_readonly; then
	mkdir "$T/books/2024"
	echo kept >"$T/books/2024/f"
	chown -R "$S_USER:" "$T/books" 2>/dev/null
	check filters-readonly-read got books '2024\f' kept
	text new new
	refuse filters-readonly-put MEDIA_WRITE_PROTECTED smbc books 'put new 2024\new'
	refuse filters-readonly-over 'MEDIA_WRITE_PROTECTED|ACCESS_DENIED' smbc books 'put new 2024\f'
	refuse filters-readonly-delete 'MEDIA_WRITE_PROTECTED|ACCESS_DENIED' smbc books 'del 2024\f'
	refuse filters-readonly-rename 'MEDIA_WRITE_PROTECTED|ACCESS_DENIED' smbc books 'rename 2024 2025'
	refuse filters-readonly-mkdir MEDIA_WRITE_PROTECTED smbc books 'mkdir 2024\d'
	check filters-readonly-else smbc books 'put new new; del new'
	check filters-readonly-kept test "$(cat "$T/books/2024/f")" = kept
else skip filters-readonly "no module vfs_readonly"; fi

if has_module vfs_fault; then
	text data data
	check filters-fault-none smbc faulty 'put data f'
	check filters-fault-add smb3ctl fault add faulty read error=EIO count=1
	refuse filters-fault-read IO_DEVICE_ERROR smbc faulty 'get f got'
	check filters-fault-spent got faulty f data
	check filters-fault-short smb3ctl fault add faulty read,write short=1
	check filters-fault-goes-on got faulty f data
	expect filters-fault-list 'faulty +read,write short=1 +smb3ctl' smb3ctl fault list
	check filters-fault-clear smb3ctl fault clear faulty
	check filters-fault-full smb3ctl fault add faulty write error=STATUS_DISK_FULL
	refuse filters-fault-disk-full DISK_FULL smbc faulty 'put data g'
	check filters-fault-hold smb3ctl fault add faulty all hold
	smbc faulty 'get f held' >"$T/held" 2>&1 &
	held=$!
	check filters-fault-others smbc plain ls
	check filters-fault-release smb3ctl fault clear
	check filters-fault-held-ends wait $held
	refuse filters-fault-elsewhere 'has no faults' smb3ctl fault add plain read error=EIO
	refuse filters-fault-unknown 'no operation' smb3ctl fault add faulty reed error=EIO
else skip filters-fault "no module vfs_fault"; fi

if has_module metrics; then
	port=$(smb3ctl metrics address | awk 'END { print $2 }')
	page() { client /usr/bin/python3 -c '
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen("http://127.0.0.1:%s/metrics" % sys.argv[1], timeout=30).read().decode())' "$port"; }
	check filters-metrics-page test "$(page | grep -c '^smb3d_requests_total{command="TREE_CONNECT"} [1-9]')" = 1
	check filters-metrics-ctl test "$(smb3ctl metrics text | grep -c '^# TYPE smb3d_request_duration_seconds histogram$')" = 1
	if command -v promtool >/dev/null; then
		promtool_check() { page | promtool check metrics; }
		check filters-metrics-promtool promtool_check
	else skip filters-metrics-promtool "no promtool"; fi
else skip filters-metrics "no module metrics"; fi
server_stop
check filters-clean test -z "$(find "$T/reports" -type f)"
