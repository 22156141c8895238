#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rpc_security.sh: security descriptors of files by remote procedures: the same as over SMB, and refused to
# the same people.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin rpc_security
only_smb3d "its refusals are smb3d's"
needs rpc_srvsvc acl access lua encrypt
mkdir -p "$T/scripts"
cat >"$T/scripts/policy.lua" <<'END'
smb3.on("request", function(e)
	if e.command == "CREATE" and (e.name or ""):find("^secret") then
		return false, "secret files are not for remote procedures"
	end
end)
smb3.on("request", function(e)
	if e.command == "QUERY_INFO" and (e.path or ""):find("^quiet") then
		return false, "nobody is told of it"
	end
	if e.command == "TREE_DISCONNECT" or e.command == "CLOSE" then
		return e.share ~= "sticky", "it stays"
	end
end)
smb3.on("modify", function(e)
	if (e.path or ""):find("^fixed") then
		return false, "this one stays as it is"
	end
end)
END
chmod -R go+rX "$T/scripts"
S_EXTRA="lua = { scripts = [ \"policy\" ]; folders = [ \"$T/scripts\" ]; }; guest = { map_unknown = true; };"
S_REACH+=("$T/scripts")
share_new files
share_add readonly "$T/files" read_only=true
share_add private "$T/files" "access={ valid_users = [ \"$S_USER2\" ]; }"
share_add sealed "$T/files" 'encrypt={ require = true; }'
share_add sticky "$T/files"
share_new lobby guest=true
mkdir -p "$T/files/folder/deep" "$T/other"
for f in plan secret fixed quiet held folder/inside folder/deep/inside Größe; do echo "$f" >"$T/files/$f"; done
echo hello >"$T/lobby/hello"
ln -s "$T/other" "$T/files/way-out"
! is_root || chown -hR "$S_USER:" "$T/files" "$T/lobby"
! is_root || { echo root >"$T/files/roots" && chmod 600 "$T/files/roots"; }
server_begin
boss_add

relay python "$top/tests/live/rpc_security_client.py" "boss:$S_PASSWORD" "$S_USER2:$S_PASSWORD"
server_clean || fail rpc_security-clean-1 "not clean"
S_EXTRA="$S_EXTRA encrypt = { require = true; };"
server_begin start-2
relay python "$top/tests/live/rpc_security_client.py" encrypted
expect policy-why 'CREATE.*policy.lua:3: secret files are not for remote procedures' smb3ctl why
test_end
