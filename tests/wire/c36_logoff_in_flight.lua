-- SPDX-License-Identifier: Apache-2.0
-- LOGOFF, TREE_DISCONNECT and CLOSE overtake requests: each is answered once, one way or the other.
-- [MS-SMB2] 3.3.5.6, 3.3.5.8, 3.3.5.10
local name = tmp "file"
smb.tree():put(name, ("x"):rep(1048576))
local fine = "SUCCESS|FILE_CLOSED|NETWORK_NAME_DELETED|USER_SESSION_DELETED|CANCELLED"

local function race(ending)
	local t = smb.tree()
	for _ = 1, 5 do
		t.conn:echo { credits = 200 }
	end
	local f = t:create { name = name, access = "read write" }
	local waiting = {}
	for i = 1, 40 do
		waiting[i] = f:call { command = i % 4 == 0 and "write" or "read", length = 65536,
			data = "x", async = true, expect = fine }
	end
	table.insert(waiting, ending(t, f))
	for _ = 1, 10 do
		table.insert(waiting, f:call { command = "read", length = 10, async = true, expect = fine })
	end
	for _, p in ipairs(waiting) do
		p:wait()
	end
	expect.alive(t.conn)
end

for _ = 1, 5 do
	race(function(t) return t.session:logoff { async = true } end)
	race(function(t) return t:disconnect { async = true } end)
	race(function(_, f) return f:close { async = true } end)
end
