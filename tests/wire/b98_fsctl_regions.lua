-- SPDX-License-Identifier: Apache-2.0
-- What of a file was written, and ranges that are given back. [MS-FSCC] 2.3.13, 2.3.55
local REGIONS, TRIM = 0x90284, 0x98208
local t = smb.tree()
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
local size = 65536 + 10
f:write { data = ("x"):rep(size) }

local function regions(input, o)
	local r = f:ioctl { code = REGIONS, input = input, max_out = o and o.max_out or 40,
		expect = o and o.expect or "SUCCESS" }
	if r.output and #r.output >= 16 then
		return string.unpack("<I4I4I4I4", r.output)
	end
end

local function query(at, len, usage) return string.pack("<I8I8I4I4", at, len, usage, 0) end

local _, all, given = regions("")
expect.equal(all, 1)
expect.equal(given, 1)
local r = f:ioctl { code = REGIONS, input = query(10, 1 << 40, 1), max_out = 40 }
local at, len, usage = string.unpack("<I8I8I4", r.output, 17)
expect.equal(at, 10)
expect.equal(len, size - 10, "up to the end")
expect.equal(usage & 1, 1, "valid")
_, all = regions(query(1 << 30, 5, 1))
expect.equal(all, 0, "nothing beyond the end")
regions(query(0, 5, 0), { expect = "INVALID_PARAMETER" })
regions(query(-1, 5, 1), { expect = "INVALID_PARAMETER" })
regions(query(5, -1, 1), { expect = "INVALID_PARAMETER" })
regions(query(0, 5, 1):sub(1, 23), { expect = "INVALID_PARAMETER" })
regions("", { max_out = 39, expect = "BUFFER_TOO_SMALL" })
t:create { name = "", access = "read", options = "directory" }
	:ioctl { code = REGIONS, max_out = 40, expect = "INVALID_PARAMETER" }

-- TRIM
local function trim(input, o)
	return f:ioctl { code = TRIM, input = input, max_out = o and o.max_out or 4,
		expect = o and o.expect or "SUCCESS" }
end
local function ranges(count, ...) return string.pack("<I4I4", 0, count) .. string.pack("<I8I8", ...) end

r = trim(ranges(1, 4096, 8192))
expect.equal(string.unpack("<I4", r.output), 1, "ranges done")
expect.equal(f:query { class = "standard" }.size, size, "the size stays")
expect.equal(f:read { offset = 0, length = 4096 }, ("x"):rep(4096), "before it")
expect.equal(f:read { offset = 12288, length = 100 }, ("x"):rep(100), "behind it")
trim(ranges(1, 100, 200), { max_out = 0 })
expect.equal(f:read { offset = 0, length = 4096 }, ("x"):rep(4096), "no whole cluster")
trim(ranges(1, 1 << 40, 10))
trim(ranges(0, 0, 4096), { expect = "INVALID_PARAMETER" })
trim(ranges(2, 0, 4096), { expect = "INVALID_PARAMETER" })
trim(ranges(0xFFFFFFFF, 0, 4096), { expect = "INVALID_PARAMETER" })
trim(ranges(1, -1, 4096), { expect = "INVALID_PARAMETER" })
trim(ranges(1, 5, -1), { expect = "INVALID_PARAMETER" })
trim("\0\0\0\0\1\0\0\0", { expect = "INVALID_PARAMETER" })
expect.equal(f:read { offset = 0, length = 4096 }, ("x"):rep(4096), "nothing of that did harm")

-- Who may not write may not trim.
local ro = t:create { name = tmp "file", access = "read" }
ro:ioctl { code = TRIM, input = ranges(1, 0, 4096), max_out = 4, expect = "ACCESS_DENIED" }
