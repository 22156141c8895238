-- SPDX-License-Identifier: Apache-2.0
-- 32 MiB written and read with many requests in flight, in any order; the content is right.
-- [MS-SMB2] 3.3.5.12, 3.3.5.13
local t = smb.tree()
local c = t.conn
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
local piece, pieces = 1048576, 32

local function content(i)
	return string.pack("<I8", i * 0x9E3779B97F4A7C15):rep(piece // 8)
end

c:set { credits_goal = 512 }
for _ = 1, 20 do
	c:echo()
end
local waiting = {}
for i = pieces - 1, 0, -1 do
	waiting[#waiting + 1] = f:call { command = "write", data = content(i), offset = i * piece,
		async = true }
end
for _, p in ipairs(waiting) do
	expect.equal(p:wait().count, piece, "bytes written")
end
expect.equal(f:query { class = "standard" }.size, piece * pieces, "size")

waiting = {}
for i = 0, pieces - 1 do
	waiting[i] = f:call { command = "read", length = piece, offset = i * piece, async = true }
end
for i = pieces - 1, 0, -1 do
	expect.is(waiting[i]:wait().data == content(i), "piece " .. i .. " is right")
end
f:close()
