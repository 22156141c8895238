#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# quota.sh: quotas of an ext4 file system are shown to whom they concern, set by administrators, and
# bind users. Where this kernel has no quotas, all of it runs in the machine of tests/vm, if that
# is there.
set -u
. "$(dirname "$0")/../lib/server.sh"
own_mounts "$0" "$@"

test_begin quota
test_undo() { umount -l "$T/files" 2>/dev/null; }
skipped() { skip quota "$1"; exit 0; }
is_root || skipped "only root can mount a file system"
/usr/bin/python3 -c 'import impacket' 2>/dev/null || skipped "python3-impacket is missing"
is_smb3d || skipped "about the module quota"
[ -e "$SMB3D_BUILD/modules.d/quota.so" ] || skipped "the module is not built"

mkdir "$T/files"
disk() {
	truncate -s 64M "$T/image" && mkfs.ext4 -q -F -O quota "$T/image" &&
		mount -o loop,usrquota "$T/image" "$T/files"
}
in_machine() {
	local kernel
	[ -z "${SMB3D_IN_MACHINE-}" ] || skipped "no quotas in the virtual machine either: $(last_line)"
	kernel=$("$top/tests/vm/kernel" --print 2>/dev/null) && ls "$kernel"/lib/modules/*/kernel/drivers/block/loop.ko \
		>/dev/null 2>&1 || skipped "no quotas in this kernel, and no virtual machine (see tests/vm/kernel)"
	"$top/tests/vm/boot" --time 300 env SMB3D_IN_MACHINE=1 SMB3D_BUILD="$SMB3D_BUILD" TMPDIR=/scratch \
		"$top/tests/live/quota.sh" >"$T/lines" 2>"$T/said" ||
		grep -q '^FAIL' "$T/lines" || fail quota-machine "$(tail -n 1 "$T/lines" "$T/said")"
	relay cat "$T/lines"
	[ $T_FAILED = 0 ]
	exit
}
# The machine has no modules but those that it is asked for.
[ -z "${SMB3D_IN_MACHINE-}" ] || modprobe -a loop ext4 quota_v2 2>/dev/null
disk >"$T/said" 2>&1 || in_machine
chmod 755 "$T/files"
mkdir "$T/files/plain"
share_add files "$T/files"
share_new bare
server_begin
user_add boss "$S_PASSWORD" unix=games admin || fail quota-boss "no administrator"

export QUOTA_DISK=$T/files QUOTA_UID QUOTA_UID2
QUOTA_UID=$(id -u "$S_USER") QUOTA_UID2=$(id -u "$S_USER2")
relay python "$top/tests/live/quota_client.py"
test_end
