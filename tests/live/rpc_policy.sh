#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_policy.sh: scripts decide who may use which interface of a pipe: whoever has opened it, or logged on
# inside of it; hidden ones are in no list; it is told why.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_policy
is_smb3d || { skip rpc_policy "its scripts are smb3d's"; exit 0; }
for module in rpc_lsarpc rpc_samr lua; do
	[ -e "$SMB3D_BUILD/modules.d/$module.so" ] || { skip rpc_policy "$module is not built"; exit 0; }
done
share_new files
S_EXTRA="lua = { folders = [ \"$top/scripts/lua\" ]; scripts = [ \"pipes\" ];
	vars = [ \"interfaces=lsarpc,samr,srvsvc,mgmt,epmapper\", \"interface_samr=boss\", \"interface_srvsvc=192.0.2.1\" ]; };"
S_REACH+=("$top/scripts/lua")
server_start || { fail rpc_policy-start "no server"; exit 1; }
user_add boss "$S_PASSWORD" unix="$S_USER" admin || fail rpc_policy-boss "no administrator"

# rpc COMMAND: rpcclient as $R_USER.
rpc() {
	client timeout 60 rpcclient --configfile="$T/client.conf" -p "$S_PORT" \
		-U "${R_USER:-$S_USER}%$S_PASSWORD" -c "$1" "ncacn_np:$S_HOST$R_HOW" </dev/null 2>&1
}
R_HOW=
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
