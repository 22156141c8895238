#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_tools.sh: what administrators' tools say about the server: net rpc, rpcclient's rarer commands,
# impacket's netview. What a file server has not got is refused in so many words.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_tools
only_smb3d "its modules are smb3d's"
needs rpc_svcctl
share_new files comment='"the files"'
S_EXTRA="${S_EXTRA-} sam = { unix_user = \"$S_USER\"; password_length = 5; first_group = 0; };"
server_begin
boss_add


# ---- rpcclient ----
R_USER=boss
expect srvinfo 'FILES .*smb3d' rpc srvinfo
check time rpc netremotetod
check connections rpc 'netconnenum files'
check disks rpc netdiskenum
expect sessions 'Received [1-9][0-9]* entries' rpc netsessenum
expect open-files 'srvsvc' rpc netfileenum
expect share-path 'path:[[:space:]]*C:.*files' rpc 'netshareenum 502'
expect share-of-one 'remark:[[:space:]]*the files' rpc 'netsharegetinfo files 502'
check name-valid rpc 'netnamevalidate files 9'
expect domains 'name:\[FILES\]' rpc enumdomains
expect joined 'WORKGROUP \(2\)' rpc wkssvc_getjoininformation
R_USER=$S_USER
refuse connections-denied WERR_ACCESS_DENIED rpc 'netconnenum files'
refuse disks-denied WERR_ACCESS_DENIED rpc netdiskenum
refuse share-path-denied WERR_ACCESS_DENIED rpc 'netshareenum 502'
refuse no-netlogon NT_STATUS_OBJECT_NAME_NOT_FOUND rpc dsenumdomtrusts

# ---- net rpc, for everybody ----
expect info 'Domain SID: S-1-5-21-[0-9]+-[0-9]+-[0-9]+$' net_rpc info
said info-users 'Num users: [1-9]'
expect sid 'S-1-5-21-' net_rpc getsid
expect user-list '^boss$' net_rpc user
expect user-info '^None$' net_rpc user info "$S_USER"
expect group-list '^None$' net_rpc group list
said group-list-local '^root$'
expect group-list-of-local '^root$' net_rpc group list local
expect group-members "^FILES.$S_USER\$" net_rpc group members None
expect administrators '^FILES.boss$' net_rpc group members Administrators
expect rights 'SeTakeOwnershipPrivilege +Take ownership' net_rpc rights list
expect rights-accounts '^BUILTIN.Administrators$' net_rpc rights list accounts
expect rights-of 'SeTakeOwnershipPrivilege' net_rpc rights list Administrators
expect share-list '^files$' net_rpc share list
expect allowed-users '^files$' net_rpc share allowedusers
expect trusts '^none$' net_rpc trustdom list
expect registry-key 'Keyname *= Microsoft' net_rpc registry enumerate 'HKLM\SOFTWARE'
expect registry-value 'Value *= "smb3d' \
	net_rpc registry getvalue 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' ProductName
expect services 'LanmanServer +"Server"' net_rpc service list
expect service 'LanmanServer service is running' net_rpc service status LanmanServer

# ---- what only administrators may ask or do ----
refuse user-add-denied 'Access is denied' net_rpc user add dave secret-dave
refuse group-add-denied 'Access is denied' net_rpc group add newgroup
refuse service-stop-denied WERR_ACCESS_DENIED net_rpc service stop LanmanServer
refuse audit-denied NT_STATUS_ACCESS_DENIED net_rpc audit list
R_USER=boss
expect open-list 'boss +0x[0-9a-f]* +[0-9]+ +IPC\$.srvsvc' net_rpc file
check open-of-one net_rpc file user "$S_USER"
check user-add net_rpc user add dave secret-dave
expect user-added '^dave$' net_rpc user
check user-delete net_rpc user delete dave
refuse user-deleted 'No mapping' net_rpc user delete dave
expect audit 'Auditing:[[:space:]]*Disabled' net_rpc audit list

expect group-add 'Added group' net_rpc group add newgroup
check group-delete net_rpc group delete newgroup

# ---- what this server has not got: refused, not broken ----
refuse shutdown WERR_ACCESS_DENIED net_rpc shutdown
refuse service-stop WERR_ACCESS_DENIED net_rpc service stop LanmanServer
refuse rights-grant 'Failed to grant' net_rpc rights grant "$S_USER" SeDiskOperatorPrivilege
refuse printers NT_STATUS_OBJECT_NAME_NOT_FOUND net_rpc printer list
refuse not-joined 'is not valid' net_rpc testjoin
expect still-there 'FILES .*smb3d' rpc srvinfo

# ---- a file that somebody has open: seen, and closed, by an administrator ----
relay python "$top/tests/live/rpc_tools_client.py"

tools=/usr/share/doc/python3-impacket/examples
if [ -d "$tools" ] && [ "$S_PORT" = 445 ]; then
	expect netview "user $S_USER logged from host" client timeout 60 /usr/bin/python3 "$tools/netview.py" -target "$S_HOST" \
		-noloop "$S_USER:$S_PASSWORD"
else
	skip netview "impacket's examples are missing, or want another port"
fi
test_end
