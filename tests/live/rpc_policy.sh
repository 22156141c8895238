#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_policy.sh: scripts decide who may use which interface of a pipe: whoever has opened it, or logged on
# inside of it; hidden ones are in no list; it is told why.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_policy
only_smb3d "its scripts are smb3d's"
needs rpc_lsarpc rpc_samr lua
share_new files
S_EXTRA="lua = { folders = [ \"$top/scripts/lua\" ]; scripts = [ \"pipes\" ];
	vars = [ \"interfaces=lsarpc,samr,srvsvc,mgmt,epmapper\", \"interface_samr=boss\", \"interface_srvsvc=192.0.2.1\" ]; };"
S_REACH+=("$top/scripts/lua")
server_begin
boss_add

check policy-lsarpc rpc getusername
refuse policy-samr 'NT_STATUS' rpc enumdomusers
R_USER=boss expect policy-samr-boss "user:\[" rpc enumdomusers
R_HOW='[sign]' R_USER=boss expect policy-samr-signed "user:\[" rpc enumdomusers
R_HOW='[seal]' R_USER=boss expect policy-samr-sealed "user:\[" rpc enumdomusers
R_HOW='[seal]' refuse policy-samr-sealed-no 'NT_STATUS' rpc enumdomusers
R_USER=boss refuse policy-address 'NT_STATUS' rpc netshareenumall
R_USER=boss refuse policy-hidden 'NT_STATUS' rpc wkssvc_wkstagetinfo
expect policy-why 'BIND.*pipes.lua:[0-9]+: interface samr is for boss' smb3ctl why
said policy-why-hidden 'BIND.*interface wkssvc is not one of interfaces'
expect policy-end-points 'lsarpc' rpc epmlookup
if grep -q 'wkssvc\|samr' "$T/said"; then fail policy-end-points-hidden "they are listed"; else ok policy-end-points-hidden; fi
relay python "$top/tests/live/rpc_policy_client.py" boss
check rpc_policy-server-clean server_clean
test_end
