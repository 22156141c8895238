#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# snapshot.sh: previous versions: clients find them, list them, read them, and change nothing there;
# nothing leads out of them.
set -u
. "$(dirname "$0")/../lib/server.sh"
own_mounts "$0" "$@"

test_begin snapshot
only_smb3d "the options are those of smb3d"
needs vfs_snapshot

OLD=@GMT-2015.10.31-19.40.30
NEW=@GMT-2020.02.29-00.00.00
owned() { ! is_root || chown -R "$S_USER:" "$@"; }

# ---- a share with two versions; links in one of them try to lead out ----
share_new files 'vfs_snapshot={ enabled = true; cache = "0s"; }'
old=$T/files/.snapshots/$OLD
mkdir -p "$old/letters/deep" "$T/files/.snapshots/$NEW" "$T/files/letters"
echo first >"$old/plan.txt"
echo second >"$T/files/.snapshots/$NEW/plan.txt"
echo third >"$T/files/plan.txt"
echo 'was here' >"$old/gone.txt"
for i in 1 2 3; do echo "letter $i" >"$old/letters/$i.txt"; done
echo deep >"$old/letters/deep/4.txt"
echo live >"$T/files/letters/live.txt"
echo secret >"$T/outside.txt"
chmod 644 "$T/outside.txt"
ln -s ../../plan.txt "$old/up"
ln -s "$T/files/plan.txt" "$old/absolute"
ln -s "$T/outside.txt" "$old/outside"
ln -s letters/1.txt "$old/inside"
ln -s "$T" "$T/files/.snapshots/@GMT-2001.01.01-00.00.00"
owned "$T/files"
if is_root; then
	echo private >"$old/private.txt"
	chown root: "$old/private.txt"
	chmod 600 "$old/private.txt"
fi

# ---- other ways to keep snapshots ----
share_new zfs 'vfs_snapshot={ enabled = true; folder = ".zfs/snapshot"; pattern = "^zfs-auto-snap_[a-z]+-(.*)$"; format = "%Y-%m-%d-%H%M"; }'
mkdir -p "$T/zfs/.zfs/snapshot/zfs-auto-snap_daily-2015-10-31-1940" "$T/zfs/.zfs/snapshot/by-hand-2015-10-31-1940"
echo zfs >"$T/zfs/.zfs/snapshot/zfs-auto-snap_daily-2015-10-31-1940/x.txt"
share_new snapper 'vfs_snapshot={ enabled = true; layout = "snapper"; }'
mkdir -p "$T/snapper/.snapshots/7/snapshot"
echo '<snapshot><date>2015-10-31 19:40:30</date></snapshot>' >"$T/snapper/.snapshots/7/info.xml"
echo snapper >"$T/snapper/.snapshots/7/snapshot/x.txt"
share_new above "vfs_snapshot={ enabled = true; folder = \"$T/all\"; base = \"data/projects\"; }"
mkdir -p "$T/all/$OLD/data/projects"
echo above >"$T/all/$OLD/data/projects/x.txt"
share_new plain
mkdir -p "$T/plain/.snapshots/$OLD"
echo plain >"$T/plain/x.txt"
owned "$T/zfs" "$T/snapper" "$T/all" "$T/plain"

# ---- snapshots that the server takes ----
share_new copies 'vfs_snapshot={ enabled = true; take = "copy"; keep = 2; cache = "0s"; }'
mkdir -p "$T/copies/sub"
echo one >"$T/copies/sub/a.txt"
truncate -s 1M "$T/copies/hole"
ln -s sub/a.txt "$T/copies/link"
mkfifo "$T/copies/fifo"
chmod 640 "$T/copies/sub/a.txt"
owned "$T/copies"
xattrs=
if setfattr -n 'user.DosStream.s:$DATA' -v 0x6869 "$T/copies/sub/a.txt" 2>/dev/null; then xattrs=1; fi
btrfs=
if fs_mount btrfs mkfs.btrfs; then
	btrfs=1
	share_add btrfs "$T/btrfs" 'vfs_snapshot={ enabled = true; take = "btrfs"; cache = "0s"; }'
	echo before >"$T/btrfs/a.txt"
	owned "$T/btrfs"
fi

server_begin

# content NAME SHARE PATH TEXT: what get brings
content() {
	rm -f "$T/work/got"
	smbc "$2" "get \"$3\" got" >"$T/said" 2>&1
	if [ "$(cat "$T/work/got" 2>/dev/null)" = "$4" ]; then ok "$1"; else fail "$1" "$(tail -n 1 "$T/said")"; fi
}

# ---- what clients see ----
smbc files 'allinfo plan.txt' >"$T/all.txt" 2>&1
check snapshot-allinfo-old grep -q "^$OLD" "$T/all.txt"
check snapshot-allinfo-new grep -q "^$NEW" "$T/all.txt"
check snapshot-allinfo-order sh -c "grep -o '^@GMT[^ ]*' '$T/all.txt' | head -n 1 | grep -q '$NEW'"
content snapshot-live files plan.txt third
content snapshot-get-old files "$OLD/plan.txt" first
content snapshot-get-new files "$NEW/plan.txt" second
content snapshot-get-deep files "$OLD/letters/deep/4.txt" deep
content snapshot-get-inside-link files "$OLD/inside" 'letter 1'
expect snapshot-list ' gone\.txt ' smbc files "ls $OLD/*"
expect snapshot-list-folder ' 2\.txt ' smbc files "ls $OLD/letters/*"
expect snapshot-list-live ' live\.txt ' smbc files "ls letters/*"
smbc files 'ls' >"$T/said" 2>&1
check_not() { if "${@:2}"; then fail "$1" "it is there"; else ok "$1"; fi; }
check_not snapshot-folder-hidden grep -q snapshots "$T/said"
expect snapshot-folder-not-entered 'NOT_FOUND' smbc files "ls .snapshots/*"
mkdir -p "$T/work/all"
smbc files "cd $OLD/letters; lcd all; prompt; recurse; mget *" >"$T/said" 2>&1
check snapshot-mget test "$(cat "$T/work/all/1.txt" "$T/work/all/3.txt" "$T/work/all/deep/4.txt" 2>/dev/null | tr '\n' ,)" = "letter 1,letter 3,deep,"
content snapshot-zfs zfs "@GMT-2015.10.31-19.40.00/x.txt" zfs
content snapshot-snapper snapper "$OLD/x.txt" snapper
content snapshot-base above "$OLD/x.txt" above
expect snapshot-off 'NOT_FOUND' smbc plain "get $OLD/x.txt got"

# ---- what Samba's library sees: a program of its own, without smbclient's ----
if ! /usr/bin/python3 -c 'import samba.samba3' 2>/dev/null; then
	skip snapshot-samba "python3-samba is missing"
elif [ "$S_PORT" != 445 ]; then
	skip snapshot-samba "the library connects to port 445 only, where ordinary users cannot listen"
else
	relay python "$top/tests/live/snapshot_samba.py" "$T/client.conf"
fi

# ---- a deleted file comes back ----
smbc files 'put plan.txt' >/dev/null 2>&1
content snapshot-restore-read files "$OLD/gone.txt" 'was here'
(cd "$T/work" && cp got gone.txt)
smbc files 'put gone.txt' >/dev/null 2>&1
content snapshot-restored files gone.txt 'was here'

# ---- nothing changes ----
tree() { (cd "$T/files/.snapshots" && find . -printf '%p %y %s %m %T@\n' | sort); }
tree >"$T/before"
echo new >"$T/work/new.txt"
expect snapshot-no-put WRITE_PROTECTED smbc files "put new.txt $OLD/new.txt"
expect snapshot-no-overwrite WRITE_PROTECTED smbc files "put new.txt $OLD/plan.txt"
expect snapshot-no-delete WRITE_PROTECTED smbc files "rm $OLD/plan.txt"
expect snapshot-no-mkdir WRITE_PROTECTED smbc files "mkdir $OLD/dir"
expect snapshot-no-rmdir WRITE_PROTECTED smbc files "rmdir $OLD/letters/deep"
expect snapshot-no-rename WRITE_PROTECTED smbc files "rename $OLD/plan.txt $OLD/plan2.txt"
expect snapshot-no-rename-out WRITE_PROTECTED smbc files "rename $OLD/plan.txt plan2.txt"
expect snapshot-no-rename-in 'WRITE_PROTECTED|ACCESS_DENIED' smbc files "rename gone.txt $OLD/in.txt"
smbc files "setmode $OLD/plan.txt +rh" >/dev/null 2>&1
smbc files "utimes $OLD/plan.txt 2001:01:01-00:00:00 2001:01:01-00:00:00 2001:01:01-00:00:00 2001:01:01-00:00:00" >/dev/null 2>&1
tree >"$T/after"
check snapshot-unchanged cmp "$T/before" "$T/after"

# ---- nothing leads out ----
for link in up absolute outside; do
	expect "snapshot-link-$link" NT_STATUS smbc files "get $OLD/$link got"
done
expect snapshot-link-is-none NOT_FOUND smbc files 'ls @GMT-2001.01.01-00.00.00/*'
expect snapshot-dots NT_STATUS smbc files "get $OLD/../../outside.txt got"
if is_root; then
	expect snapshot-rights ACCESS_DENIED smbc files "get $OLD/private.txt got"
else
	skip snapshot-rights "needs root"
fi

# ---- the server takes some ----
taken() { smb3ctl snapshot take "$@" | grep -o '@GMT-[0-9.-]*'; }
one=$(taken copies test)
content snapshot-copy copies "$one/sub/a.txt" one
content snapshot-copy-link copies "$one/link" one
[ -z "$xattrs" ] || content snapshot-copy-stream copies "$one/sub/a.txt:s" h
check snapshot-copy-mode test "$(stat -c %a:%U "$T/copies/.snapshots/$one/sub/a.txt")" = "640:$S_USER"
check snapshot-copy-time test "$(stat -c %Y "$T/copies/.snapshots/$one/sub/a.txt")" = "$(stat -c %Y "$T/copies/sub/a.txt")"
check snapshot-copy-hole test "$(stat -c %s:%b "$T/copies/.snapshots/$one/hole")" = 1048576:0
check snapshot-copy-itself-not test ! -e "$T/copies/.snapshots/$one/.snapshots"
echo two >"$T/copies/sub/a.txt"
two=$(taken copies)
check snapshot-copy-second test "$one" != "$two"
content snapshot-copy-first-stays copies "$one/sub/a.txt" one
content snapshot-copy-then copies "$two/sub/a.txt" two
three=$(taken copies)
smb3ctl snapshot list copies >"$T/kept" 2>&1
check snapshot-keep-newest grep -q -- "$three" "$T/kept"
check_not snapshot-keep-oldest-went grep -q -- "$one" "$T/kept"
check snapshot-keep-others grep -q -- "$two" "$T/kept"
check snapshot-delete smb3ctl snapshot delete copies "$two"
smb3ctl snapshot list copies >"$T/said" 2>&1
check_not snapshot-deleted grep -q -- "$two" "$T/said"
check snapshot-nothing-left test "$(ls -A "$T/copies/.snapshots")" = "$three"
expect snapshot-delete-none 'No such file' smb3ctl snapshot delete copies "$two"
expect snapshot-delete-bad 'is no version' smb3ctl snapshot delete copies ../../etc
chmod 777 "$T/copies/.snapshots"
expect snapshot-take-unsafe 'not permitted' smb3ctl snapshot take copies
expect snapshot-take-none 'no module does that' smb3ctl snapshot take files
expect snapshot-list-none 'no share' smb3ctl snapshot list nowhere
if [ -n "$btrfs" ]; then
	one=$(taken btrfs)
	smbc btrfs 'put new.txt a.txt' >/dev/null 2>&1
	content snapshot-btrfs btrfs "$one/a.txt" before
	content snapshot-btrfs-live btrfs a.txt new
	expect snapshot-btrfs-read-only WRITE_PROTECTED smbc btrfs "put new.txt $one/a.txt"
	expect snapshot-btrfs-list "$one" smb3ctl snapshot list btrfs
	check snapshot-btrfs-delete smb3ctl snapshot delete btrfs "$one"
	check snapshot-btrfs-deleted test ! -e "$T/btrfs/.snapshots/$one"
else
	skip snapshot-btrfs "no btrfs can be mounted (root, package btrfs-progs)"
fi
check snapshot-server-clean server_clean

# ---- options that cannot be ----
wrong() {
	local out
	sed "s|vfs_snapshot = { enabled = true; cache = \"0s\"; }|vfs_snapshot = { enabled = true; $2 }|" "$S_CONF" >"$T/wrong.conf"
	out=$("$SMB3D_BUILD/smb3d" --module-dir "$SMB3D_BUILD/modules.d" -t -c "$T/wrong.conf" 2>&1) &&
		{ fail "snapshot-wrong-$1" "it was taken"; return; }
	case $out in *"$1"*) ok "snapshot-wrong-$1" ;; *) fail "snapshot-wrong-$1" "$(tail -n 1 <<<"$out")" ;; esac
}
wrong folder 'folder = "a/../b";'
wrong base 'base = "/etc";'
wrong format 'format = "daily";'
wrong pattern 'pattern = "(";'
wrong take 'take = "copy"; base = "x";'
test_end
