-- SPDX-License-Identifier: Apache-2.0
-- Compounds whose members name sessions, trees and files that are not theirs or that went away in the
-- same compound: each member has one answer and nothing is done. [MS-SMB2] 3.3.5.2.7
local s = smb.session()
local t, other = s:tree(wire.share), s:tree(wire.share)
local name = tmp "file"
t:put(name, "content")

-- Related ones take session, tree and file of the one before, whatever their headers say.
local r = t:compound {
	{ command = "create", name = name, access = "read write" },
	{ command = "read", length = 7, sid = 77, tid = 99, expect = "any" },
	{ command = "close", sid = -1, tid = 0xFFFFFFFF, expect = "any" },
}
expect.is(r[2].status ~= "SUCCESS" or r[2].data == "content", "it reads that file or none")
expect.alive(t.conn)

-- TREE_DISCONNECT, and then what wants the tree; LOGOFF, and then what wants the session.
r = other:compound {
	{ command = "create", name = name, access = "read" },
	{ command = "tree_disconnect" },
	{ command = "read", length = 7, expect = "any" },
	{ command = "create", name = name, access = "read", expect = "any" },
	{ command = "close", expect = "any" },
}
for i = 3, 5 do
	expect.is(r[i].status ~= "SUCCESS", "member " .. i .. " after TREE_DISCONNECT")
end
expect.is(t:exists(name), "the other tree goes on")

local gone = smb.session()
local last = gone:tree(wire.share)
r = last:compound {
	{ command = "create", name = name, access = "read" },
	{ command = "logoff" },
	{ command = "read", length = 7, expect = "any" },
	{ command = "create", name = name, access = "read", expect = "any" },
	{ command = "tree_connect", path = "\\\\x\\" .. wire.share, expect = "any" },
}
for i = 3, 5 do
	expect.is(r[i].status ~= "SUCCESS", "member " .. i .. " after LOGOFF")
end
expect.alive(gone.conn)

-- Two connections' worth of TREE_DISCONNECT at once on one tree: one of them ends it.
for _ = 1, 10 do
	local u = s:tree(wire.share)
	u:create { name = name, access = "read" }
	s.conn:echo { credits = 100 }
	local waiting, ended = {}, 0
	for i = 1, 6 do
		waiting[i] = u:call { command = i % 3 == 0 and "create" or "tree_disconnect", name = name,
			async = true, expect = "SUCCESS|NETWORK_NAME_DELETED|CANCELLED" }
	end
	for i, p in ipairs(waiting) do
		ended = ended + ((p:wait().status == "SUCCESS" and i % 3 ~= 0) and 1 or 0)
	end
	expect.equal(ended, 1, "how often the tree ended")
end
