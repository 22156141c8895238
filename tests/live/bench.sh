#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench.sh: smb3bench does what it says, so that its figures can be believed: what it writes is what
# smbclient reads, what it reads was compared, and each kind of work ends with operations counted.
. "$(dirname "$0")/../lib/server.sh"

test_begin bench
[ -x "$SMB3D_BUILD/tests/bench/smb3bench" ] || { skip bench "no smb3bench in $SMB3D_BUILD"; exit 0; }
share_new files
server_start || exit 1
export SMB3BENCH_PASSWORD=$S_PASSWORD
bench() {
	client "$SMB3D_BUILD/tests/bench/smb3bench" -p "$S_PORT" -U "$S_USER" --pid "$S_PID" \
		--json "$T/json" "$@" "$S_HOST" files
}

for work in echo read read-random write write-random open list lock session connect mixed; do
	check "bench-$work" bench -n 40 -d 2 -f 1M -e 50 --verify -w $work
done
rm -f "$T"/files/bench.d/new-* # mixed leaves some
check bench-create bench -n 50 -c 2 -d 2 -e 20 -w create,delete
nothing_left() { ! compgen -G "$T/files/bench.d/new-*"; }
check bench-delete-what-was-created nothing_left
counted() {
	jq -es 'map(select(.work != "connections")) | length == 13 and all(.ops >= 40 and .p50_us > 0)' "$T/json"
}
check bench-operations-are-counted counted
check bench-without-sleeping bench -n 40 -c 4 -d 2 -f 1M --busy-poll --verify -w echo,read,open

# Data: written through one client, read through another, and on the disk.
check bench-writes bench -n 16 -d 4 -f 1M -s 64K -w write --keep
same_data() {
	smbc files "get bench-0" && cmp "$T/work/bench-0" "$T/files/bench-0" && [ "$(stat -c %s "$T/work/bench-0")" = 1048576 ] &&
		[ "$(head -c 65536 "$T/work/bench-0" | sha256sum)" = "$(tail -c 65536 "$T/work/bench-0" | sha256sum)" ]
}
check bench-writes-what-smbclient-reads same_data

# Algorithms are what they are called; a signature that is wrong would end it.
for cipher in aes-128-ccm aes-128-gcm aes-256-ccm aes-256-gcm; do
	check "bench-encrypts-$cipher" bench -n 20 -f 1M -w read,write -E $cipher --verify
done
for algorithm in hmac-sha256 aes-128-cmac aes-128-gmac; do
	check "bench-signs-$algorithm" bench -n 20 -f 1M -w read,write -S $algorithm --verify
done

refuse bench-without-a-signature 'wants signatures' bench -n 1 -S none
SMB3BENCH_PASSWORD=wrong refuse bench-wrong-password 'SESSION_SETUP' bench -n 1
refuse bench-no-such-work 'no such work' bench -n 1 -w nothing
check bench-help bench --help
test_end
