#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# acl.sh: Windows ACLs with smbcacls: what is set is obeyed, handed down and named in refusals,
# local changes are noticed, and Samba's server sees the same over the same folder.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin acl
PEER_HOST=127.0.0.2
test_undo() { [ -z "${PEER_PID-}" ] || kill -- "-$PEER_PID" 2>/dev/null; }

if [ "$S_PORT" != 445 ] || ! command -v smbcacls >/dev/null; then
	skip acl "smbcacls is missing, or port 445, the only one that it knows"
	exit 0
fi
share_new files
share_add writable "$T/files" 'acl={ xattr = "user.NTACL"; }'
server_begin
me=$(id -u "$S_USER")
echo content >"$T/work/file"

# acl NAME [OPTION...]: smbcacls on our server; peer_acl: on Samba's. Numbers, not names.
acl_at() {
	local host=$1 name=$2 out status=0
	shift 2
	out=$(client smbcacls --configfile="$T/client.conf" -U "$S_USER%$S_PASSWORD" \
		--numeric "//$host/files" "$name" "$@" </dev/null 2>&1) || status=$?
	printf '%s\n' "$out"
	case $out in *NT_STATUS_* | *ERROR*) status=1 ;; esac
	return $status
}
acl() { acl_at "$S_HOST" "$@"; }
peer_acl() { acl_at "$PEER_HOST" "$@"; }
as2() { smbc_as "$S_USER2%$S_PASSWORD" files "$1"; }

# ---- what permissions say ----
check acl-put smbc files "put file plain"
chmod 640 "$T/files/plain"
expect acl-owner "^OWNER:S-1-22-1-$me\$" acl plain
expect acl-everyone-nothing '^ACL:S-1-1-0:0/0x0/0x00120080$' acl plain
chmod 644 "$T/files/plain"
expect acl-everyone-reads '^ACL:S-1-1-0:0/0x0/0x001200a9$' acl plain

# ---- a list that is set ----
check acl-set acl plain -S "REVISION:1,ACL:S-1-1-0:0/0/0x001200a9,ACL:S-1-22-1-$me:0/0/0x001f01ff"
expect acl-set-shown '^ACL:S-1-1-0:0/0x0/0x001200a9$' acl plain
check acl-still-readable smbc files "get plain again"
check acl-deny acl plain -a "ACL:S-1-22-1-$me:1/0/0x00000001"
refuse acl-denied NT_STATUS_ACCESS_DENIED smbc files "get plain again"
expect acl-why "deny S-1-22-1-$me 0x1" smb3ctl why
if is_root; then
	mkdir "$T/files/roots"
	echo roots >"$T/files/roots.txt"
	chmod 750 "$T/files/roots"
	chmod 640 "$T/files/roots.txt"
	refuse acl-mode NT_STATUS_ACCESS_DENIED smbc files "get roots.txt"
	expect acl-mode-why 'mode 640, owner 0:0 of roots.txt' smb3ctl why
	refuse acl-mode-of-the-way NT_STATUS_ACCESS_DENIED smbc files "get roots/some.txt"
	expect acl-mode-of-the-way-why 'no way to roots|of roots.some.txt' smb3ctl why
fi
check acl-undeny acl plain -D "ACL:S-1-22-1-$me:1/0/0x00000001"
check acl-undenied smbc files "get plain again"

# ---- handed down ----
check acl-folder smbc files "mkdir team"
check acl-folder-set acl team -a 'ACL:S-1-5-11:0/0x3/0x001f01ff'
check acl-folder-put smbc files "cd team; put file inside"
expect acl-inherited '^ACL:S-1-5-11:0/0x0/0x001f01ff$' acl team/inside
check acl-folder-in-folder smbc files "cd team; mkdir below"
expect acl-inherited-folder '^ACL:S-1-5-11:0/0x3/0x001f01ff$' acl team/below
check acl-folder-no-new acl team -S "REVISION:1,ACL:S-1-22-1-$me:0/0/0x001200a9"
refuse acl-no-new-file NT_STATUS_ACCESS_DENIED smbc files "cd team; put file more"
refuse acl-no-new-folder NT_STATUS_ACCESS_DENIED smbc files "cd team; mkdir more"
refuse acl-no-new-name NT_STATUS_ACCESS_DENIED smbc files "rename plain team/plain"

# ---- the attribute is no client's business ----
expect acl-hidden '^done$' bash -c "$(declare -f smbc client); $(declare -p T S_HOST S_PORT S_USER S_PASSWORD S_INSIDE); smbc files 'geteas plain' | grep -i ntacl; echo done"

# ---- changed behind the server's back ----
check acl-full acl plain -S "REVISION:1,ACL:S-1-1-0:0/0/0x001f01ff"
chmod 600 "$T/files/plain"
expect acl-chmod-noticed '^ACL:S-1-1-0:0/0x0/0x00120080$' acl plain

# ---- more than the permission bits, and less ----
you=$(id -u "$S_USER2")
check acl-two acl plain -S "REVISION:1,ACL:S-1-22-1-$me:0/0/0x001f01ff,ACL:S-1-22-1-$you:0/0/0x001f01ff"
expect acl-two-bits '^600$' stat -c %a "$T/files/plain"
check acl-other-reads as2 "get plain other"
check acl-other-writes as2 "put file plain"
expect acl-other-owner "^$me\$" stat -c %u "$T/files/plain"
check acl-other-deletes as2 "del plain"
check acl-gone test ! -e "$T/files/plain"
check acl-put-again smbc files "put file plain"
check acl-deny-other acl plain -S "REVISION:1,ACL:S-1-22-1-$you:1/0/0x001f01ff,ACL:S-1-1-0:0/0/0x001f01ff"
refuse acl-other-denied NT_STATUS_ACCESS_DENIED as2 "get plain other"
refuse acl-other-not-replaced NT_STATUS_ACCESS_DENIED as2 "put file plain"
check acl-shared smbc files "mkdir shared"
check acl-shared-set acl shared -S "REVISION:1,ACL:S-1-22-1-$me:0/3/0x001f01ff,ACL:S-1-22-1-$you:0/3/0x001f01ff"
expect acl-shared-bits '^700$' stat -c %a "$T/files/shared"
check acl-shared-put as2 "cd shared; put file theirs"
expect acl-shared-owner "^$you\$" stat -c %u "$T/files/shared/theirs"
check acl-shared-rename as2 "cd shared; rename theirs renamed"
check acl-shared-folder as2 "cd shared; mkdir sub; cd sub; put file deep"
check acl-shared-other-way smbc files "cd shared\\sub; get deep"
echo local >"$T/files/shared/local"
chmod 644 "$T/files/shared/local"
refuse acl-no-acl-no-way NT_STATUS_ACCESS_DENIED as2 "cd shared; get local"

# ---- what no ACL grants ----
check acl-program smbc files "put file program"
chmod 2755 "$T/files/program"
gid=$(stat -c %g "$T/files/program")
acl program -G S-1-22-2-0 >/dev/null
expect acl-no-foreign-group "^$gid\$" stat -c %g "$T/files/program"
for folder in open open2 drop; do
	check "acl-make-$folder" smbc files "mkdir $folder"
	chmod 777 "$T/files/$folder"
done
mkdir "$T/files/barred" "$T/files/open/owned"
chgrp "$(id -g "$S_USER2")" "$T/files/barred"
chmod 707 "$T/files/barred"
check acl-own smbc files "put file open\\theirs"
check acl-put-mine as2 "cd open; put file mine"
refuse acl-group-bits-stay NT_STATUS_ACCESS_DENIED as2 "rename open\\mine barred\\mine"
check acl-group-bits-stayed test -e "$T/files/open/mine"
refuse acl-folder-stays NT_STATUS_ACCESS_DENIED as2 "rename open\\owned open2\\owned"
check acl-folder-stayed test -d "$T/files/open/owned"
check acl-drop acl drop -S "REVISION:1,ACL:S-1-22-1-$me:0/3/0x001f01ff,ACL:S-1-22-1-$you:0/0/0x001200af"
echo local >"$T/files/drop/local"
check acl-drop-in as2 "rename open\\mine drop\\mine"
check acl-put-other as2 "cd open; put file other"
refuse acl-not-replaced NT_STATUS_ACCESS_DENIED as2 "rename open\\other drop\\local -f"
expect acl-not-replaced-stays '^local$' cat "$T/files/drop/local"

# An attribute that users can write is no reason to act for them.
acl_of_writable() { client smbcacls --configfile="$T/client.conf" -U "$S_USER%$S_PASSWORD" \
	--numeric "//$S_HOST/writable" "$@" </dev/null; }
check acl-writable-put smbc writable "put file forged"
check acl-writable-set acl_of_writable forged -S "REVISION:1,ACL:S-1-22-1-$me:0/0/0x001f01ff,ACL:S-1-22-1-$you:0/0/0x001f01ff"
expect acl-writable-kept user.NTACL getfattr -d "$T/files/forged"
refuse acl-writable-grants-nothing NT_STATUS_ACCESS_DENIED client smbclient --configfile="$T/client.conf" \
	-p "$S_PORT" -U "$S_USER2%$S_PASSWORD" "//$S_HOST/writable" -c "get forged $T/forged"

# ---- Samba over the same folder ----
if ! command -v smbd >/dev/null || [ -z "$S_NETNS" ]; then
	skip acl-samba "smbd is missing (package samba), or a network namespace for it"
	test_end
fi
P=$T/samba
mkdir -p "$P"/{private,lock,state,cache,pid,rpc}
client ip addr add "$PEER_HOST/8" dev lo
{
	printf '[global]\n netbios name = PEER\n disable netbios = yes\n load printers = no\n'
	printf ' private dir = %s/private\n lock directory = %s/lock\n' "$P" "$P"
	printf ' state directory = %s/state\n cache directory = %s/cache\n' "$P" "$P"
	printf ' pid directory = %s/pid\n ncalrpc dir = %s/rpc\n log file = %s/log\n' "$P" "$P" "$P"
	printf ' smb ports = 445\n interfaces = %s\n bind interfaces only = yes\n' "$PEER_HOST"
	printf ' vfs objects = acl_xattr\n[files]\n path = %s/files\n read only = no\n' "$T"
} >"$P/smb.conf"
printf '%s\n%s\n' "$S_PASSWORD" "$S_PASSWORD" | smbpasswd -c "$P/smb.conf" -s -a "$S_USER" >/dev/null
"${S_INSIDE[@]}" setsid smbd -F --no-process-group -s "$P/smb.conf" >"$P/out" 2>&1 </dev/null &
PEER_PID=$!
peer_answers() { client bash -c "exec 3<>/dev/tcp/$PEER_HOST/445" 2>/dev/null; }
until_true 30 peer_answers

same() { diff <(acl "$1" | sort) <(peer_acl "$1" | sort); }
check acl-samba-file smbc files "put file both"
check acl-samba-set acl both -S "REVISION:1,ACL:S-1-22-1-$me:0/0/0x001f01ff,ACL:S-1-22-1-$you:1/0/0x00000002,ACL:S-1-5-21-1-2-3-4:0/0/0x00120089"
expect acl-samba-sees '^ACL:S-1-5-21-1-2-3-4:0/0x0/0x00120089$' peer_acl both
check acl-samba-same same both
check acl-samba-folder smbc files "mkdir bothdir"
check acl-samba-folder-set acl bothdir -S "REVISION:1,ACL:S-1-22-1-$me:0/0x3/0x001f01ff,ACL:S-1-3-0:0/0xb/0x001f01ff"
expect acl-samba-folder-sees '^ACL:S-1-3-0:0/0xb/0x001f01ff$' peer_acl bothdir
check acl-samba-folder-same same bothdir
check acl-samba-writes peer_acl both -a 'ACL:S-1-1-0:0/0/0x001200a9'
expect acl-samba-written '^ACL:S-1-1-0:0/0x0/0x001200a9$' acl both
expect acl-samba-kept '^ACL:S-1-5-21-1-2-3-4:0/0x0/0x00120089$' acl both
check acl-samba-written-same same both
check acl-samba-writes-folder peer_acl bothdir -a 'ACL:S-1-5-11:0/0x3/0x001200a9'
expect acl-samba-written-folder '^ACL:S-1-5-11:0/0x3/0x001200a9$' acl bothdir
check acl-samba-written-folder-same same bothdir
test_end
