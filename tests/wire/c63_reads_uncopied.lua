-- SPDX-License-Identifier: Apache-2.0
-- Large reads in clear, which may go from the page cache to the socket without a copy: at every
-- alignment, over the end, beside signed ones, and of a file that is cut short while they are under
-- way. What a reply says is what it has. [MS-SMB2] 2.2.20, 3.3.5.12
local t = smb.tree()
local c = t.conn
local mib, k64 = 1 << 20, 1 << 16
local name = tmp "file"
local whole = {}
for i = 0, 3 * mib // 8 - 1 do
	whole[i + 1] = string.pack("<I8", i * 0x9E3779B97F4A7C15)
end
whole = table.concat(whole) .. "the odd end"
local f = t:create { name = name, disposition = "create", access = "read write" }
for _ = 1, 20 do
	c:echo { credits = 400 }
end
for at = 0, #whole - 1, mib do
	f:write { offset = at, data = whole:sub(at + 1, at + mib) }
end

local function same(offset, length, o)
	local r = f:call(o or { command = "read", offset = offset, length = length })
	expect.is(r.data == whole:sub(offset + 1, offset + length),
		("%d bytes at %d"):format(length, offset))
	return r
end
for _, offset in ipairs { 0, 1, 4095, 4096, 65537, mib, 2 * mib } do
	for _, length in ipairs { k64 - 1, k64, k64 + 1, 300000, mib - 4096, mib - 1, mib } do
		same(offset, length)
	end
end
same(3 * mib, k64)
same(3 * mib - k64 + 11, k64)
same(2 * mib + 100, mib)
f:read { offset = #whole, length = mib, expect = "END_OF_FILE" }
f:read { offset = 2 * mib + 100, length = mib, minimum = mib, expect = "END_OF_FILE" }
local r = same(4096, k64, { command = "read", offset = 4096, length = k64, sign = true })
expect.equal(r.sig, "good", "signature")

local list = t:compound {
	{ command = "read", file = f, length = k64 },
	{ command = "read", file = f, length = k64, offset = 5 },
}
expect.is(list[1].data == whole:sub(1, k64), "first of a compound")
expect.is(list[2].data == whole:sub(6, k64 + 5), "second of a compound")

-- Cut short by somebody else while the replies wait for us to take them.
local other = smb.tree()
local g = other:create { name = name, access = "read write" }
local waiting = {}
for i = 0, 23 do
	waiting[i] = f:call { command = "read", offset = i % 3 * mib, length = mib, async = true,
		expect = "SUCCESS|END_OF_FILE" }
end
g:set { class = "eof", size = 0 }
for i = 0, 23 do
	local data, at = waiting[i]:wait().data, i % 3 * mib
	expect.is(not data or data == whole:sub(at + 1, at + #data), "reply " .. i)
end
f:read { length = mib, expect = "END_OF_FILE" }
c:echo()
g:close()
f:close()
