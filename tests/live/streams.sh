#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# streams.sh: streams, extended attributes, DOS attributes and creation times move both ways
# between this server and Samba's, which serve one folder in turns.
set -u
. "$(dirname "$0")/../lib/server.sh"

# What a SID of one server means is another matter: none are stored.
S_FEATURES=${S_FEATURES/acl /}

test_begin streams
/usr/bin/python3 -c 'import impacket' 2>/dev/null || { skip streams "python3-impacket is missing"; exit 0; }
share_new files
setfattr -n user.probe -v x "$T/files" 2>/dev/null || { skip streams "no user xattrs in $T"; exit 0; }
turn() { relay python "$top/tests/live/streams_client.py" "$@"; }

server_begin
turn smb3d write smb3d
turn smb3d read smb3d
turn smb3d large
check streams-first-server-ends server_clean

# The other server, in the same place.
. "$lib/peer_smbd.sh"
if ! peer_find; then
	skip streams-samba "$PEER_MISSING"
	exit 0
fi
mv "$S_DIR/users-added" "$S_DIR/users-added.smb3d"
mv "$S_LOG" "$S_LOG.smb3d"
if server_start; then
	turn smbd read smb3d
	turn smbd change smb3d
	turn smbd write smbd
	server_stop >/dev/null
else
	skip streams-samba "smbd does not start here"
	exit 0
fi
mv "$S_DIR/users-added.smb3d" "$S_DIR/users-added"
. "$lib/peer_smb3d.sh"
server_begin second-start
turn smb3d read smbd
turn smb3d changed smb3d
test_end
