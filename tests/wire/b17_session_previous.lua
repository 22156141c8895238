-- SPDX-License-Identifier: Apache-2.0
-- A client that comes back names its old session, which ends with all it had open.
-- [MS-SMB2] 3.3.5.5.3
local a = smb.connect()
a:negotiate()
local old = a:session()
local t = old:tree(wire.share)
local name = tmp "held"
t:create { name = name, disposition = "create", access = "read write", share = "none" }

local b = smb.connect()
b:negotiate()
local new = b:session { previous = old.id }
new:tree(wire.share):create { name = name, access = "read write", share = "none" }:close()
old:call { command = "create", tree = t, name = name, expect = "USER_SESSION_DELETED" }

-- Another user's session is not ended by naming it.
local c = smb.connect()
c:negotiate()
c:session { user = wire.user2, password = wire.password2, previous = new.id }
expect.is(new:tree(wire.share):exists(name), "the session of somebody else goes on")
