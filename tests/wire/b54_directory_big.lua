-- SPDX-License-Identifier: Apache-2.0
-- A folder of 1,500 files: each name comes once, whatever the size of the buffer.
-- [MS-SMB2] 3.3.5.18
local t = smb.tree()
local folder, count = tmp "folder", 1500
t:mkdir(folder):close()

-- Created by compounds of create and close, 20 files a message.
local at = 0
while at < count do
	local list = { related = false }
	for i = at + 1, at + 20 do
		list[#list + 1] = { command = "create", disposition = "create", access = "write",
			name = tmp(("folder\\file with a longer name %04d"):format(i)) }
		list[#list + 1] = { command = "close", flags = "related" }
	end
	t:compound(list)
	at = at + 20
end

for _, size in ipairs { 1024, 65536, 1048576 } do
	local d = t:create { name = folder, options = "directory", access = "read" }
	local seen, n = {}, 0
	for _, name in ipairs(d:names { max_out = size }) do
		expect.is(not seen[name], "this is the first time of " .. name)
		seen[name], n = true, n + 1
	end
	expect.equal(n, count + 2, "entries in buffers of " .. size)
	d:close()
end
