-- SPDX-License-Identifier: Apache-2.0
-- Two connections of one client and one of another write into one file; nothing is lost.
-- [MS-SMB2] 3.3.5.13
local trees = { smb.tree(), smb.tree(), smb.tree { dialects = { 0x0210 } } }
local name = tmp "file"
trees[1]:put(name, "")

local files = {}
for i, t in ipairs(trees) do
	files[i] = t:create { name = name, access = "read write" }
end
local waiting = {}
for round = 0, 49 do
	for i, f in ipairs(files) do
		waiting[#waiting + 1] = f:call { command = "write", async = true,
			data = string.char(64 + i):rep(100), offset = (round * 3 + i - 1) * 100 }
	end
end
for _, p in ipairs(waiting) do
	p:wait()
end

local wanted = ("A"):rep(100) .. ("B"):rep(100) .. ("C"):rep(100)
for _, f in ipairs(files) do
	expect.is(f:read { length = 15000 } == wanted:rep(50), "the content is right")
	f:close()
end
