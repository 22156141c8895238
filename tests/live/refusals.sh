#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# refusals.sh: what must be refused, with the right status and nothing half-done: wrong
# users, unknown shares, read-only shares and file systems, a full disk, no permission.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin refusals
S_REACH=("$T")	# a folder that is made later is there
test_undo() {
	local m
	for m in full ro; do mountpoint -q "$T/$m" && umount -l "$T/$m"; done
}

share_new files
share_new readonly read_only=true
share_new vanishing
share_add later "$T/later"
share_new denied
mkdir -p "$T/full" "$T/ro"
share_add full "$T/full"
share_add ro "$T/ro"
mounted=no
if is_root && mount -t tmpfs -o size=8m,nr_inodes=40 tmpfs "$T/full" 2>/dev/null &&
	mount -t tmpfs -o size=1m tmpfs "$T/ro"; then
	mounted=yes
	chown "$S_USER:" "$T/full" "$T/ro"
	echo content >"$T/ro/kept"
	chown "$S_USER:" "$T/ro/kept"
	mount -o remount,ro "$T/ro"
fi
echo content >"$T/readonly/kept"
mkdir "$T/readonly/folder"
chown -R "$S_USER:" "$T/readonly" 2>/dev/null

# Folders and files of another owner, or without the owner's own bits when not root.
mkdir "$T/denied/closed" "$T/denied/unwritable"
echo secret >"$T/denied/closed/inside"
echo content >"$T/denied/unwritable/kept"
echo secret >"$T/denied/unreadable"
chmod 644 "$T/denied/unwritable/kept"
if is_root; then chown -R root: "$T/denied"/*; else chmod 444 "$T/denied/unwritable/kept"; fi
chmod 0 "$T/denied/unreadable"
chmod 555 "$T/denied/unwritable"
chmod 0 "$T/denied/closed"

server_begin

as() { smbc_as "$2" "$1" ls; }
refuse refusals-wrong-password STATUS_LOGON_FAILURE as files "$S_USER%wrong"
refuse refusals-empty-password STATUS_LOGON_FAILURE as files "$S_USER%"
refuse refusals-unknown-user STATUS_LOGON_FAILURE as files "nobody-here%$S_PASSWORD"
refuse refusals-anonymous 'STATUS_(ACCESS_DENIED|LOGON_FAILURE)' as files '%'
refuse refusals-unknown-share STATUS_BAD_NETWORK_NAME smbc no-such-share ls
refuse refusals-ntlmv1 STATUS_LOGON_FAILURE client smbclient --configfile="$T/client.conf" \
	-p "$S_PORT" -U "$S_USER%$S_PASSWORD" "//$S_HOST/files" -c ls \
	--option='client ntlmv2 auth = no' --option='client use spnego = yes' \
	--option='client lanman auth = yes'
rmdir "$T/vanishing"
refuse refusals-vanished-folder STATUS_BAD_NETWORK_NAME smbc vanishing ls
refuse refusals-missing-folder STATUS_BAD_NETWORK_NAME smbc later ls
mkdir "$T/later"
check refusals-folder-that-came-later smbc later ls
check refusals-other-shares-go-on smbc files ls

relay python "$top/tests/live/refusals_client.py" readonly_share permissions
check refusals-readonly-untouched test "$(cat "$T/readonly/kept")" = content
check refusals-readonly-nothing-new test "$(ls "$T/readonly" | tr '\n' ' ')" = 'folder kept '
check refusals-denied-untouched test "$(ls "$T/denied" | tr '\n' ' ')" = 'closed unreadable unwritable '

if [ $mounted = yes ]; then
	relay python "$top/tests/live/refusals_client.py" full_disk readonly_file_system
	check refusals-ro-untouched test "$(cat "$T/ro/kept")" = content
else
	skip refusals-full-disk "mounting a small file system takes root"
fi
test_end
