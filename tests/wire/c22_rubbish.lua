-- SPDX-License-Identifier: Apache-2.0
-- 40 MB of rubbish on one connection while another works. [MS-SMB2] 2.1
local t = smb.tree()
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
local rubbish = {}
for i = 1, 4096 do
	rubbish[i] = string.pack("<I4", i * 2654435761 & 0xFFFFFFFF)
end
rubbish = table.concat(rubbish):rep(64) -- 1 MiB

local c
for i = 1, 40 do
	if not c or not c:drain() then
		c = smb.connect()
		if i % 2 == 0 then
			c:negotiate()
		end
	end
	c:send_bytes(rubbish:sub(i))
	f:write { data = "still here " .. i, offset = i * 100 }
	expect.equal(f:read { offset = i * 100, length = 10 }, "still here", "content")
end
expect.alive(t.conn)
