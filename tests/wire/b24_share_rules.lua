-- SPDX-License-Identifier: Apache-2.0
-- Shares that are not for everybody, not for all at once, or another one for each user: what a
-- TREE_CONNECT is answered, and what a tree may do. [MS-SMB2] 2.2.10, 3.3.5.7
local s, name = smb.session(), wire.user:match("^[^%%]*")
local first = s:tree("onlyroom", { expect = "any" })
if not first.tid then
	smb.skip("the server has no shares with rules")
end
s:tree("barred", { expect = "ACCESS_DENIED" })
s:tree("outside", { expect = "ACCESS_DENIED" })
s:tree("away", { expect = "BAD_NETWORK_NAME" })

-- A user without a right to write sees that in the maximal access, whoever else may.
local t = s:tree("readers")
expect.equal(t.reply.max_access & 0x000D0156, 0, "reading is all")
t:create { name = smb.tmp "x", disposition = "create", expect = "ACCESS_DENIED" }
local w = s:tree("writers")
expect.equal(w.reply.max_access & 0x000D0156, 0x000D0156, "all that a writer wants")
w:create({ name = "made", disposition = "open_if", access = "delete", options = "delete_on_close" }):close()

-- One at a time: the same user's second is one more. What failed takes no place.
for _ = 1, 3 do
	s:tree("onlyroom", { expect = "REQUEST_NOT_ACCEPTED" })
end
local other = smb.session()
other:tree("onlyroom", { expect = "REQUEST_NOT_ACCEPTED" })
first:disconnect()
other:tree("onlyroom"):disconnect()
other:tree("onlyroom")
s:tree("onlyroom", { expect = "REQUEST_NOT_ACCEPTED" })
other:logoff()
s:tree("onlyroom"):disconnect()

-- A home is found by its owner, under the owner's name in any spelling and under its own.
s:tree("own")
s:tree(name)
s:tree(name:upper())
s:tree("nobody", { expect = "BAD_NETWORK_NAME" })
s:tree(name .. "$", { expect = "BAD_NETWORK_NAME" })
s:tree("%U", { expect = "BAD_NETWORK_NAME" })
expect.is(s:tree(wire.share):exists("keep.txt"), "the session is well")
