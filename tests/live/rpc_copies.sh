#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_copies.sh: shadow copies of shares as backup programs make them: the whole sequence with rpcclient,
# the share that shows the copy, who may make and read it, what becomes of it; with copies and with btrfs.
set -u
. "$(dirname "$0")/../lib/server.sh"
own_mounts "$0" "$@"

test_begin rpc_copies
only_smb3d "its modules are smb3d's"
needs rpc_fsrvp vfs_snapshot
share_new docs comment='"the documents"' 'vfs_snapshot={ enabled = true; take = "copy"; cache = "0s"; }'
share_new writers 'vfs_snapshot={ enabled = true; take = "copy"; cache = "0s"; }' "access={ write_list = [ \"$S_USER\" ]; }"
share_new plain
mkdir -p "$T/docs/sub"
echo before >"$T/docs/sub/a.txt"
echo before >"$T/writers/a.txt"
owned() { ! is_root || chown -R "$S_USER:" "$@"; }
owned "$T/docs" "$T/writers"
btrfs=
if fs_mount btrfs mkfs.btrfs; then
	btrfs=1
	share_add btrfs "$T/btrfs" 'vfs_snapshot={ enabled = true; take = "btrfs"; cache = "0s"; }'
	echo before >"$T/btrfs/a.txt"
	owned "$T/btrfs"
fi
S_EXTRA='rpc_fsrvp = { operators = [ "keeper" ]; };'
server_begin
for name in boss keeper other; do
	words=("unix=$S_USER")
	[ $name != boss ] || words+=(admin)
	user_add "$name" "$S_PASSWORD" "${words[@]}" || fail "copies-user-$name" "no account"
done

R_USER=boss
# files SHARE COMMANDS: smbclient as $R_USER.
files() { smbc_as "$R_USER%$S_PASSWORD" "$@"; }
# make SHARE: a copy; set, copy and name are what it says.
make() {
	expect "copies-make-$1" "$1@\{[0-9A-F-]+\}" rpc "fss_create_expose backup ro $1"
	name=$(grep -oE "$1@\{[0-9A-Fa-f-]+\}" "$T/said" | head -n 1)
	ids=$(grep -oE '[0-9a-f]{8}-[0-9a-f-]{27}\([0-9a-f-]{36}\)' "$T/said" | tail -n 1)
	set=${ids%%(*} copy=${ids#*(} copy=${copy%)}
}
before=$T/before
echo before >"$before"
# shows NAME SHARE FILE: the share's file is what it was.
shows() { check "$1" files "$2" "get $3 $T/work/got" && check "$1-content" cmp "$before" "$T/work/got"; }
chmod 777 "$T/work"

# ---- which shares there are for it, and for whom ----
expect copies-supported 'supports shadow copy requests' rpc 'fss_is_path_sup docs'
expect copies-not-supported 'does not support shadow copy requests' rpc 'fss_is_path_sup plain'
refuse copies-no-share 0x80042308 rpc 'fss_is_path_sup nothing'
expect copies-version 'versions from 1 to 1' rpc fss_get_sup_version
expect copies-none 'has no associated shadow-copy|does not have|no shadow' rpc 'fss_has_shadow_copy docs'
R_USER=keeper expect copies-operator 'supports shadow copy requests' rpc 'fss_is_path_sup docs'
R_USER=other refuse copies-stranger 0x80070005 rpc 'fss_is_path_sup docs'
R_USER=other expect copies-stranger-make 0x80070005 rpc 'fss_create_expose backup ro docs'
expect copies-plain-no 0x8004230c rpc 'fss_create_expose backup ro plain'

# ---- one is made, and shows what was ----
make docs
expect copies-there 'has an associated shadow-copy' rpc 'fss_has_shadow_copy docs'
echo after >"$T/docs/sub/a.txt"
echo new >"$T/docs/new.txt"
shows copies-shows "$name" sub/a.txt
refuse copies-only-that NT_STATUS_OBJECT_NAME_NOT_FOUND files "$name" 'get new.txt -'
refuse copies-no-write NT_STATUS_ACCESS_DENIED files "$name" "put $before x"
refuse copies-no-delete NT_STATUS_ACCESS_DENIED files "$name" 'rm sub/a.txt'
refuse copies-no-folder NT_STATUS_ACCESS_DENIED files "$name" 'mkdir x'
refuse copies-no-attributes NT_STATUS_ACCESS_DENIED files "$name" 'setmode sub/a.txt +h'
refuse copies-no-rename NT_STATUS_ACCESS_DENIED files "$name" 'rename sub/a.txt sub/b.txt'
version=$(basename "$T"/docs/.snapshots/@GMT-*)
check copies-live-has-version files docs "ls $version/*"
refuse copies-no-version NT_STATUS_ files "$name" "ls $version/*"
refuse copies-no-snapshots NT_STATUS_ files "$name" 'ls .snapshots/*'
refuse copies-no-way-up NT_STATUS_ files "$name" 'get ../new.txt -'
expect copies-listed 'docs' rpc 'netshareenumall'
if grep -q 'docs@' "$T/said"; then fail copies-hidden "it is listed"; else ok copies-hidden; fi
R_USER=keeper check copies-operator-reads files "$name" ls
R_USER=other refuse copies-stranger-no NT_STATUS_BAD_NETWORK_NAME files "$name" ls
refuse copies-guest NT_STATUS_ files "$name" ls -N -U%
refuse copies-other-number NT_STATUS_BAD_NETWORK_NAME files 'docs@{00000000-0000-0000-0000-000000000000}' ls

# ---- the state is the server's: neither smb3-rpcd nor smb3d takes it away ----
pid=$(smb3ctl rpc --json | grep -oE '"pid": *[0-9]+' | grep -oE '[0-9]+' | head -n 1)
if [ -n "$pid" ] && kill -KILL "$pid"; then ok copies-kill; else fail copies-kill "no smb3-rpcd"; fi
expect copies-mapping "$name" rpc "fss_get_mapping docs $set $copy"
check copies-stop server_stop
server_start || fail copies-restart "no server"
expect copies-mapping-kept "$name" rpc "fss_get_mapping docs $set $copy"
shows copies-kept "$name" sub/a.txt
check copies-recovered rpc "fss_recovery_complete $set"
expect copies-recovered-once 0x80042301 rpc "fss_recovery_complete $set"
refuse copies-mapping-no 'FAILED|0x8' rpc "fss_get_mapping docs $copy $set"
refuse copies-mapping-other-share 0x80042308 rpc "fss_get_mapping plain $set $copy"
R_USER=other refuse copies-stranger-mapping 0x80070005 rpc "fss_get_mapping docs $set $copy"
R_USER=other refuse copies-stranger-delete 0x80070005 rpc "fss_delete docs $set $copy"

# ---- it goes, with its snapshot, also for who is connected ----
relay python "$top/tests/live/rpc_copies_client.py" boss "$name" "$set" "$copy"
check copies-snapshot-gone test ! -e "$T/docs/.snapshots/$version"
refuse copies-gone NT_STATUS_BAD_NETWORK_NAME files "$name" ls
refuse copies-mapping-gone 0x80042308 rpc "fss_get_mapping docs $set $copy"

# ---- no option gives more than reading ----
make writers
echo after >"$T/writers/a.txt"
shows copies-writers "$name" a.txt
refuse copies-writers-no NT_STATUS_ files "$name" "put $before x"
refuse copies-writers-no-delete NT_STATUS_ files "$name" 'rm a.txt'
check copies-writers-delete rpc "fss_delete writers $set $copy"
if [ -n "$btrfs" ]; then
	make btrfs
	echo after >"$T/btrfs/a.txt"
	shows copies-btrfs "$name" a.txt
	refuse copies-btrfs-no-write NT_STATUS_ACCESS_DENIED files "$name" "put $before x"
	check copies-btrfs-delete rpc "fss_delete btrfs $set $copy"
	check copies-btrfs-gone test -z "$(ls "$T/btrfs/.snapshots")"
else
	skip copies-btrfs "no btrfs can be mounted (root, package btrfs-progs)"
fi

# ---- who is connected to one that goes by itself is so no longer ----
reload_with() {
	S_EXTRA="rpc_fsrvp = { operators = [ \"keeper\" ]; exposed_time = \"$1\"; };"
	peer_configure
	smb3ctl reload
}
make docs
(until_true 60 test -e "$T/work/connected" && reload_with 1s) >"$T/work/reloaded" 2>&1 &
reloader=$!
relay python "$top/tests/live/rpc_copies_client.py" boss "$name" "$T/work/connected"
check copies-leave-reload wait "$reloader"
check copies-leave-reload-back reload_with 24h

# ---- one that nobody says to be complete goes by itself, also after a restart ----
make docs
check copies-uncompleted-stop server_stop
S_EXTRA='rpc_fsrvp = { operators = [ "keeper" ]; exposed_time = "1s"; };'
server_start || fail copies-uncompleted-restart "no server"
goes() { ! files "$name" ls && [ -z "$(ls "$T/docs/.snapshots")" ]; }
check copies-uncompleted-goes until_true 60 goes
refuse copies-uncompleted-mapping 0x80042308 rpc "fss_get_mapping docs $set $copy"
check rpc_copies-server-clean server_clean
test_end
