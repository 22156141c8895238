-- SPDX-License-Identifier: Apache-2.0
-- Create contexts: unknown ones are ignored, malformed ones refused. [MS-SMB2] 2.2.13.2, 3.3.5.9
local t = smb.tree()
local function open(contexts, status, patch)
	local f = t:create { name = "keep.txt", access = "read", contexts = contexts, patch = patch,
		expect = status }
	if f.fid then
		f:close()
	end
	return f
end

open({ { "Zzzz", "whatever" }, { "Yyyy", "" } }, "SUCCESS")
local f = open({ { "MxAc", "" }, { "QFid", "" } }, "SUCCESS")
expect.equal(#f.contexts.MxAc, 8, "answer to MxAc")
expect.equal(#f.contexts.QFid, 32, "answer to QFid")

-- A context by hand in place of the good one that starts at offset 72 of the body, after the name.
local function raw(next, tag_at, tag_n, data_at, data_n)
	local context = string.pack("<I4I2I2I2I2I4c4c4c8", next, tag_at, tag_n, 0, data_at, data_n,
		"Zzzz", "", "12345678")
	open({ { "Zzzz", "12345678" } }, "INVALID_PARAMETER", { [72] = context })
end
raw(0, 16, 4, 24, 0xFFFFFFF0) -- data beyond the end
raw(0, 16, 4, 24, 9)
raw(0, 16, 4, 0xFFF8, 8)
raw(0, 16, 0xFFFF, 24, 8) -- tag beyond the end
raw(0, 0xFFFF, 4, 24, 8)
raw(8, 16, 4, 24, 8) -- the next one inside this one
raw(0xFFFFFFF8, 16, 4, 24, 8)
raw(500, 16, 4, 24, 8)
raw(33, 16, 4, 24, 8)
raw(0, 16, 0, 24, 8) -- no tag
expect.equal(t:get("keep.txt"), "keep me\n", "content")
