#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench.sh: smb3bench does what it says, so that its figures can be believed: what it writes is what
# smbclient reads, what it reads was compared, and each kind of work ends with operations counted.
. "$(dirname "$0")/../lib/server.sh"

test_begin bench
needs_bench
share_new files
server_start || exit 1
bench() { smb3bench --pid "$S_PID" --json "$T/json" "$@" "$S_HOST" files; }

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
check bench-of-absent-names bench -n 40 -d 2 -e 20 -w absent
check bench-contends bench -n 80 -c 4 -e 20 -w contend
check bench-holds bench -n 40 -c 2 -d 2 -e 20 -w hold
check bench-waits bench -c 2 -d 3 -w wait
check bench-idles bench -c 3 -t 0.1 -w idle
check bench-none bench -c 3 -w none
for work in shares names; do
	check "bench-$work" smb3bench -n 10 -w $work "$S_HOST" 'IPC$'
done
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

for dialect in 2.0.2 2.1 3.0 3.0.2 3.1.1; do
	check "bench-dialect-$dialect" bench -n 20 -f 1M -w echo,read -D $dialect --verify --label "of $dialect"
done
# signed_as DIALECT ALGORITHM...: those signed reads of each of these dialects
signed_as() {
	local dialect
	while [ $# -gt 0 ]; do
		dialect=$(jq -r "select(.label == \"of $1\" and .work == \"read\") | .dialect + \" \" + .sign" "$T/json")
		[ "$dialect" = "$1 $2" ] || return 1
		shift 2
	done
}
check bench-says-how-it-signed signed_as 2.0.2 hmac-sha256 2.1 hmac-sha256 3.0 aes-128-cmac 3.1.1 aes-128-gmac
check bench-times-in-order jq -es 'map(select(.p50_us)) | length > 20 and all(.p50_us <= .p99_us and .p99_us <= .p999_us
	and .p999_us <= .max_us and .own_us > 0 and .cpu_us >= 0) and (map(.cpu_us) | add) > 0' "$T/json"

# Data that changed while they are read: --verify sees it.
spoil() {
	sleep 1
	head -c 65536 /dev/zero | dd of="$T/files/bench-0" conv=notrunc bs=64K status=none
}
spoil &
refuse bench-verifies 'is not what was written' bench -t 20 -f 1M -s 64K -w read --verify
wait $!

# The tools around it, with smb3d alone: figures of each round, a table, a chart.
if is_root; then
	check bench-script "$top/scripts/bench" --servers smb3d --rounds 2 --seconds 0.2 --json "$T/rows" --svg "$T/chart.svg" \
		--only '@(memory-200|create-1000|echo)'
	check bench-script-rows jq -es '(map(select(.work == "echo" and .label == "smb3d echo" and .ops > 0)) | length == 2) and
		(map(select(.label == "smb3d memory-200")) | length == 2 and .[0].kib > 0) and
		(map(select(.work == "create" and .ops > 0)) | length == 2)' "$T/rows"
fi
for i in 1 2 3; do
	for server in "smb3d $((i * 10))" "smbd-full $((i * i * 20))" "smbd-best 40"; do
		echo "{\"label\":\"${server% *} echo\",\"work\":\"echo\",\"seconds\":1,\"ops\":1000,\"bytes\":0,\"entries\":0,\"size\":0,\"p50_us\":1,\"p99_us\":$i,\"cpu_us\":${server#* }000}"
	done
done >"$T/known"
# CPU medians 20, 80, 40; ratios of the rounds 10/20 20/80 30/180 and 10/40 20/40 30/40
medians() { "$top/tests/bench/ratios.py" --markdown "$T/known" "$T/known.svg" | grep -F '| echo | us/op | 20.00 | 80.00 | 40.00 | 0.25 | 0.50 |'; }
check bench-medians medians
check bench-chart grep -q '>4.0</text>' "$T/known.svg"
{
	sed -e 's/smbd-full/smbd/; s/ echo"/ busy,connections 1"/; /smbd-best/d' "$T/known"
	sed -n -e 's/smb3d echo"/smb3d busy,connections 10"/p' "$T/known"
} >"$T/curve"
curve() { "$top/tests/bench/curves.py" "$T/curve" | grep -Ex ' +1 +20\.0 +80\.0 +0\.25 .*'; }
check bench-curves curve

refuse bench-without-a-signature 'wants signatures' bench -n 1 -S none
S_PASSWORD=wrong refuse bench-wrong-password 'SESSION_SETUP' bench -n 1
refuse bench-no-such-work 'no such work' bench -n 1 -w nothing
check bench-help bench --help

# Several connections of one session; sessions that may have them are not signed with GMAC.
server_stop
S_EXTRA='setup = { multichannel = true; };'
server_start || exit 1
check bench-channels bench -n 40 -c 4 -m 2 -d 2 -f 1M -S aes-128-cmac --verify -w echo,read
test_end
