#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# escape.sh: nothing outside a share's folder is reached: not by "..", not by absolute
# names, not by symbolic links, not by a folder that turns into a link at the wrong moment.
set -u
. "$(dirname "$0")/../lib/server.sh"
own_mounts "$0" "$@"

test_begin escape
S_REACH=("$T/outside")	# where wide links lead
share_new files
mkdir -p "$T/outside" "$T/files/folder" "$T/files-not"
echo secret >"$T/outside/secret"
echo secret >"$T/files-not/secret"
echo content >"$T/files/folder/inside"
chmod 777 "$T/outside" "$T/files-not"
chmod 666 "$T/outside/secret" "$T/files-not/secret"
ln -s "$T/outside/secret" "$T/files/link-file"
ln -s "$T/outside" "$T/files/link-folder"
ln -s ../outside/secret "$T/files/link-up"
ln -s "$T/outside/made" "$T/files/link-dangling"
ln -s /proc/self/cwd "$T/files/link-magic"
ln -s link-loop "$T/files/link-loop"
# No permission is to be what refuses.
! is_root || chown -hR "$S_USER:" "$T/files"
share_new wide vfs_posix='{ wide_links = true; }'
share_new unlinked vfs_posix='{ follow_symlinks = false; }'
share_new whole
share_new single vfs_posix='{ one_file_system = true; }'
for name in wide unlinked; do
	mkdir "$T/$name/folder"
	echo content >"$T/$name/folder/inside"
	ln -s "$T/outside" "$T/$name/link-out"
	ln -s folder "$T/$name/link-in"
done
mkdir "$T/wide/nowhere"
ln -s "$T/missing" "$T/wide/link-dangling"
mounted=no
# mount_below SHARE: another file system inside the share, seen by this script and its server only.
mount_below() {
	mkdir -p "$T/$1/mounted" && mount -t tmpfs -o mode=777 none "$T/$1/mounted" 2>/dev/null &&
		echo other >"$T/$1/mounted/file" && ln -s mounted "$T/$1/link-mounted"
}
if is_root && mount_below whole && mount_below single; then mounted=yes; fi
test_undo() { umount -l "$T/whole/mounted" "$T/single/mounted" 2>/dev/null; }
server_begin
before=$(cd "$T" && find outside files-not | sort; cat "$T/outside/secret" "$T/files-not/secret")

relay python "$top/tests/live/escape_client.py" "$T/files" "$T/outside"
after=$(cd "$T" && find outside files-not | sort; cat "$T/outside/secret" "$T/files-not/secret")
check escape-outside-untouched test "$before" = "$after"
check escape-links-are-left test -L "$T/files/link-folder"
# A link out of the share is followed only where that is said; then the user's rights hold.
expect escape-wide-link '^  secret ' smbc wide 'ls link-out/*'
check escape-wide-read smbc wide 'get link-out/secret stolen'
refuse escape-wide-dots 'STATUS_' smbc wide 'get folder/../../outside/secret stolen2'
refuse escape-wide-dangling 'STATUS_' smbc wide 'put stolen link-dangling'
check escape-wide-nothing-made test ! -e "$T/missing"
chmod 700 "$T/outside"
! is_root || refuse escape-wide-rights STATUS_ACCESS_DENIED smbc wide 'get link-out/secret stolen3'
chmod 777 "$T/outside"
refuse escape-unlinked-out 'STATUS_' smbc unlinked 'get link-out/secret stolen4'
refuse escape-unlinked-in 'STATUS_' smbc unlinked 'get link-in/inside stolen5'
check escape-unlinked-plain smbc unlinked 'get folder/inside fine'

# What is mounted below a share belongs to it, unless it is to be one file system.
if [ $mounted = yes ]; then
	check escape-mount-crossed smbc whole 'get mounted/file crossed'
	refuse escape-mount-closed 'STATUS_' smbc single 'get mounted/file crossed2'
	refuse escape-mount-closed-listing 'STATUS_' smbc single 'ls mounted/*'
	refuse escape-mount-closed-link 'STATUS_' smbc single 'get link-mounted/file crossed3'
	refuse escape-mount-closed-new 'STATUS_' smbc single 'mkdir mounted/new'
	check escape-mount-untouched test ! -e "$T/single/mounted/new"
else
	skip escape-mount "no file system can be mounted"
fi
test_end
