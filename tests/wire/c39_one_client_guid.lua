-- SPDX-License-Identifier: Apache-2.0
-- Twenty connections that say they are one client, with different dialects and users, at once.
-- [MS-SMB2] 3.3.5.4
local guid = ("\1same client guid"):sub(1, 16)
local name = tmp "file"
smb.tree():put(name, "content")

local conns = {}
for i = 1, 20 do
	local c = smb.connect()
	c:set { client_guid = guid }
	c:negotiate { dialects = { i % 2 == 0 and 0x0210 or 0x0311 } }
	local s = i % 3 == 0 and c:session { user = wire.user2, password = wire.password2 } or c:session()
	conns[i] = { c = c, t = s:tree("ro") }
end
local waiting = {}
for round = 1, 20 do
	for _, p in ipairs(conns) do
		waiting[#waiting + 1] = p.t:create { name = "keep.txt", access = "read", async = true }
	end
end
for _, p in ipairs(waiting) do
	p:wait()
end
for i = 1, 20, 2 do
	conns[i].c:close()
end
for i = 2, 20, 2 do
	expect.equal(conns[i].t:get("keep.txt"), "keep me\n", "content through connection " .. i)
end
