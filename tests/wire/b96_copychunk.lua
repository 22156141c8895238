-- SPDX-License-Identifier: Apache-2.0
-- Copies inside the server: several pieces, overlapping ones, across shares, and the limits.
-- [MS-SMB2] 3.3.5.15.6
local RESUME_KEY, COPYCHUNK = 0x140078, 0x1440F2
local s = smb.session()
local t = s:tree("share")
t:put(tmp "from", "0123456789")
local from = t:create { name = tmp "from", access = "read write" }
local to = t:create { name = tmp "to", disposition = "create", access = "read write delete" }
local key = from:ioctl { code = RESUME_KEY, max_out = 32 }.output:sub(1, 24)

local function copy(file, chunks, o)
	local input = string.pack("<c24I4I4", o and o.key or key, #chunks, 0)
	for _, c in ipairs(chunks) do
		input = input .. string.pack("<I8I8I4I4", c[1], c[2], c[3], 0)
	end
	local r = file:ioctl { code = COPYCHUNK, input = input, max_out = o and o.max_out or 12,
		expect = o and o.expect or "SUCCESS" }
	return r.output and #r.output == 12 and { string.unpack("<I4I4I4", r.output) } or r
end

local done = copy(to, { { 0, 5, 5 }, { 5, 0, 5 } })
expect.equal(done[1], 2, "chunks")
expect.equal(done[3], 10, "bytes")
expect.equal(to:read { length = 100 }, "5678901234")
copy(from, { { 0, 2, 6 } })
expect.equal(from:read { length = 100 }, "0101234589", "onto itself")

-- Beyond the source's end: nothing of that piece, and the pieces before it are told.
copy(to, { { 0, 0, 2 }, { 8, 0, 5 } }, { expect = "INVALID_VIEW_SIZE" })
expect.equal(to:read { length = 100 }, "0178901234")

for what, chunks in pairs {
	["a piece too large"] = { { 0, 0, 1048577 } },
	["an empty piece"] = { { 0, 0, 0 } },
} do
	local limits = copy(to, chunks, { expect = "INVALID_PARAMETER" })
	expect.equal(limits[1], 256, what .. ": pieces")
	expect.equal(limits[2], 1048576, what .. ": bytes of one")
	expect.equal(limits[3], 16777216, what .. ": bytes in all")
end
copy(to, { { -1, 0, 5 } }, { expect = "INVALID_PARAMETER" })
copy(to, { { 0, 0, 5 } }, { expect = "INVALID_PARAMETER", max_out = 11 })
copy(to, { { 0, 0, 5 } }, { expect = "OBJECT_NAME_NOT_FOUND", key = ("x"):rep(24) })

-- The source is closed: its key is worth nothing.
from:close()
copy(to, { { 0, 0, 5 } }, { expect = "OBJECT_NAME_NOT_FOUND" })
expect.equal(to:read { length = 100 }, "0178901234")

-- Who may only append does not copy over what is there; at the end it goes on.
t:put(tmp "log", "entries")
local log = t:create { name = tmp "log", access = "append read_data read_attributes" }
from = t:create { name = tmp "from", access = "read" }
key = from:ioctl { code = RESUME_KEY, max_out = 32 }.output:sub(1, 24)
copy(log, { { 0, 0, 2 } }, { expect = "ACCESS_DENIED" })
copy(log, { { 0, 6, 2 } }, { expect = "ACCESS_DENIED" })
copy(log, { { 0, 7, 2 } })
expect.equal(log:read { length = 100 }:sub(1, 7), "entries", "what was there stays")
log:close()
