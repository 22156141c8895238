-- SPDX-License-Identifier: Apache-2.0
-- A sparse file has holes where zeros were asked for, and tells where its data is.
-- [MS-FSCC] 2.3.48, 2.3.71, 2.3.73
local SET_SPARSE, SET_ZERO_DATA, ALLOCATED_RANGES = 0x900C4, 0x980C8, 0x940CF
local t = smb.tree()
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
local MiB = 1048576

local function ranges(from, len, max_out, wanted)
	local r = f:ioctl { code = ALLOCATED_RANGES, input = string.pack("<I8I8", from, len),
		max_out = max_out or 4096, expect = wanted or "SUCCESS" }
	local list = {}
	for at = 1, r.output and #r.output or 0, 16 do
		list[#list + 1] = { string.unpack("<I8I8", r.output, at) }
	end
	return list
end

f:write { data = ("x"):rep(MiB) }
local list = ranges(0, 2 * MiB)
expect.equal(#list, 1, "ranges of a plain file")
expect.equal(list[1][2], MiB, "up to its end")

f:ioctl { code = SET_SPARSE, input = "" }
expect.equal(f:query { class = "basic" }.attributes & 0x200, 0x200, "SPARSE")
f:ioctl { code = SET_ZERO_DATA, input = string.pack("<I8I8", MiB // 4, MiB // 2) }
expect.equal(f:query { class = "standard" }.size, MiB)
list = ranges(0, MiB)
expect.equal(#list, 2, "ranges around the hole")
expect.equal(list[1][2], MiB // 4)
expect.equal(list[2][1], MiB // 2)
expect.equal(f:read { offset = MiB // 4, length = 4 }, "\0\0\0\0")
expect.equal(f:read { offset = MiB // 2, length = 4 }, "xxxx")

-- Beyond the end nothing is zeroed and nothing grows.
f:ioctl { code = SET_ZERO_DATA, input = string.pack("<I8I8", 3 * MiB, 4 * MiB) }
expect.equal(f:query { class = "standard" }.size, MiB)
expect.equal(#ranges(2 * MiB, MiB), 0)
ranges(0, MiB, 8, "BUFFER_TOO_SMALL")
expect.equal(#ranges(0, MiB, 16, "BUFFER_OVERFLOW"), 1, "what fits")
ranges(-1, 5, 64, "INVALID_PARAMETER")

f:ioctl { code = SET_SPARSE, input = "\0" }
expect.equal(f:query { class = "basic" }.attributes & 0x200, 0)
