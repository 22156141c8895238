-- SPDX-License-Identifier: Apache-2.0
-- CANCEL has no answer: not for an id that is unknown, not for one that was answered already.
-- [MS-SMB2] 3.3.5.16
local t = smb.tree()
local c = t.conn
local function cancel(o)
	o.command, o.async, o.charge, o.credits = "cancel", true, 0, 0
	t.session:call(o)
end

cancel { mid = c:info().next_mid + 5 }
cancel { mid = 0 }
cancel { mid = 0, flags = "async", async_id = 0x1234567890 }
cancel { mid = c:info().next_mid - 1, flags = "async", async_id = 1 }
expect.alive(c, "after CANCEL of nothing") -- fails on any other answer

-- Of one that runs: its own answer comes, and only that.
local f = t:create { name = "keep.txt", access = "read" }
local p = f:read { length = 8, async = true }
p:cancel()
p:wait { expect = "SUCCESS|CANCELLED" }
expect.alive(c, "after CANCEL of a read")
