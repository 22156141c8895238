#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_witness.sh: clients that register to be told where to move, with Samba's Python library and with
# impacket; smb3ctl move-client.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_witness
only_smb3d "it is a module of smb3d"
needs rpc_witness
[ -n "$S_NETNS" ] || { skip rpc_witness "it needs addresses and a port of its own (root)"; exit 0; }
/usr/bin/python3 -c 'from samba.dcerpc import witness' 2>/dev/null ||
	{ skip rpc_witness "Samba's Python library is missing"; exit 0; }
share_new files
S_EXTRA='rpc_witness = { per_user = 3; watch = "1s"; unused = "5s"; };'
# All addresses are served; those of the loop device that mean something elsewhere count.
client ip addr add 192.0.2.1/32 dev lo
client ip addr add 2001:db8::1/128 dev lo nodad
eval "$(declare -f peer_configure | sed '1s/peer_configure/configure_one/')"
peer_configure() { configure_one; sed -i 's/address = "127.0.0.1"/address = "*"/' "$S_CONF"; }
server_begin

refuse witness-move-nobody 'no client "nobody" has registered' smb3ctl move-client nobody 192.0.2.2
refuse witness-move-nowhere 'no numeric address' smb3ctl move-client --all elsewhere
refuse witness-move-many 'no numeric address' smb3ctl move-client --all 224.0.0.1
refuse witness-move-words 'say whom to move' smb3ctl move-client --share files --all
expect witness-move-all-none '"told": *0' smb3ctl --json move-client --all 192.0.2.2
expect witness-endpoint 'witness' rpc epmlookup
relay python "$top/tests/live/rpc_witness_client.py" "$T/client.conf" "$SMB3D_BUILD/smb3ctl" "$S_CONF"
test_end
