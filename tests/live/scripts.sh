#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts.sh: the scripts that smb3d ships, with smbclient; a share for each, by the vars that its first
# lines tell.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin scripts
only_smb3d "about our own scripts"
needs lua
group=$(id -gn "$S_USER")
hour=$(date +%-H)

# has NAME VAR...: a share with these vars.
has() {
	local name=$1 vars
	shift
	vars=$(quoted_list "$@")
	share_new "$name" "lua={ vars = [ $vars ]; }"
}
not_there() { ! smb3ctl share-opens told | grep -q plan.txt; }

has closed "office_hours=$(((hour + 2) % 23))-$(((hour + 2) % 23 + 1))"
has veto 'veto_types=exe,scr'
has worm 'worm_days=7'
has wire 'tripwire=3' 'tripwire_seconds=600'
has slow 'bandwidth=100K'
has box 'drop_box=yes'
has told 'audit=yes'
has pot 'honeypot=passwords.xlsx'
has strangers 'allow_clients=192.0.2.0/24'
has members "deny_groups=$group"
mkdir -p "$T/homes/$S_USER"
share_add template "$T/homes"
! is_root || chown "$S_USER:" "$T/homes/$S_USER"
mkdir "$T/dry"
S_REACH+=("$T/homes" "$T/dry")
S_EXTRA="lua = { folders = [ \"$top/scripts/lua\" ]; roots = [ \"$T/homes\" ];
	vars = [ \"homes_from=template\", \"homes_path=$T/homes\" ];
	scripts = [ $(quoted_list office-hours veto-types worm tripwire bandwidth drop-box audit-json honeypot \
		clients homes commands) ]; };"
echo text >"$T/worm/old"
touch -d '8 days ago' "$T/worm/old"
echo text >"$T/worm/young"
echo text >"$T/box/there"
echo text >"$T/pot/passwords.xlsx"
! is_root || chown "$S_USER:" "$T"/{worm,box,pot}/*
head -c 300000 /dev/zero >"$T/work/zeros"
server_begin

# ---- the dry run knows every point ----
points=$(sed -n 's/^\t\[\(SMB3_HOOK\|POINT\)_[A-Z_]*\] = "\([a-z_]*\)",$/\2/p' "$top/modules/lua/event.c")
dry_runs() {
	local point answer
	[ "$(wc -w <<<"$points")" -ge 31 ] || return 1
	for point in $points; do
		printf 'smb3.on("%s", function(e) if e.share == "x" then return false, "not by %s" end end)\n' \
			"$point" "$point" >"$T/dry/dry.lua"
		answer=$(smb3ctl lua test "$T/dry/dry.lua" --event "$point" share=x)
		grep -Eq "dry.lua:1 +(deny|ignored) +dry.lua:1: not by $point" <<<"$answer" || {
			echo "$point: $answer"
			return 1
		}
	done
}
check scripts-dry-run-of-every-point dry_runs
printf 'smb3.on("closing", function(e) return false, "too late" end)\n' >"$T/dry/dry.lua"
expect scripts-dry-run-of-what-has-happened 'ignored.*too late' smb3ctl lua test "$T/dry/dry.lua" --event closing

put='put /etc/hostname'
expect office-hours-denies ACCESS_DENIED smbc closed "$put new"
check office-hours-lists smbc closed ls
expect veto-types-denies ACCESS_DENIED smbc veto "$put new.exe"
check veto-types-takes smbc veto "$put new.txt"
expect veto-types-renamed ACCESS_DENIED smbc veto 'rename new.txt new.scr'
expect worm-keeps ACCESS_DENIED smbc worm "$put old"
expect worm-keeps-from-rename 'ACCESS_DENIED|OBJECT_NAME_COLLISION' smbc worm 'rename young old -f'
expect worm-keeps-from-delete ACCESS_DENIED smbc worm 'rm old'
check worm-still-there grep -q text "$T/worm/old"
check worm-takes smbc worm "$put young"
check drop-box-takes smbc box "$put new"
expect drop-box-shows-nothing ACCESS_DENIED smbc box 'get there -'
expect drop-box-lists-nothing ACCESS_DENIED smbc box ls
check homes-own smbc "$S_USER" "$put mine"
check homes-is-there test -s "$T/homes/$S_USER/mine"
expect homes-of-others BAD_NETWORK_NAME smbc "$S_USER2" ls
expect clients-by-address ACCESS_DENIED smbc strangers ls
expect clients-by-group ACCESS_DENIED smbc members ls
began=$(date +%s%N)
check bandwidth-takes smbc slow 'put zeros zeros'
check bandwidth-is-bound test $((($(date +%s%N) - began) / 1000000)) -ge 1500 # 100 KB at once, 200 in 2 s
check audit-json-open smbc told "$put a"
check audit-json-line grep -q '"event":"opened","user":"'"$S_USER"'".*"path":"a"' "$S_LOG"

# Ransomware: files get other extensions.
for i in 1 2 3 4 5; do echo text >"$T/wire/$i.doc"; done
! is_root || chown "$S_USER:" "$T"/wire/*
for i in 1 2 3; do check "tripwire-rename-$i" smbc wire "rename $i.doc $i.locked"; done
smbc wire 'rename 4.doc 4.locked' >/dev/null 2>&1
check tripwire-log until_true 20 grep -q 'share wire is read-only: user' "$S_LOG"
expect tripwire-read-only ACCESS_DENIED smbc wire "$put new"
check tripwire-lets-read smbc wire 'get 5.doc -'
check tripwire-thaw smb3ctl thaw wire
check tripwire-thawed smbc wire "$put new"

# Commands; then who opens what nobody opens is out.
check commands-motd smb3ctl motd be kind
expect commands-motd-shown 'be kind' smb3ctl motd
talk_begin python "$top/tests/live/lua_client.py" told
check commands-client talk write done
expect commands-top-users "$S_USER +1 +1 +$S_HOST" smb3ctl top-users
expect commands-who-has "$S_USER +told +plan.txt" smb3ctl who-has plan.txt
expect commands-share-opens "plan.txt +$S_USER" smb3ctl share-opens told
refuse commands-kick-nobody 'nobody is logged on' smb3ctl kick nobody-at-all
check commands-kick smb3ctl kick "$S_USER"
check commands-kicked until_true 20 not_there
check honeypot-others smbc pot "$put other"
smbc pot 'get passwords.xlsx -' >/dev/null 2>&1
check honeypot-log until_true 20 grep -q 'honeypot: user' "$S_LOG"
expect honeypot-out 'ACCESS_DENIED|LOGON_FAILURE' smbc pot ls
expect honeypot-why 'has opened a file that nobody opens' smb3ctl why
check scripts-stop server_stop
test_end
