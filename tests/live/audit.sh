#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# audit.sh: the lines of the module audit about real clients: each is JSON, each kind of event is there,
# names forge nothing, the file is rotated, and its disk is full.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin audit
only_smb3d "a module of our own"
needs audit

log=$S_DIR/audit/log
mkdir "$S_DIR/audit"
S_FEATURES="$S_FEATURES audit"
# audit_conf OPTIONS: what smb3.conf has besides.
audit_conf() {
	S_EXTRA="audit = { file = \"$log\"; opens = \"all\"; $1 };
guest = { map_unknown = true; };
guard = { connections_per_address = 20; };"
}
# lines FILE KEY=VALUE...: how many lines have all of that; each must be strict JSON.
lines() {
	/usr/bin/python3 "$top/tests/live/audit_lines.py" "$@"
}
# has NAME KEY=VALUE...: waits for such a line.
arrived() { [ "$(lines "$log" "$@")" -gt 0 ]; }
has() { check "$1" until_true 20 arrived "${@:2}"; }

audit_conf 'events = [ "connection_refused", "negotiated", "unprotected", "logon", "guest_logon",
	"logon_failed", "logoff", "tree_connect", "tree_disconnect", "tree_refused", "open", "denied",
	"delete", "rename", "permissions", "limit", "admin" ];'
share_new files
share_new manuals read_only=true
share_new lobby guest=true
server_begin

echo content >"$T/work/page"
me="$S_USER%$S_PASSWORD"
check audit-play smbc_as "$me" files 'put page one; rename one two; mkdir folder; rmdir folder; del two'
smbc_as "$S_USER%wrong" files ls >/dev/null
smbc_as "$me" nowhere ls >/dev/null
smbc_as "$me" manuals 'put page one' >/dev/null
smbc_as "stranger%x" lobby ls >/dev/null
smbc_as "$me" files ls --option='client max protocol=SMB2_10' --option='client min protocol=SMB2_02' >/dev/null
smb3ctl status >/dev/null

has audit-start-line event=start schema=1 server="$S_NAME"
has audit-negotiated event=negotiated dialect=3.1.1
has audit-logon event=logon "user=$S_USER" mechanism=ntlm address~127 kind=first
has audit-logon-failed event=logon_failed "user~$S_USER" status=STATUS_LOGON_FAILURE reason~. mechanism=ntlm
has audit-guest event=guest_logon claimed~stranger guest=True
has audit-unprotected event=unprotected reason~dialect dialect=2.1
has audit-logoff event=logoff "user=$S_USER"
has audit-tree event=tree_connect share=files "unix_user=$S_USER"
has audit-tree-end event=tree_disconnect share=files
has audit-tree-refused event=tree_refused share=nowhere status=STATUS_BAD_NETWORK_NAME
has audit-open event=open path=one share=files action=created
has audit-rename event=rename path=one new_path=two "user=$S_USER"
has audit-delete event=delete path=two "user=$S_USER" address~127 session~0x
has audit-delete-folder event=delete path=folder directory=True
has audit-denied event=denied path=one share=manuals reason~grants status=STATUS_ACCESS_DENIED
has audit-admin event=admin command=status status=STATUS_SUCCESS
expect audit-ctl "ok" smb3ctl audit
check audit-private test "$(stat -c %a "$log")" = 600
if grep -q "$S_PASSWORD" "$log"; then fail audit-no-secrets "a password"; else ok audit-no-secrets; fi
# smbcacls knows no other port.
[ "$S_PORT" != 445 ] || ! command -v smbcacls >/dev/null || [ ! -e "$SMB3D_BUILD/modules.d/acl.so" ] || {
	echo content >"$T/files/guarded"
	! is_root || chown "$S_USER:" "$T/files/guarded"
	client smbcacls --configfile="$T/client.conf" -U "$me" "//$S_HOST/files" guarded \
		-a 'ACL:S-1-1-0:0/0/0x1200a9' >/dev/null 2>&1
	has audit-permissions event=permissions path=guarded "user=$S_USER"
}

# Names that would be events of their own.
printf 'x' >"$T/files/$(printf 'a"}{"event":"logon","user":"root')" 2>/dev/null
smbc_as $'eve\\"}\n{"event":"logon","user":"root"}%x' lobby ls >/dev/null
smbc_as $'q"}%x' files ls >/dev/null
has audit-quote event=guest_logon 'claimed~q"}'
check audit-nothing-forged test "$(lines "$log" event=logon user=root)" = 0

# Rotated: with a reload the new file is there at once, without one at the next event.
mv "$log" "$log.1"
check audit-reload smb3ctl reload
check audit-rotated until_true 20 test -e "$log"
has audit-rotated-goes-on event=admin command=reload
mv "$log" "$log.2"
smb3ctl status >/dev/null
has audit-renamed event=admin command=status
check audit-nothing-lost test "$(cat "$log" "$log.1" "$log.2" >"$T/all"; lines "$T/all" event=lost)" = 0

# A disk that is full.
if is_root && mount -t tmpfs -o size=64k tmpfs "$S_DIR/audit" 2>/dev/null; then
	trap 'status=$?; umount -l "$S_DIR/audit" 2>/dev/null; (exit $status); test_cleanup' EXIT
	audit_conf 'on_error = "deny";'
	server_stop >/dev/null
	server_begin restart
	check audit-disk-empty smbc_as "$me" files ls
	dd if=/dev/zero of="$S_DIR/audit/filler" bs=1k 2>/dev/null
	full() { ! smbc_as "$me" files ls >/dev/null; }
	check audit-disk-full until_true 20 full
	refuse audit-disk-full-status 'c0000244|AUDIT_FAILED' smbc_as "$me" files ls
	expect audit-disk-full-ctl 'No space' smb3ctl audit
	check audit-disk-full-logged grep -q 'audit: events cannot be written' "$S_LOG"
	check audit-disk-full-said-once test "$(grep -c "error audit: events cannot" "$S_LOG")" = 1
	rm "$S_DIR/audit/filler"
	room() { smbc_as "$me" files ls >/dev/null; }
	check audit-disk-free until_true 20 room
	has audit-disk-what-waited event=logon_failed status=STATUS_AUDIT_FAILED
	check audit-disk-nothing-lost test "$(lines "$log" event=lost)" = 0
	server_stop >/dev/null
	umount "$S_DIR/audit"
	server_start
else
	skip audit-disk-full "needs root and a tmpfs"
fi
test_end
