#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lua.sh: a policy in a script, written and taken back while a client is connected and has a file open.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin lua
only_smb3d "about our own program"
needs lua
mkdir -p "$T/scripts"
chmod 755 "$T/scripts"
group=$(id -gn "$S_USER")
S_EXTRA="lua = { scripts = [ \"policy\", \"pipes\" ]; vars = [ \"pipes=srvsvc\" ]; folders = [ \"$T/scripts\", \"$top/scripts/lua\" ]; };"
policy() { cat >"$T/scripts/policy.lua" && chmod 644 "$T/scripts/policy.lua"; }
policy <<<''
share_new files
share_new projects
server_begin

# The client that stays connected: LINES of commands in, answers out.
talk_begin python "$top/tests/live/lua_client.py" projects

check lua-before talk 'write' done
policy <<END
smb3.on("modify", function(e)
	if e.share == "projects" and e.groups["$group"] then
		return false, "this group may only read"
	end
end)
END
check lua-check smb3ctl lua check policy
expect lua-dry-run 'deny.*policy.lua:3: this group may only read' \
	smb3ctl lua test policy --event modify share=projects "groups=$group"
check lua-reload smb3ctl reload
check lua-acts-on-an-open-file talk 'write' denied
check lua-reads-go-on talk 'read' done
check lua-acts-on-new-files talk 'make' denied
check lua-other-shares-are-not-meant smbc files 'put /etc/hostname made'
expect lua-why 'policy.lua:3: this group may only read' smb3ctl why
expect lua-lists-hooks 'policy.lua:1 *modify' smb3ctl lua
chmod 666 "$T/scripts/policy.lua"
refuse lua-written-by-anybody 'nobody else may write' smb3ctl reload
check lua-still-denied talk 'write' denied
policy <<<'smb3.on("modify", function(e) while true do end end)'
check lua-endless-reload smb3ctl reload
check lua-endless-denies talk 'write' denied
expect lua-endless-why 'policy.lua:1: more than' smb3ctl why
check lua-endless-hurts-nobody smbc files 'ls'
policy <<<''
check lua-taken-back smb3ctl reload
check lua-after talk 'write' done
# Named pipes, by name and by who asks.
if [ -f "$SMB3D_BUILD/modules.d/rpc_srvsvc.so" ] && [ -f "$SMB3D_BUILD/modules.d/rpc_wkssvc.so" ]; then
	expect lua-pipe-is-there 'server type' rpc srvinfo
	refuse lua-pipe-is-hidden NT_STATUS_OBJECT_NAME_NOT_FOUND rpc 'wkssvc_wkstagetinfo 100'
	sed -i 's/"pipes=srvsvc"/"pipe_srvsvc=@nobody-is-in-this"/' "$S_CONF"
	check lua-pipe-reload smb3ctl reload
	refuse lua-pipe-is-not-for-all NT_STATUS_ACCESS_DENIED rpc srvinfo
	expect lua-pipe-why 'pipes.lua:[0-9]*: pipe srvsvc is for @nobody-is-in-this' smb3ctl why
	check lua-pipe-of-others rpc 'wkssvc_wkstagetinfo 100'
fi
check lua-stop server_stop
test_end
