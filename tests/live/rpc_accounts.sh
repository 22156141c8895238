#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_accounts.sh: accounts, groups and names by remote procedures: rpcclient, net, smbcacls, impacket.
set -u
. "$(dirname "$0")/../lib/server.sh"

not() { ! "$@"; }

test_begin rpc_accounts
is_smb3d || { skip rpc_accounts "its modules are smb3d's"; exit 0; }
[ -e "$SMB3D_BUILD/modules.d/rpc_lsarpc.so" ] || { skip rpc_accounts "rpc_lsarpc is not built"; exit 0; }
share_new files
server_start || { fail rpc_accounts-start "no server"; exit 1; }
user_add boss "$S_PASSWORD" unix="$S_USER" admin || fail rpc_accounts-boss "no administrator"
uid=$(id -u "$S_USER" 2>/dev/null || id -u)
unix=$(id -un "$uid")

# rpc COMMAND [OPTION...]: rpcclient as the test's user.
rpc() {
	client timeout 60 rpcclient --configfile="$T/client.conf" -p "$S_PORT" \
		-U "${R_USER:-$S_USER}%${R_PASSWORD:-$S_PASSWORD}" "${@:2}" -c "$1" "ncacn_np:$S_HOST" </dev/null 2>&1
}
nobody() {
	client timeout 60 rpcclient --configfile="$T/client.conf" -p "$S_PORT" -U% -c "$1" \
		"ncacn_np:$S_HOST" </dev/null 2>&1
}

# What this machine is.
expect policy 'Domain Name: WORKGROUP' rpc lsaquery
expect dssetup 'Machine Role = \[2\]' rpc dsroledominfo
expect getusername "Account Name: $S_USER, Authority Name" rpc getusername
machine=$(rpc 'lsaquery 5' | sed -n 's/.*\(S-1-5-21-[-0-9]*\).*/\1/p')
check machine-sid test -n "$machine"

# Names of SIDs, and back.
expect well-known 'S-1-5-32-544 BUILTIN.*Administrators \(4\)' rpc 'lookupsids S-1-5-32-544'
expect everyone 'S-1-1-0 .*Everyone \(5\)' rpc 'lookupsids S-1-1-0'
expect system 'S-1-5-18 NT AUTHORITY.SYSTEM \(5\)' rpc 'lookupsids S-1-5-18'
expect unix-user "S-1-22-1-$uid Unix User.$unix \(1\)" rpc "lookupsids S-1-22-1-$uid"
expect unix-group 'S-1-22-2-0 Unix Group.root \(4\)' rpc 'lookupsids S-1-22-2-0'
expect machine-user "$S_USER $machine-$((1000 + 2 * uid)) \(User: 1\)" rpc "lookupnames $S_USER"
said machine-user-not-boss "$S_USER"
expect names-builtin 'BUILTIN.Users S-1-5-32-545 \(Local Group: 4\)' rpc 'lookupnames BUILTIN\\Users'
expect names-everyone 'Everyone S-1-1-0' rpc 'lookupnames Everyone'
refuse names-missing NT_STATUS_NONE_MAPPED rpc 'lookupnames nobody-has-that-name'
expect names-level 'Administrators S-1-5-32-544' rpc 'lookupnames_level 1 Administrators'
expect some-unmapped '\*unknown\*' rpc "lookupsids S-1-5-32-544 $machine-4294967000"

# Privileges and rights.
expect privileges 'SeTakeOwnershipPrivilege' rpc enumprivs
expect privilege-name 'Take ownership' rpc 'getdispname SeTakeOwnershipPrivilege'
expect rights-accounts 'S-1-5-32-544' rpc lsaenumsid
expect rights-of 'SeTakeOwnershipPrivilege' rpc 'lsaenumacctrights S-1-5-32-544'
expect privilege-value '0:9 \(0x0:0x9\)' rpc 'lsalookupprivvalue SeTakeOwnershipPrivilege'
expect security 'S-1-5-32-544' rpc lsaquerysecobj
check trusts rpc enumtrust

# Nobody is told nothing.
refuse anonymous-names NT_STATUS_ACCESS_DENIED nobody 'lookupnames root'
refuse anonymous-sids NT_STATUS_ACCESS_DENIED nobody "lookupsids S-1-22-1-$uid"

# ACLs with names. smbcacls knows no other port.
acls() {
	client timeout 60 smbcacls --configfile="$T/client.conf" -U "$S_USER%$S_PASSWORD" \
		"//$S_HOST/files" "$@" </dev/null 2>&1
}
if [ "$S_PORT" = 445 ]; then
	smbc files 'mkdir folder' >/dev/null 2>&1
	expect acl-names "OWNER:Unix User.$unix" acls folder
	check acl-add acls folder -a 'ACL:BUILTIN\Users:ALLOWED/OI|CI/READ'
	expect acl-added 'ACL:BUILTIN.Users:ALLOWED' acls folder
	check acl-user acls folder -a "ACL:$S_USER:ALLOWED/OI|CI/CHANGE"
	expect acl-user-seen "ACL:[^:]*$S_USER:ALLOWED/OI.CI/CHANGE" acls folder
else
	skip acl-names "smbcacls knows no port but 445"
fi
test_end
