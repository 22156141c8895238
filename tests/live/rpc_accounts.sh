#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_accounts.sh: accounts, groups and names by remote procedures: rpcclient, net, smbcacls, impacket.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_accounts
only_smb3d "its modules are smb3d's"
needs rpc_lsarpc
share_new files
S_LIMITER='delay = "60s"; ban_after = 0;'
S_EXTRA="${S_EXTRA-} sam = { unix_user = \"$S_USER\"; password_length = 5; first_group = 0; };"
server_begin
boss_add
uid=$(id -u "$S_USER" 2>/dev/null || id -u)
unix=$(id -un "$uid")

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

# Accounts and groups.
expect users "user:\[$S_USER\] rid:\[0x" rpc enumdomusers
said users-boss 'user:\[boss\] rid:\[0xf'
expect groups 'group:\[None\] rid:\[0x201\]' rpc enumdomgroups
expect aliases 'group:\[root\] rid:\[0x3e9\]' rpc 'enumalsgroups domain'
expect aliases-builtin 'group:\[Administrators\] rid:\[0x220\]' rpc 'enumalsgroups builtin'
expect user "User Name.*$S_USER" rpc "queryuser $S_USER"
said user-group 'group_rid[^0]*0x201'
expect user-rid "User Name.*$S_USER" rpc "queryuser $((1000 + 2 * uid))"
expect user-groups 'group rid:\[0x201\]' rpc "queryusergroups $((1000 + 2 * uid))"
expect user-aliases 'rid:\[0x221\]' rpc "queryuseraliases builtin $machine-$((1000 + 2 * uid))"
expect display "Account: $S_USER" rpc querydispinfo
expect display-2 "Account: $S_USER" rpc querydispinfo2
expect display-groups 'Account: None' rpc "querydispinfo 3"
expect domain-info 'Total Users' rpc querydominfo
expect domain-users 'min_password_length: 5' rpc getdompwinfo
expect user-rules 'min_password_length *: 0x0005' rpc "getusrdompwinfo $((1000 + 2 * uid))"
expect names-samr "name $S_USER: 0x[0-9a-f]* \(1\)" rpc "samlookupnames domain $S_USER"
expect rids-samr "$S_USER \(1\)" rpc "samlookuprids domain $((1000 + 2 * uid))"
expect domain-lookup "S-1-5-32" rpc 'lookupdomain Builtin'
expect group-info 'Ordinary users' rpc 'querygroup 513'
expect alias-members "$machine-4[0-9]*" rpc 'queryaliasmem builtin 544'
expect group-members "rid:\[0x" rpc 'querygroupmem 513'
expect samr-security 'S-1-5-32-544' rpc "samquerysecobj $((1000 + 2 * uid))"
refuse users-anonymous 'NT_STATUS_ACCESS_DENIED' nobody enumdomusers

# Made, given a password, changed, removed by an administrator; by nobody else.
refuse create-denied NT_STATUS_ACCESS_DENIED rpc 'createdomuser carol'
R_USER=boss
check create rpc 'createdomuser carol'
refuse create-twice NT_STATUS_USER_EXISTS rpc 'createdomuser CAROL'
refuse create-bad NT_STATUS_INVALID_ACCOUNT_NAME rpc 'createdomuser a:b'
for level in 23 24 25 26 31; do
	check "set-password-$level" rpc "setuserinfo2 carol $level secret-$level"
	R_USER=carol R_PASSWORD=secret-$level
	expect "log-on-$level" 'Account Name: carol' rpc getusername
	R_USER=boss R_PASSWORD=
done
refuse set-password-21 NT_STATUS_INVALID_PARAMETER rpc 'setuserinfo2 carol 21 secret-21'
refuse set-short NT_STATUS_PASSWORD_RESTRICTION rpc 'setuserinfo2 carol 24 abc'

# Whoever knows the old one changes it.
R_USER=$S_USER
refuse set-denied NT_STATUS_ACCESS_DENIED rpc 'setuserinfo2 carol 24 mine-now'
check change rpc 'chgpasswd2 carol secret-31 changed-2'
check change-3 rpc 'chgpasswd3 carol changed-2 changed-3'
check change-4 rpc 'chgpasswd4 carol changed-3 changed-4'
refuse change-short NT_STATUS_PASSWORD_RESTRICTION rpc 'chgpasswd3 carol changed-4 abc'

R_USER=carol R_PASSWORD=changed-4
expect changed 'Account Name: carol' rpc getusername
R_USER=$S_USER R_PASSWORD=
refuse delete-denied NT_STATUS_ACCESS_DENIED rpc 'deletedomuser carol'
R_USER=boss
check delete rpc 'deletedomuser carol'
refuse deleted NT_STATUS_NONE_MAPPED rpc 'samlookupnames domain carol'
R_USER=
check no-hash not grep -rqi "$(smb3ctl user export | sed -n "s/^.*$S_USER:[^:]*:\([0-9a-f]\{32\}\):.*/\1/p")" "$T/said"

# net and impacket.
expect net-users "^$S_USER\$" net_rpc user
R_USER=boss
check net-add net_rpc user add dave secret-dave
expect net-added '^dave$' net_rpc user
check net-password net_rpc user password dave other-dave
check net-delete net_rpc user delete dave
R_USER=

# tool NAME [ARG...]: a program of impacket.
tools=/usr/share/doc/python3-impacket/examples
tool() {
	client timeout 60 /usr/bin/python3 "$tools/$1" -port "$S_PORT" "$S_USER:$S_PASSWORD@$S_HOST" "${@:2}" \
		</dev/null 2>&1
}
if [ -d "$tools" ] && [ "$S_PORT" = 445 ]; then
	expect samrdump "Found user: $S_USER, uid = $((1000 + 2 * uid))" tool samrdump.py
	said samrdump-domains 'Builtin'
	said samrdump-group "$S_USER \($((1000 + 2 * uid))\)/PrimaryGroupId: 513"
	said samrdump-enabled "$S_USER .*/AccountIsDisabled: False"
	expect lookupsid "$((1000 + 2 * uid)): FILES.$S_USER \(SidTypeUser\)" tool lookupsid.py $((1001 + 2 * uid))
	said lookupsid-none '513: FILES.None \(SidTypeGroup\)'
	said lookupsid-alias '1001: FILES.root \(SidTypeAlias\)'
else
	skip accounts-tools "impacket's examples are missing, or want another port"
fi

# ACLs with names. smbcacls knows no other port.
acls() {
	client timeout 60 smbcacls --configfile="$T/client.conf" -U "${R_USER:-$S_USER}%$S_PASSWORD" \
		"//$S_HOST/files" "$@" </dev/null 2>&1
}
if [ "$S_PORT" = 445 ]; then
	smbc files 'mkdir folder' >/dev/null 2>&1
	expect acl-names "OWNER:Unix User.$unix" acls folder
	check acl-add acls folder -a 'ACL:BUILTIN\Users:ALLOWED/OI|CI/READ'
	expect acl-added 'ACL:BUILTIN.Users:ALLOWED' acls folder
	check acl-user acls folder -a "ACL:$S_USER:ALLOWED/OI|CI/CHANGE"
	expect acl-user-seen "ACL:[^:]*$S_USER:ALLOWED/OI.CI/CHANGE" acls folder
	# An account with another name than its Unix user's.
	if is_root; then
		check acl-mapped user_add mapped "$S_PASSWORD" unix="$S_USER2"
		smbc files 'mkdir given; mkdir taken' >/dev/null 2>&1
		refuse acl-give-no NT_STATUS_INVALID_OWNER acls given -C mapped
		expect acl-give-no-owner "^$S_USER\$" stat -c %U "$T/files/given"
		R_USER=boss check acl-give acls given -C mapped
		expect acl-given-owner "^$S_USER2\$" stat -c %U "$T/files/given"
		R_USER=mapped expect acl-given 'OWNER:[^:]*mapped' acls given
		R_USER=boss check acl-give-back acls given -C $S_USER
		expect acl-given-back "^$S_USER\$" stat -c %U "$T/files/given"
		check acl-may-take acls taken -a 'ACL:mapped:ALLOWED/OI|CI/FULL'
		R_USER=mapped check acl-take acls taken -C mapped
		expect acl-taken-owner "^$S_USER2\$" stat -c %U "$T/files/taken"
	fi
else
	skip acl-names "smbcacls knows no port but 445"
fi
# Wrong passwords count like failed log-ons: the next attempt is not even looked at, for a minute.
S_NEW="chgpasswd3 $S_USER $S_PASSWORD mine-now"
refuse change-hurried NT_STATUS_RETRY rpc "chgpasswd3 $S_USER wrong-two mine-now; $S_NEW"
expect change-wrong-logged "$S_USER did not prove to know the password of \"$S_USER\" on pipe samr" cat "$S_LOG"
test_end
