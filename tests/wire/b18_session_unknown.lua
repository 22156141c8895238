-- SPDX-License-Identifier: Apache-2.0
-- A session id that is none, or that belongs to another connection. [MS-SMB2] 3.3.5.2.9
local c = smb.connect()
c:negotiate { dialects = { 0x0210 } }
local s = c:session()
local t = s:tree(wire.share)

for _, sid in ipairs { 0, 1, s.id + 1, -1 } do
	t:call { command = "create", name = "keep.txt", sid = sid, expect = "USER_SESSION_DELETED" }
	t:call { command = "logoff", sid = sid, expect = "USER_SESSION_DELETED" }
end
s:call { command = "session_setup", blob = "NTLMSSP\0", sid = s.id + 1,
	expect = "USER_SESSION_DELETED" }

local other = smb.connect()
other:negotiate { dialects = { 0x0210 } }
other:call { command = "tree_connect", path = "\\\\x\\" .. wire.share, sid = s.id,
	expect = "USER_SESSION_DELETED" }
expect.is(t:exists("keep.txt"), "the session itself is well")
