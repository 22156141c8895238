#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# policy.sh: does what README says about a first policy, word by word, while a client is connected and
# has a file open for writing. Only names of the machine are others: folders, and the group.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin policy
only_smb3d "about our own program"
needs lua
etc=$T/etc
group=$(id -gn "$S_USER")

# What is indented in that section, with this machine's names.
section() {
	sed -n '/^Write a policy$/,/^Documentation$/s/^\t//p' "$top/README" |
		sed -e "s/e\.groups\.interns/e.groups[\"$group\"]/" -e "s/groups=interns/groups=$group/"
}
conf=$(section | grep '^lua = ')
script=$(section | sed -n '/^smb3\.on/,/^end)/p')
mapfile -t commands < <(section | grep '^smb3ctl ')
check policy-readme-has-it test -n "$conf" -a -n "$script" -a "${#commands[@]}" = 3
[ "$T_FAILED" = 0 ] || exit 1

mkdir "$etc"
chmod 755 "$etc"
S_REACH+=("$etc") # as /etc is within reach of a server that is confined
S_EXTRA="lua = { folders = [ \"$etc/lua\" ]; };"
share_new projects
share_new files
server_begin
talk_begin python "$top/tests/live/lua_client.py" projects

check policy-before talk write done
mkdir -p "$etc/lua"
chmod 755 "$etc/lua"
printf '%s\n' "$script" >"$etc/lua/my-policy.lua"
chmod 644 "$etc/lua/my-policy.lua"
sed -i "s|^lua = {|${conf%\};}|" "$S_CONF"
check policy-script-is-sound eval "${commands[0]}"
expect policy-dry-run 'deny.*my-policy.lua:3: interns may only read' eval "${commands[1]}"
check policy-not-yet talk write done
check policy-reload eval "${commands[2]}"
check policy-denies-what-is-open talk write denied
check policy-lets-read talk read done
check policy-denies-what-is-new talk make denied
check policy-leaves-other-shares smbc files 'put /etc/hostname made'
expect policy-why 'my-policy.lua:3: interns may only read' smb3ctl why
sed -i "s/\"$group\"/\"nobody-is-in-this\"/" "$etc/lua/my-policy.lua"
check policy-is-changed smb3ctl reload
check policy-lets-others-write talk write done
check policy-stop server_stop
test_end
