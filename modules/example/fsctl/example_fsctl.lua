-- SPDX-License-Identifier: Apache-2.0
-- The control code tells the checksum of a range, and refuses what it is not for.
local code = 0x00146004
local function fnv1a(s)
	local hash = 0x811c9dc5
	for _, byte in ipairs { s:byte(1, -1) } do
		hash = ((hash ~ byte) * 0x01000193) & 0xffffffff
	end
	return hash
end

local t = smb.tree()
t:put("data", "hello, world")
local f = t:create { name = "data", access = "read" }
local function ask(offset, len, o)
	o = o or {}
	o.code, o.input, o.max_out = code, string.pack("<I8I4", offset, len), o.max_out or 8
	return f:ioctl(o).output
end

expect.equal(ask(0, 5), string.pack("<I4I4", 5, fnv1a "hello"), "a range")
expect.equal(ask(7, 100), string.pack("<I4I4", 5, fnv1a "world"), "up to the end")
expect.equal(ask(50, 1), string.pack("<I4I4", 0, fnv1a ""), "behind the end")
ask(0, (1 << 20) + 1, { expect = "INVALID_PARAMETER" })
ask(-1, 1, { expect = "INVALID_PARAMETER" })
ask(0, 5, { max_out = 7, expect = "BUFFER_TOO_SMALL" })
f:ioctl { code = code, input = "short", max_out = 8, expect = "INVALID_PARAMETER" }
f:close()

f = t:create { name = "data", access = "write_data" }
ask(0, 5, { expect = "ACCESS_DENIED" })
