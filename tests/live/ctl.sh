#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ctl.sh: what an administrator does with smb3ctl while a client has a file open.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin ctl
S_REACH=("$T")	# a reload adds a share there
only_smb3d "about our own program"
share_new files comment='"the files"'
share_new second read_only=true
server_begin
echo held >"$T/files/held"
chown "$S_USER:" "$T/files/held" 2>/dev/null

# A client that holds a file open until its input ends.
talk_begin python "$top/tests/live/ctl_client.py"
check ctl-holder heard open

json() { smb3ctl --json "$@" | /usr/bin/python3 -m json.tool >/dev/null; }

check ctl-status smb3ctl status
expect ctl-sessions-names-user "(^|[^a-z])$S_USER([^a-z]|\$)" smb3ctl sessions
expect ctl-sessions-names-address '127\.0\.0\.1' smb3ctl sessions
expect ctl-opens-names-file held smb3ctl opens
expect ctl-modules vfs_posix smb3ctl modules
check ctl-metrics smb3ctl metrics
expect ctl-share-list "files.*$T/files" smb3ctl share list
expect ctl-user-list "^ *$S_USER( |\$)" smb3ctl user list
for words in status sessions opens modules metrics 'share list' 'user list'; do
	# shellcheck disable=SC2086
	check "ctl-json-${words/ /-}" json $words
done
expect ctl-help-of-a-command 'user import +FILE' smb3ctl user import --help
expect ctl-help-of-a-group 'user unlock' smb3ctl user --help
refuse ctl-help-unknown 'smb3ctl help lists all' smb3ctl help no-such-command
refuse ctl-unknown-command 'no-such-command' smb3ctl no-such-command
refuse ctl-missing-argument . smb3ctl kill

# Metrics count: one more CREATE than before.
count() { smb3ctl metrics | awk 'tolower($0) ~ /create/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) { print $i; exit } }'; }
before=$(count)
smbc files 'get held' >/dev/null
check ctl-metrics-count test "$(count)" -gt "${before:-0}"

# Debug components are switched on and off at run time.
debug_lines() { grep -c -i debug "$S_LOG" 2>/dev/null; }
check ctl-debug-on smb3ctl debug smb
smbc files ls >/dev/null
lines=$(debug_lines)
check ctl-debug-writes test "${lines:-0}" -gt 0
check ctl-debug-off smb3ctl debug smb
lines=$(debug_lines)
smbc files ls >/dev/null
check ctl-debug-silent test "$(debug_lines)" = "$lines"
refuse ctl-debug-unknown 'no-such-component' smb3ctl debug no-such-component

# Accounts: password on standard input, the store readable by its owner only.
check ctl-user-add user_add newcomer first-password "unix=$S_USER"
check ctl-user-store-private test "$(stat -c %a "$S_DIR/users")" = 600
login() { smbclient_as "newcomer%$1"; }
smbclient_as() {
	client smbclient --configfile="$T/client.conf" -p "$S_PORT" -U "$1" "//$S_HOST/IPC\$" -c 'quit'
}
check ctl-user-can-log-in login first-password
passwd() { printf 'second-password\n' | smb3ctl user passwd newcomer; }
check ctl-user-passwd passwd
refuse ctl-user-old-password STATUS_LOGON_FAILURE login first-password
check ctl-user-new-password login second-password
refuse ctl-user-add-twice newcomer user_add newcomer third "unix=$S_USER"
check ctl-user-del smb3ctl user del newcomer
refuse ctl-user-gone STATUS_LOGON_FAILURE login second-password
refuse ctl-user-del-unknown newcomer smb3ctl user del newcomer
refuse ctl-user-bad-name . user_add 'a:b/c' password "unix=$S_USER"
if grep -aq 'second-password' "$S_DIR"/users "$S_LOG"; then
	fail ctl-password-hidden "a password stands in the clear"
else ok ctl-password-hidden; fi

# Reload: a new share appears, a bad configuration changes nothing.
mkdir "$T/third"
cp "$S_CONF" "$T/before.conf"
share_add third "$T/third"
peer_configure
check ctl-reload smb3ctl reload
check ctl-reload-new-share smbc third ls
sed -i 's/^server = {/server = { nonsense = 1;/' "$S_CONF"
refuse ctl-reload-bad 'nonsense' smb3ctl reload
check ctl-reload-bad-changes-nothing smbc third ls
cp "$T/before.conf" "$S_CONF"
check ctl-reload-back smb3ctl reload
refuse ctl-reload-share-gone STATUS_BAD_NETWORK_NAME smbc third ls
check ctl-reload-keeps-sessions talk still alive

# Kill: the session ends, its client notices, the others go on.
session=$(smb3ctl --json sessions | /usr/bin/python3 -c '
import json, sys
rows = json.load(sys.stdin)
rows = rows if isinstance(rows, list) else next(v for v in rows.values() if isinstance(v, list))
print(next(v for k, v in rows[0].items() if k in ("id", "session")))')
refuse ctl-kill-unknown . smb3ctl kill 0x7777777777
check ctl-kill smb3ctl kill "$session"
check ctl-killed-client-notices talk still gone
no_opens() { ! smb3ctl opens | grep -q held; }
check ctl-killed-opens-closed until_true 10 no_opens
check ctl-others-go-on smbc files ls

if is_root && command -v setpriv >/dev/null; then
	as_nobody() {
		client setpriv --reuid=nobody --regid=nogroup --clear-groups "$SMB3D_BUILD/smb3ctl" -c "$S_CONF" status
	}
	refuse ctl-not-for-everyone . as_nobody
fi
check ctl-shutdown smb3ctl shutdown
check ctl-shutdown-ends until_true 30 server_gone
refuse ctl-no-server "$S_DIR/run|running" smb3ctl status
check ctl-user-list-offline smb3ctl user list
test_end
