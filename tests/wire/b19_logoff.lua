-- SPDX-License-Identifier: Apache-2.0
-- After LOGOFF the session is gone with all that it had, the connection and others are not.
-- [MS-SMB2] 3.3.5.6
local c = smb.connect()
c:negotiate()
local s, other = c:session(), c:session()
local t = s:tree(wire.share)
local name = tmp "gone-with-it"
local f = t:create { name = name, disposition = "create", access = "read write delete",
	options = "delete_on_close" }

s:logoff()
f:read { length = 1, expect = "USER_SESSION_DELETED" }
t:create { name = name, expect = "USER_SESSION_DELETED" }
s:logoff { expect = "USER_SESSION_DELETED" }
s:call { command = "tree_connect", path = "\\\\x\\" .. wire.share,
	expect = "USER_SESSION_DELETED" }

t = other:tree(wire.share)
expect.equal(t:exists(name), false, "the file that was to be deleted on close")
c:session():tree(wire.share)
