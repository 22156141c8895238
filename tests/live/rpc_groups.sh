#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_groups.sh: groups that the server keeps itself: made by net, rpcclient and smb3ctl; their members are
# let in by ACLs, rules of shares and scripts, and nobody else.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_groups
only_smb3d "its modules are smb3d's"
needs rpc_samr
share_new files
share_new team 'access={ valid_users = [ "@@devs" ]; }'
share_new scripted
mkdir -p "$T/scripts"
cat >"$T/scripts/members.lua" <<-'END'
	smb3.on("tree_connect", function(e)
		if e.share == "scripted" and not e.groups.devs then return false, "for devs" end
	end)
END
chmod 755 "$T" "$T/scripts" && chmod 644 "$T/scripts/members.lua"
S_EXTRA="${S_EXTRA-} sam = { unix_user = \"$S_USER\"; };
	lua = { folders = [ \"$T/scripts\" ]; scripts = [ \"members\" ]; };"
S_REACH+=("$T/scripts")
server_begin
expect groups-not-made-yet 'share team: valid_users: no account store has the group of "@@devs"' cat "$S_LOG"
boss_add
for name in mia nat; do user_add $name "$S_PASSWORD" unix="$S_USER2"; done
R_USER=boss

# as USER SHARE COMMANDS: smbclient.
as() { smbc_as "$1%$S_PASSWORD" "${@:2}"; }

# ---- made and changed by administrators, and by nobody else ----
check add net_rpc group add devs
refuse add-twice 'already exists' net_rpc group add DEVS
expect list '^devs$' net_rpc group list
check addmem net_rpc group addmem devs mia
expect members 'FILES.mia$' net_rpc group members devs
R_USER=nat
refuse add-denied 'Access is denied' net_rpc group add mine
refuse addmem-denied NT_STATUS_ACCESS_DENIED net_rpc group addmem devs nat
refuse delete-denied NT_STATUS_ACCESS_DENIED rpc 'deletedomgroup devs'
refuse create-denied NT_STATUS_ACCESS_DENIED rpc 'createdomgroup mine'
refuse alias-denied NT_STATUS_ACCESS_DENIED rpc 'createdomalias mine'
expect denied-members 'FILES.mia$' net_rpc group members devs
R_USER=boss
expect user-info '^devs$' net_rpc user info mia

# No group is called like what has a meaning, or somebody.
refuse named-admins NT_STATUS_INVALID_ACCOUNT_NAME rpc 'createdomgroup Administrators'
refuse named-everyone NT_STATUS_INVALID_ACCOUNT_NAME rpc 'createdomalias Everyone'
refuse named-server NT_STATUS_INVALID_ACCOUNT_NAME rpc 'createdomgroup FILES'
refuse named-user NT_STATUS_USER_EXISTS rpc 'createdomgroup mia'
refuse named-unix NT_STATUS_ALIAS_EXISTS rpc 'createdomalias root'
refuse user-named-group NT_STATUS_USER_EXISTS rpc 'createdomuser devs'

# ---- told of ----
expect lookup-name 'devs S-1-5-21-[-0-9]*-4009754624 \(Domain Group: 2\)' rpc 'lookupnames devs'
sid=$(grep -o 'S-1-5-21-[-0-9]*' "$T/said" | head -n 1)
expect lookup-sid "$sid FILES.devs \(2\)" rpc "lookupsids $sid"
expect enum 'group:\[devs\] rid:\[0xef000000\]' rpc enumdomgroups
expect query 'Group Name:.*devs' rpc 'querygroup 0xef000000'
said query-members 'Num Members:.*1'
expect querymem 'rid:\[0x[0-9a-f]*\] attr:\[0x7\]' rpc 'querygroupmem 0xef000000'
expect display 'Account: devs' rpc 'querydispinfo 3'
expect names-samr 'name devs: 0xef000000 \(2\)' rpc 'samlookupnames domain devs'
rid=$(rpc 'samlookupnames domain mia' | sed -n 's/^name mia: \(0x[0-9a-f]*\).*/\1/p')
expect usergroups 'group rid:\[0xef000000\]' rpc "queryusergroups $rid"
expect ctl-list "^devs +global +1 +$sid" smb3ctl group list
expect ctl-user '^mia .* devs$' smb3ctl user show mia

# Aliases: to clients local groups.
check alias-add net_rpc group add -L locals
check alias-member net_rpc group addmem locals mia
expect alias-members 'FILES.mia' net_rpc group members locals
expect alias-list 'group:\[locals\] rid:\[0xef000001\]' rpc 'enumalsgroups domain'
expect alias-lookup 'locals .*\(4\)' rpc 'samlookuprids domain 0xef000001'
machine=${sid%-*}
expect alias-of 'rid:\[0xef000001\]' rpc "queryuseraliases domain $machine-$((rid))"
check alias-leave net_rpc group delmem locals mia
refuse alias-leave-again NT_STATUS_MEMBER_NOT_IN_ALIAS net_rpc group delmem locals mia
check alias-delete rpc "deletealias domain $((0xef000001))"
refuse alias-gone NT_STATUS_NONE_MAPPED rpc 'samlookupnames domain locals'
check alias-again rpc 'createdomalias locals'
expect alias-new-number 'group:\[locals\] rid:\[0xef000002\]' rpc 'enumalsgroups domain'

# ---- what members may ----
echo secret >"$T/files/secret"
chmod 600 "$T/files/secret"
! is_root || chown "$S_USER:" "$T/files/secret"
if [ "$S_PORT" = 445 ] && command -v smbcacls >/dev/null; then
	acls() {
		client timeout 60 smbcacls --configfile="$T/client.conf" -U "$S_USER%$S_PASSWORD" \
			"//$S_HOST/files" "$@" </dev/null 2>&1
	}
	check acl-set acls secret -S 'REVISION:1,ACL:devs:ALLOWED/0x0/READ'
	expect acl-named 'ACL:FILES.devs:ALLOWED/0x0/READ' acls secret
	check acl-member as mia files 'get secret'
	refuse acl-others NT_STATUS_ACCESS_DENIED as nat files 'get secret'
	refuse acl-read-only NT_STATUS_ACCESS_DENIED as mia files 'put secret'
else
	skip groups-acl "smbcacls is missing, or port 445, the only one that it knows"
fi
check share-member as mia team ls
refuse share-others NT_STATUS_ACCESS_DENIED as nat team ls
check script-member as mia scripted ls
refuse script-others NT_STATUS_ACCESS_DENIED as nat scripted ls

# ---- from the next log-on on ----
check delmem net_rpc group delmem devs mia
refuse left-share NT_STATUS_ACCESS_DENIED as mia team ls
[ ! -e "$T/files/secret" ] || [ "$S_PORT" != 445 ] ||
	refuse left-acl NT_STATUS_ACCESS_DENIED as mia files 'get secret'
refuse left-script NT_STATUS_ACCESS_DENIED as mia scripted ls
check ctl-join smb3ctl group join devs nat
check joined-share as nat team ls
refuse delete-full NT_STATUS_MEMBER_IN_GROUP rpc 'deletedomgroup devs'
check delete net_rpc group delete devs
refuse deleted NT_STATUS_NONE_MAPPED rpc 'lookupnames devs'
refuse deleted-share NT_STATUS_ACCESS_DENIED as nat team ls
check made-again smb3ctl group add devs
expect made-again-number '[-]4009754627 ' smb3ctl group list
test_end
