#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# notify.sh: what local programs change under a share is told to clients that wait for it, once,
# and is there when they look; what clients change is told once, too, though the kernel tells it again.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin notify
share_new files
share_add sub "$T/files/sub"
mkdir -p "$T/files/sub/deep/er" "$T/files/private"
! is_root || chown -R "$S_USER:" "$T/files"
! is_root || { chown root: "$T/files/private" && chmod 700 "$T/files/private"; }
share_new off 'notify={ enabled = false; }'
share_new quiet 'notify={ local = false; }'
share_add veiled "$T/files" 'vfs_veto={ veto_files = [ "*.secret", "hidden" ]; }'
share_add mapped "$T/files" 'vfs_catia={ mappings = "0x3a:0xa6"; }'
server_begin

relay python "$top/tests/live/notify_client.py" "$T" "$S_PID"

# smbclient's command: it prints what comes until it is stopped.
mkfifo "$T/work/tell"
client timeout 20 stdbuf -oL smbclient --configfile="$T/client.conf" -p "$S_PORT" -U "$S_USER%$S_PASSWORD" \
	"//$S_HOST/files" -c 'notify ""' >"$T/work/tell" 2>&1 &
listener=$!
exec 5<"$T/work/tell"
said=
for ((i = 0; i < 100; i++)); do
	touch "$T/files/for-smbclient-$i" # until it has asked, nobody is told
	if IFS= read -r -t 0.3 said <&5; then
		break
	fi
done
kill "$listener" 2>/dev/null
check notify-smbclient grep -q 'for-smbclient' <<<"$said"
test_end
