-- SPDX-License-Identifier: Apache-2.0
-- Sizes at the edge of what a file can have: an error, never a broken file. [MS-FSA] 2.1.5.15.5
local t = smb.tree()
local name = tmp "file"
t:put(name, "content")
local f = t:create { name = name, access = "read write" }

for _, size in ipairs { 1 << 62, math.maxinteger, math.maxinteger - 4095, math.mininteger,
	-4096 } do
	local r = f:set { class = "eof", size = size, expect = "any" }
	expect.is(r.code >= 0xC0000000, ("size %x is refused"):format(size))
	r = f:set { class = "allocation", size = size, expect = "any" }
	expect.is(r.code >= 0xC0000000 or size > 0, ("allocation %x is refused"):format(size))
	r = f:write { data = "x", offset = size, expect = "any" }
	expect.is(r == 1 or r.code >= 0xC0000000, ("offset %x has an answer"):format(size))
	r = f:read { length = 10, offset = size, expect = "any" }
	expect.is(type(r) == "string" or r.code >= 0xC0000000, ("reading at %x"):format(size))
	f:set { class = "eof", size = 7 }
end
expect.equal(f:read { length = 100 }, "content", "content")
f:close()
