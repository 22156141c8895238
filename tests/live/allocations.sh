#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# allocations.sh: in its steady state the server allocates no memory for READ, WRITE and ECHO: as many
# allocations for few of them as for many.
set -u
. "$(dirname "$0")/../lib/server.sh"

only_smb3d "counts those of smb3d"
needs_bench
not_sanitized "a sanitizer has its own malloc"
S_SIGNING=wanted
S_WORKERS=1
test_begin allocations
share_new files
cc -O2 -shared -fPIC -o "$T/count.so" "$(dirname "$0")/allocations_count.c" ||
	{ skip allocations "no C compiler"; exit 0; }
S_WRAP=(env "LD_PRELOAD=$T/count.so" "ALLOCATIONS=$T/count")
server_begin

count() { od -An -t u8 "$T/count" | tr -d ' '; }
# allocations OPERATIONS OPTION...
allocations() {
	local n=$1 before
	shift
	before=$(count)
	smb3bench -n "$n" "$@" "$S_HOST" files >&2 || return 1
	echo $(($(count) - before))
}

# Ticks and pools that still grow may cost a few: less than one for each twenty operations.
none() {
	local few many
	allocations 2200 "$@" >/dev/null
	few=$(allocations 200 "$@") && many=$(allocations 2200 "$@") || return 1
	echo "200 operations: $few allocations; 2200: $many"
	[ $((many - few)) -lt 100 ]
}
[ "$(count)" -gt 1000 ] && ok allocations-counter || fail allocations-counter "counts nothing"
check allocations-echo none -w echo -d 16 -S none
check allocations-read-4K none -w read-random -s 4K -d 32 -f 4M -S none
check allocations-read-1M none -w read -s 1M -d 4 -f 8M -S none
check allocations-write-64K none -w write -s 64K -d 8 -f 8M -S none
check allocations-read-signed none -w read -s 64K -d 4 -f 8M -S aes-128-gmac
check allocations-read-encrypted none -w read -s 64K -d 4 -f 8M -E aes-128-gcm
check allocations-write-encrypted none -w write -s 64K -d 4 -f 8M -E aes-128-gcm
test_end
