-- SPDX-License-Identifier: Apache-2.0
-- Messages arrive in pieces of one byte, and many of them in one piece. [MS-SMB2] 2.1
local c = smb.connect()
c:negotiate()
c:session()

local frame, pending = c:encode { command = "echo" }
for i = 1, #frame do
	c:send_bytes(frame:sub(i, i))
end
pending:wait()

local all, waiting = "", {}
for i = 1, 40 do
	local bytes, p = c:encode { command = "echo" }
	all, waiting[i] = all .. bytes, p
end
c:send_bytes(all:sub(1, #all // 2 + 3))
c:send_bytes(all:sub(#all // 2 + 4))
for _, p in ipairs(waiting) do
	p:wait()
end

-- NEGOTIATE itself in two pieces.
c = smb.connect()
frame, pending = c:encode { command = "negotiate", dialects = { 0x0210 } }
c:send_bytes(frame:sub(1, 70))
c:send_bytes(frame:sub(71))
expect.equal(pending:wait().dialect, 0x0210, "dialect")
