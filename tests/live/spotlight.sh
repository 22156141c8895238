#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# spotlight.sh: searches as macOS makes them, with Samba's mdsearch: who finds what, and what nobody is told.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin spotlight
only_smb3d "the names are of smb3d's modules"
needs rpc rpc_mdssvc mds_names vfs_veto access
command -v mdsearch >/dev/null || { skip spotlight "mdsearch is missing (package smbclient)"; exit 0; }

on='rpc_mdssvc={ spotlight = true; }'
share_new files "$on"
share_new exact "$on" 'vfs_posix={ case_sensitive = true; }'
share_new off
share_new veiled "$on" 'vfs_veto={ veto_files = [ "*.veto" ]; hide_unreadable = true; }'
share_new others "$on" 'access={ valid_users = [ "nobody" ]; }'
share_new secret "$on" 'encrypt={ require = true; }'
share_new "Two Words" "$on"
mkdir -p "$T/homes/$S_USER"
touch "$T/homes/$S_USER/mine"
share_add own "$T/homes/%U" "$on"
mkdir -p "$T"/files/{sub/deep,closed,many} "$T"/veiled/shut "$T"/exact/sub
for name in files/{plan.txt,sub/MyPlan.TXT,sub/deep/unplanned,closed/plan-not,other} veiled/{plan,plan.veto,plan-shut,shut/plan} exact/sub/plan \
	{others,secret,off}/plan "Two Words/plan"; do
	echo "$name" >"$T/$name"
done
printf '%2000s' x >"$T/files/large-plan"
ln -s ../sub "$T/files/sub/loop"
ln -s /etc "$T/files/out-plan"
touch "$T"/files/many/entry-{001..300}
if is_root; then chown -R "$S_USER:" "$T"/{files,veiled,others,secret,off,exact}; fi
chmod 000 "$T/veiled/plan-shut" "$T/veiled/shut" "$T/files/closed"
server_begin

# search SHARE QUERY [OPTION...]: the paths that are found, in order.
search() {
	client timeout 60 mdsearch --configfile="$T/client.conf" --option="smb ports=$S_PORT" \
		-U "${F_USER:-$S_USER}%$S_PASSWORD" "${@:3}" "$S_HOST" "$1" "$2" </dev/null 2>&1 | sort
	return "${PIPESTATUS[0]}"
}
# finds SHARE QUERY PATH...: these, and no others.
finds() {
	local found wanted
	found=$(search "$1" "$2") || { echo "$found"; return 1; }
	wanted=$(printf '%s\n' "${@:3}" | sort)
	[ "$found" = "$wanted" ] || { echo "found: ${found//$'\n'/ }, wanted: ${wanted//$'\n'/ }"; return 1; }
}
# counts NUMBER SHARE QUERY
counts() {
	local n
	n=$(search "$2" "$3" | wc -l)
	[ "$n" = "$1" ] || { echo "$n found"; return 1; }
}
# below FOLDER SHARE QUERY PATH...
below() {
	local found
	found=$(search "$2" "$3" -p "$1") || return 1
	[ "$found" = "$(printf '%s\n' "${@:4}" | sort)" ] || { echo "found: $found"; return 1; }
}

check spotlight-names finds files 'kMDItemFSName=="*plan*"c' plan.txt sub/MyPlan.TXT sub/deep/unplanned large-plan out-plan
check spotlight-case finds files '*=="*plan*"' plan.txt sub/deep/unplanned large-plan out-plan
check spotlight-word finds files 'kMDItemDisplayName=="plan*"cdw' plan.txt large-plan out-plan
check spotlight-either finds files '(*=="other" || kMDItemTextContent=="other"cd)' other
check spotlight-size finds files 'kMDItemFSSize>=2000 && *=="*plan*"' large-plan
check spotlight-age finds files '*=="other" && kMDItemFSContentChangeDate<$time.now(-3600)'
check spotlight-not finds files '*=="*plan*"c && !(*=="*.txt"c || *=="*-plan")' sub/deep/unplanned
check spotlight-nothing finds files '*=="nothing of that name"'
check spotlight-pieces counts 300 files '*=="entry-*"'
check spotlight-below below sub files '*=="*plan*"c' sub/MyPlan.TXT sub/deep/unplanned
check spotlight-below-any-case below SUB/Deep files '*=="*plan*"c' sub/deep/unplanned
check spotlight-below-exact below SUB exact '*=="*plan*"c'
check spotlight-below-exact-there below sub exact '*=="*plan*"c' sub/plan
check spotlight-spaces finds "Two Words" '*=="plan"' plan
refuse spotlight-unknown-attribute 'mdscli_search failed' search files 'kMDItemAuthors=="x"'
refuse spotlight-no-query 'mdscli_search failed' search files 'kMDItemFSName==='
refuse spotlight-outside 'mdscli_search failed' search files '*=="passwd"' -p ../../../../../../etc

# What a listing does not show is not found.
check spotlight-veiled finds veiled '*=="*plan*"' plan
F_USER=$S_USER2
check spotlight-other-user finds files 'kMDItemFSName=="plan.txt"' plan.txt
F_USER=
refuse spotlight-off 'Failed to connect' search off '*=="plan"'
refuse spotlight-not-allowed 'Failed to connect' search others '*=="plan"'
refuse spotlight-no-share 'Failed to connect' search missing '*=="plan"'
refuse spotlight-in-clear 'Failed to connect' search secret '*=="plan"'

# Nobody sees where the share really is.
check spotlight-no-server-path test -z "$(search files '*=="*"' | grep -F "$T")"

# What only a connection of one's own can show.
relay python "$top/tests/live/spotlight_client.py" large-plan 2000

# As many at a time as the options say.
for _ in 1 2 3 4; do search files '*=="entry-*"' >"$T/many.$_" & pids+=($!); done
wait "${pids[@]}"
check spotlight-side-by-side test "$(cat "$T"/many.* | wc -l)" = 1200

chmod 755 "$T/veiled/shut" "$T/files/closed"
check spotlight-opened finds files '*=="plan-not"' closed/plan-not
test_end
