#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_shares.sh: shares that administrators make, change and remove with net and rpcclient.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_shares
only_smb3d "the file of shares is smb3d's"
needs rpc_srvsvc
share_new files comment='"of smb3.conf"'
mkdir -p "$T/srv/music/deep" "$T/srv/100%U" "$T/srvx" "$T/outside" "$S_DIR/state"
: >"$T/srv/file"
ln -s "$T/outside" "$T/srv/way-out"
ln -s music "$T/srv/way-in"
! is_root || chown -R "$S_USER:" "$T/srv"
added=$S_DIR/state/shares.conf
extra=${S_EXTRA-}
option="rpc_srvsvc = { share_folders = [ \"$T/srv\" ]; shares_max = 12; };"

net_share() { net_rpc share "$@"; }
listed() { net_share list | grep -Fqx -- "$1"; }
win() { printf 'C:%s' "${1//\//\\}"; }

# Not unless an option says where.
server_begin
boss_add
R_USER=boss
refuse no-folders 'Access is denied' net_share add "music=$(win "$T/srv/music")"
check no-folders-why grep -q 'rpc_srvsvc.share_folders names no folder' "$S_LOG"
server_stop

# Without the line in smb3.conf nothing is made: the file goes back to what it was, here to nothing.
S_EXTRA="$extra $option"
server_begin start-2
refuse not-included 'internal error' net_share add "music=$(win "$T/srv/music")"
check not-included-why grep -q 'does not include rpc_srvsvc.shares_file' "$S_LOG"
check not-included-gone not test -e "$added"
server_stop

: >"$added"
S_INCLUDE=state/shares.conf
server_begin start-again

# For administrators only.
R_USER=
refuse user-add 'Access is denied' net_share add "music=$(win "$T/srv/music")"
refuse user-delete WERR_ACCESS_DENIED rpc 'netsharedel files'
refuse user-set WERR_ACCESS_DENIED rpc 'netsharesetinfo files x'
check user-nothing test ! -s "$added"

R_USER=boss
check add net_share add "music=$(win "$T/srv/music")" -C 'songs "and" \more'
check listed listed music
expect info 'remark:.*songs "and"' rpc 'netsharegetinfo music 2'
said info-path 'path:.*srv.music'
check used smbc music 'mkdir made-here'
check used-there test -d "$T/srv/music/made-here"
check add-hidden net_share add "deep\$=$(win "$T/srv/music/deep")"
check hidden-not-listed not listed 'deep$'
check hidden-used smbc 'deep$' ls
check way-in net_share add "inside=$(win "$T/srv/way-in")"
check way-in-real grep -q "name = \"inside\"; path = \"$T/srv/music\";" "$added"

# Names and folders that are not to be had.
before=$(cat "$added")
refuse twice 'already been shared' net_share add "MUSIC=$(win "$T/srv")"
refuse of-smb3-conf 'already been shared' net_share add "files=$(win "$T/srv")"
refuse ipc 'already been shared' net_share add "IPC\$=$(win "$T/srv")"
for name in 'a|b' 'a*b' 'a"b' 'a<b' "$(printf 'x%.0s' {1..81})"; do
	refuse "bad-name-${name:0:5}" 'syntax is incorrect' net_share add "$name=$(win "$T/srv")"
done
refuse outside 'Access is denied' net_share add "x=$(win "$T/outside")"
check outside-why grep -q 'not within rpc_srvsvc.share_folders' "$S_LOG"
refuse beside 'Access is denied' net_share add "x=$(win "$T/srvx")"
refuse root 'Access is denied' net_share add 'x=C:\'
refuse link-out 'Access is denied' net_share add "x=$(win "$T/srv/way-out")"
refuse dots 'parameter is incorrect' net_share add "x=$(win "$T/srv/../outside")"
refuse dots-inside 'parameter is incorrect' net_share add "x=$(win "$T/srv/music/../../outside")"
refuse letters 'parameter is incorrect' net_share add "x=$(win "$T/srv/100%U")"
refuse missing 'does not exist' net_share add "x=$(win "$T/srv/nothing")"
refuse no-folder 'does not exist' net_share add "x=$(win "$T/srv/file")"
refuse other-drive 'parameter is incorrect' net_share add "x=D:\\srv"
refuse limit-of-users 'not supported' net_share add "x=$(win "$T/srv")" -M 3
check nothing-changed test "$before" = "$(cat "$added")"
check refused-not-listed not listed x

# Changed.
check set rpc 'netsharesetinfo music other'
expect set-seen 'remark:.*other' rpc 'netsharegetinfo music 1'
check set-again rpc 'netsharesetinfo music third'
expect set-again-seen 'remark:.*third' rpc 'netsharegetinfo music 502'
refuse set-of-smb3-conf WERR_ACCESS_DENIED rpc 'netsharesetinfo files other'
refuse set-missing WERR_NERR_NETNAMENOTFOUND rpc 'netsharesetinfo nothing other'

# Two at once, and again after a restart.
for i in 1 2 3 4; do
	net_share add "many$i=$(win "$T/srv/music")" >"$T/many$i" 2>&1 &
	jobs[i]=$!
done
for i in 1 2 3 4; do check "at-once-$i" wait "${jobs[i]}"; done
for i in 1 2 3 4; do check "at-once-listed-$i" listed "many$i"; done
server_stop
check valid smb3d -c "$S_CONF" -t
server_begin restart
for name in music many1 many2 many3 many4 files; do check "kept-$name" listed "$name"; done
expect kept-comment 'remark:.*third' rpc 'netsharegetinfo music 1'
for i in 5 6 7 8 9; do check "more-$i" net_share add "many$i=$(win "$T/srv/music")"; done
refuse too-many 'out of the requested resource' net_share add "many10=$(win "$T/srv/music")"
check too-many-why grep -q 'rpc_srvsvc.shares_max' "$S_LOG"

# Removed, with those who are connected.
refuse delete-of-smb3-conf WERR_ACCESS_DENIED rpc 'netsharedel files'
refuse delete-missing WERR_NERR_NETNAMENOTFOUND rpc 'netsharedel nothing'
relay python "$top/tests/live/rpc_shares_client.py" boss:"$S_PASSWORD" music
check deleted not listed music
refuse deleted-not-used STATUS_BAD_NETWORK_NAME smbc music ls

# A configuration that cannot be loaded again: nothing is changed.
before=$(cat "$added")
echo 'nonsense = 1;' >>"$S_CONF"
refuse bad-configuration 'internal error' net_share add "music=$(win "$T/srv/music")"
refuse bad-configuration-delete WERR_NERR_INTERNALERROR rpc 'netsharedel many1'
check bad-configuration-kept test "$before" = "$(cat "$added")"
sed -i '$d' "$S_CONF"
# A file that somebody has changed by hand is left alone.
echo ', { name = "by hand"; path = "/"; guest = true; }' >>"$added"
before=$(cat "$added")
refuse by-hand WERR_NERR_INTERNALERROR rpc 'netsharedel many1'
check by-hand-why grep -q 'this is not what smb3d wrote' "$S_LOG"
check by-hand-kept test "$before" = "$(cat "$added")"
sed -i '$d' "$added"
check delete net_share delete many1
check no-rest test ! -e "$added.new"

# How smb3-rpcd does.
expect status '"smb3-rpcd" *: *"ready"' smb3ctl status --json
said status-restarts '"restarts" *: *0'
kill -KILL "$(smb3ctl rpc --json | sed -n 's/.*"pid" *: *\([0-9]*\).*/\1/p' | head -n 1)"
check status-next listed files
expect status-restarted '"restarts" *: *1' smb3ctl status --json
said status-last-end '"last_end" *: *"[^"]*signal 9'
test_end
