#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shares.sh: the options of shares: who may connect, from where, how many, as whom, what new
# files look like, what is not seen, and folders that differ from user to user.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin shares
only_smb3d "the options are those of smb3d"
is_root || { skip shares "several users need root"; exit 0; }
needs access vfs_veto

# as USER SHARE COMMANDS [OPTION...]
as() { smbc_as "$1%$S_PASSWORD" "${@:2}"; }
# why PATTERN: the last denial's reason
why() { smb3ctl why | tail -n 1 | grep -E -- "$1"; }
# without NAME PATTERN COMMAND...: ok when the command succeeds and its output does not match.
without() {
	local name=$1 pattern=$2
	shift 2
	if ! "$@" >"$T/said" 2>&1; then
		fail "$name" "$(last_line)"
	elif grep -Eq -- "$pattern" "$T/said"; then
		fail "$name" "there is $(grep -Em 1 -- "$pattern" "$T/said")"
	else
		ok "$name"
	fi
}
# smb3ctl_during SHARE USER COMMAND...: what smb3ctl says while that user is connected
smb3ctl_during() {
	python "$top/tests/live/shares_client.py" "$1" "$2:$S_PASSWORD" \
		"$SMB3D_BUILD/smb3ctl" -c "$S_CONF" "${@:3}"
}
derived_gone() { ! smb3ctl share list | grep -q "each/$S_USER"; }
mode_of() { stat -c %a "$1"; }

group=$(id -gn "$S_USER")
group2=$(id -gn "$S_USER2")
open_folder() { mkdir -p "$T/$1" && chmod 1777 "$T/$1"; }
share() {
	open_folder "$1"
	share_add "$1" "$T/$1" "${@:2}"
	chmod 1777 "$T/$1"
}
share plain
share one access="{ valid_users = [ \"$S_USER\" ]; }"
share grouped access="{ valid_users = [ \"@$group\" ]; }"
share grouped2 access="{ valid_users = [ \"+$group2\", \"root\" ]; }"
share barred access="{ invalid_users = [ \"@$group2\" ]; valid_users = [ \"$S_USER\", \"$S_USER2\" ]; }"
share readers access="{ read_list = [ \"$S_USER2\" ]; }"
share writers read_only=true access="{ write_list = [ \"@$group\" ]; read_list = [ \"$S_USER\" ]; }"
share admins access="{ admin_users = [ \"$S_USER2\" ]; }"
share here access='{ hosts_allow = [ "127." ]; }'
share mapped access='{ hosts_allow = [ "::ffff:127.0.0.0/104" ]; }'
share elsewhere access='{ hosts_allow = [ "10.0.0.0/8", "2001:db8::/32" ]; }'
share shut access='{ hosts_deny = [ "all", "except", "10.0.0.1" ]; }'
share except access='{ hosts_allow = [ "127.0.0.0/8", "except", "127.0.0.1" ]; }'
share local access='{ hosts_allow = [ "local" ]; hosts_deny = [ "all" ]; }'
share gone access='{ available = false; }'
share two access='{ max_connections = 2; }'
share forced access="{ force_user = \"$S_USER2\"; }"
share together file='{ create_mask = "0660"; directory_mask = "0770"; }' access="{ force_group = \"$group2\"; }"
share members access="{ force_group = \"+$group2\"; }"
share masks file='{ create_mask = "0640"; directory_mask = "0710"; }'
share modes file='{ create_mask = "0600"; force_create_mode = "0044"; directory_mask = "0700"; force_directory_mode = "0055"; }'
share inherits file='{ inherit_permissions = true; }'
share labelled info='{ volume_label = "Archive 7"; volume_serial = 305419896; fs_type = "FAT32"; }'
share vetoing vfs_veto='{ veto_files = [ "*.exe", ".secret" ]; hide_files = [ "*.bak" ]; }'
share sweeping vfs_veto='{ veto_files = [ "*.tmp" ]; delete_veto_files = true; }'
share enumerated vfs_veto='{ hide_unreadable = true; }'
share writable vfs_veto='{ hide_unwriteable = true; hide_special_files = true; }'
share seen vfs_veto='{ hide_dot_files = false; }'
for user in "$S_USER" "$S_USER2"; do mkdir -p "$T/each/$user" && chown "$user:" "$T/each/$user"; done
share_add each "$T/each/%U"
mkdir -p "$T/each/by/$group/plain-$S_USER"
share_add by "$T/each/by/%G/plain-%u"
mkdir -p "$T/each/from/127.0.0.1"
share_add from "$T/each/from/%M"
share_add homes "$T/each/%U" browseable=false
share_add anything "%H"
server_begin
echo content >"$T/work/local"

### who
check shares-valid-user as "$S_USER" one ls
refuse shares-valid-user-other STATUS_ACCESS_DENIED as "$S_USER2" one ls
expect shares-valid-user-why "valid_users does not have $S_USER2" why .
check shares-valid-group as "$S_USER" grouped ls
refuse shares-valid-group-other STATUS_ACCESS_DENIED as "$S_USER2" grouped ls
check shares-valid-group-plus as "$S_USER2" grouped2 ls
check shares-invalid-not as "$S_USER" barred ls
refuse shares-invalid-group STATUS_ACCESS_DENIED as "$S_USER2" barred ls
expect shares-invalid-why "invalid_users has .*@$group2" why .
check shares-read-list-writer as "$S_USER" readers 'put local a'
refuse shares-read-list-reader STATUS_ACCESS_DENIED as "$S_USER2" readers 'put local b'
check shares-read-list-reads as "$S_USER2" readers 'get a back'
check shares-write-list as "$S_USER" writers 'put local a; mkdir d'
refuse shares-write-list-other STATUS_ACCESS_DENIED as "$S_USER2" writers 'put local b'

### as whom
chmod 700 "$T/admins" && chown root: "$T/admins"
refuse shares-admin-not STATUS_ACCESS_DENIED as "$S_USER" admins 'put local a'
check shares-admin as "$S_USER2" admins 'put local b'
check shares-admin-owner test "$(stat -c %U "$T/admins/b")" = root
check shares-force-user as "$S_USER" forced 'put local a; mkdir d'
check shares-force-user-owner test "$(stat -c %U:%G "$T/forced/a" "$T/forced/d" | sort -u)" = "$S_USER2:$group2"
check shares-force-group as "$S_USER" together 'put local a; mkdir d'
check shares-force-group-group test "$(stat -c %U:%G "$T/together/a" "$T/together/d" | sort -u)" = "$S_USER:$group2"
check shares-force-group-shared as "$S_USER2" together 'put local a; get a back'
check shares-force-group-for-members as "$S_USER" members 'put local a'
check shares-force-group-no-member test "$(stat -c %G "$T/members/a")" = "$group"
check shares-force-group-member as "$S_USER2" members 'put local b'
check shares-force-group-member-group test "$(stat -c %G "$T/members/b")" = "$group2"
expect shares-force-user-listed "$S_USER .*forced" smb3ctl_during forced "$S_USER" trees

### from where, and whether at all
check shares-hosts-prefix as "$S_USER" here ls
check shares-hosts-mapped as "$S_USER" mapped ls
check shares-hosts-local as "$S_USER" local ls
for name in elsewhere shut except; do
	refuse "shares-hosts-$name" STATUS_ACCESS_DENIED as "$S_USER" $name ls
done
expect shares-hosts-why 'hosts_allow does not have' why .
refuse shares-not-available STATUS_BAD_NETWORK_NAME as "$S_USER" gone ls
expect shares-not-available-why 'share gone: available is false' why .

### what new files look like
check shares-masks as "$S_USER" masks 'put local a; mkdir d'
check shares-masks-modes test "$(mode_of "$T/masks/a") $(mode_of "$T/masks/d")" = '640 710'
check shares-force-modes as "$S_USER" modes 'put local a; mkdir d'
check shares-force-modes-modes test "$(mode_of "$T/modes/a") $(mode_of "$T/modes/d")" = '644 755'
mkdir "$T/inherits/in" && chown "$S_USER:" "$T/inherits/in" && chmod 2751 "$T/inherits/in"
check shares-inherit as "$S_USER" inherits 'cd in; put local a; mkdir d'
check shares-inherit-modes test "$(mode_of "$T/inherits/in/a") $(mode_of "$T/inherits/in/d")" = '640 2751'
if command -v setfacl >/dev/null && setfacl -d -m "u::rwx,g::r-x,o::---,u:$S_USER2:rwx" "$T/modes" 2>"$T/said"; then
	check shares-default-acl as "$S_USER" modes 'put local b'
	# The mask of the ACL is what the mode grants the group; the ACL itself is inherited.
	check shares-default-acl-mode test "$(mode_of "$T/modes/b")" = 640
	expect shares-default-acl-user "^user:$S_USER2:rwx" getfacl -c "$T/modes/b"
else
	skip shares-default-acl "no setfacl, or a file system without ACLs"
fi
expect shares-volume-label 'Volume: \|Archive 7\| serial number 0x12345678' as "$S_USER" labelled volume

### what is not seen
: >"$T/vetoing/run.EXE"
: >"$T/vetoing/old.bak"
: >"$T/vetoing/.dot"
mkdir -p "$T/vetoing/.secret" "$T/vetoing/full"
: >"$T/vetoing/.secret/inside"
: >"$T/vetoing/full/setup.exe"
chown -R "$S_USER:" "$T/vetoing/full"
expect shares-veto-listed '^  old\.bak  *AH' as "$S_USER" vetoing ls
said shares-hide-dot '^  \.dot  *AH'
without shares-veto-not-listed 'EXE|secret' as "$S_USER" vetoing ls
refuse shares-veto-open STATUS_OBJECT_NAME_NOT_FOUND as "$S_USER" vetoing 'get run.exe'
refuse shares-veto-search STATUS_NO_SUCH_FILE as "$S_USER" vetoing 'ls run.exe'
refuse shares-veto-below STATUS_OBJECT_PATH_NOT_FOUND as "$S_USER" vetoing 'get .secret/inside'
refuse shares-veto-put STATUS_ACCESS_DENIED as "$S_USER" vetoing 'put local new.exe'
refuse shares-veto-mkdir STATUS_ACCESS_DENIED as "$S_USER" vetoing 'mkdir d.exe'
check shares-veto-put-other as "$S_USER" vetoing 'put local a'
refuse shares-veto-rename STATUS_ACCESS_DENIED as "$S_USER" vetoing 'rename a a.exe'
refuse shares-veto-rmdir STATUS_DIRECTORY_NOT_EMPTY as "$S_USER" vetoing 'rmdir full'
check shares-veto-rmdir-kept test -e "$T/vetoing/full/setup.exe"
mkdir "$T/sweeping/full" && : >"$T/sweeping/full/x.tmp" && chown -R "$S_USER:" "$T/sweeping/full"
check shares-veto-sweep as "$S_USER" sweeping 'rmdir full'
check shares-veto-swept test ! -e "$T/sweeping/full"
check shares-dot-overwrite as "$S_USER" vetoing 'put local .dot2; put local .dot2'
: >"$T/seen/.dot"
expect shares-dot-seen '^  \.dot  *A ' as "$S_USER" seen ls

: >"$T/enumerated/theirs"
: >"$T/enumerated/everybodys"
mkdir "$T/enumerated/closed" "$T/enumerated/open"
chmod 600 "$T/enumerated/theirs" && chmod 700 "$T/enumerated/closed"
if command -v setfacl >/dev/null && : >"$T/enumerated/by-acl" && chmod 600 "$T/enumerated/by-acl" &&
	setfacl -m "u:$S_USER:r" "$T/enumerated/by-acl" 2>"$T/said"; then
	expect shares-unreadable-acl 'by-acl' as "$S_USER" enumerated ls
	without shares-unreadable-acl-hidden 'by-acl' as "$S_USER2" enumerated ls
fi
expect shares-unreadable-listed 'everybodys' as "$S_USER" enumerated ls
said shares-unreadable-open-folder '^  open '
without shares-unreadable-file '^  theirs ' as "$S_USER" enumerated ls
without shares-unreadable-folder '^  closed ' as "$S_USER" enumerated ls
refuse shares-unreadable-search STATUS_NO_SUCH_FILE as "$S_USER" enumerated 'ls theirs'
refuse shares-unreadable-open STATUS_ACCESS_DENIED as "$S_USER" enumerated 'get theirs'
: >"$T/writable/theirs"
mkfifo "$T/writable/fifo" && chmod 666 "$T/writable/fifo"
check shares-unwriteable-put as "$S_USER" writable 'put local mine'
expect shares-unwriteable-listed '^  mine ' as "$S_USER" writable ls
without shares-unwriteable-file 'theirs|fifo' as "$S_USER" writable ls

### folders that differ from user to user
for user in "$S_USER" "$S_USER2"; do
	check "shares-user-path-$user" as "$user" each "put local own-$user"
	check "shares-user-path-$user-on-disk" test -e "$T/each/$user/own-$user"
	expect "shares-home-$user" "own-$user" as "$user" "$user" ls
	expect "shares-home-$user-upper" "own-$user" as "$user" "${user^^}" ls
done
refuse shares-home-of-another STATUS_BAD_NETWORK_NAME as "$S_USER" "$S_USER2" ls
expect shares-homes-itself "own-$S_USER" as "$S_USER" homes ls
check shares-group-path as "$S_USER" by ls
refuse shares-group-path-other STATUS_BAD_NETWORK_NAME as "$S_USER2" by ls
check shares-address-path as "$S_USER" from ls
expect shares-derived-listed "$S_USER .*each/$S_USER" smb3ctl_during "$S_USER" "$S_USER" share list
until_true 20 derived_gone
expect shares-derived-template '^each .*each/%U' smb3ctl share list
without shares-derived-forgotten "each/$S_USER" smb3ctl share list

### how many: counted exactly, and given back
relay python "$top/tests/live/shares_client.py" two "$S_USER2:$S_PASSWORD"
check shares-two-free-again as "$S_USER" two ls

### changes: those who connect afterwards
S_SHARES=("${S_SHARES[@]/valid_users = \[ \"$S_USER\" \]/valid_users = [ \"$S_USER2\" ]}")
peer_configure
check shares-reload smb3ctl reload
refuse shares-reload-out STATUS_ACCESS_DENIED as "$S_USER" one ls
check shares-reload-in as "$S_USER2" one ls

### what is wrong is told with file and line, and changes nothing
wrong() {
	local name=$1 pattern=$2
	sed "s|^\t{ name = \"plain\";|&\n$3|" "$S_CONF" >"$T/wrong.conf"
	refuse "shares-wrong-$name" "wrong\.conf:[0-9]+: $pattern" smb3d -t -c "$T/wrong.conf"
}
wrong user 'valid_users in .*: there is no Unix user "nosuchuser"' 'access = { valid_users = [ "nosuchuser" ]; };'
wrong group 'invalid_users in .*: there is no Unix group "nosuchgroup"' 'access = { invalid_users = [ "@nosuchgroup" ]; };'
wrong force-user 'force_user in .*: there is no Unix user' 'access = { force_user = "nosuchuser"; };'
wrong force-group 'force_group in .*: there is no Unix group' 'access = { force_group = "+nosuchgroup"; };'
wrong host 'hosts_allow in .*names are not looked up' 'access = { hosts_allow = [ "localhost" ]; };'
wrong max 'max_connections in .* must be' 'access = { max_connections = -1; };'
wrong mode 'force_create_mode in .* must be an octal mode' 'file = { force_create_mode = "rwx"; };'
wrong veto 'veto_files in .*no pattern' 'vfs_veto = { veto_files = [ "/a/b/" ]; };'
wrong links 'wide_links in .*needs follow_symlinks' 'vfs_posix = { wide_links = true; follow_symlinks = false; };'
wrong label 'volume_label in .*longer' "info = { volume_label = \"$(printf 'x%.0s' {1..40})\"; };"
wrong unknown 'unknown key' 'access = { valid_user = [ "root" ]; };'
sed "s|path = \"$T/plain\"|path = \"$T/%Z\"|" "$S_CONF" >"$T/wrong.conf"
refuse shares-wrong-letter 'wrong\.conf:[0-9]+: path in share plain: "%Z" stands for nothing' smb3d -t -c "$T/wrong.conf"
sed "s|path = \"$T/plain\"|path = \"$T/%H\"|" "$S_CONF" >"$T/wrong.conf"
refuse shares-wrong-home 'wrong\.conf:[0-9]+: path in share plain: "%H" stands for nothing' smb3d -t -c "$T/wrong.conf"

### the whole server shut to an address
check shares-first-server-ends server_clean
S_EXTRA='access = { hosts_deny = [ "127.0.0.1" ]; };'
server_begin second-start
refuse shares-hosts-global 'NT_STATUS_(CONNECTION_(DISCONNECTED|RESET)|END_OF_FILE|INVALID_NETWORK_RESPONSE)|Protocol negotiation' as "$S_USER" plain ls
test_end
