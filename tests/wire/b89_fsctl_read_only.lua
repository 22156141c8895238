-- SPDX-License-Identifier: Apache-2.0
-- Every control code that changes something wants the right to change it; a handle that may only read
-- has none, and a read-only share gives none. [MS-FSA] 2.1.5.10
local COPY = string.pack("<c24I4I4I8I8I4I4", ("\0"):rep(24), 1, 0, 0, 0, 3, 0)
local zeros = ("\0"):rep(600)
local changes = {
	SET_SPARSE = { 0x900C4, "\1" }, SET_ZERO_DATA = { 0x980C8, string.pack("<I8I8", 0, 5) },
	SET_COMPRESSION = { 0x9C040, "\1\0" }, SET_OBJECT_ID = { 0x90098, zeros:sub(1, 64) },
	SET_OBJECT_ID_EXTENDED = { 0x900BC, zeros:sub(1, 48) }, DELETE_OBJECT_ID = { 0x900A0, "" },
	SET_REPARSE_POINT = { 0x900A4, string.pack("<I4I2I2", 0x80000014, 0, 0) },
	DELETE_REPARSE_POINT = { 0x900AC, string.pack("<I4I2I2", 0x80000014, 0, 0) },
	FILE_LEVEL_TRIM = { 0x98208, string.pack("<I4I4I8I8", 0, 1, 0, 4096) },
	OFFLOAD_WRITE = { 0x98268, zeros:sub(1, 544) }, DUPLICATE_EXTENTS = { 0x98344, zeros:sub(1, 40) },
	DUPLICATE_EXTENTS_EX = { 0x983E8, zeros:sub(1, 56) },
	SET_INTEGRITY = { 0x9C280, zeros:sub(1, 8) }, SET_INTEGRITY_EX = { 0x90380, zeros:sub(1, 16) },
}
local function refused(f, where)
	local key = f:ioctl { code = 0x140078, max_out = 32 }.output:sub(1, 24)
	for what, c in pairs(changes) do
		local r = f:ioctl { code = c[1], input = c[2], max_out = 1024, expect = "ACCESS_DENIED" }
		expect.equal(r.status, "ACCESS_DENIED", what .. " " .. where)
	end
	for _, code in ipairs { 0x1440F2, 0x1480F2 } do
		f:ioctl { code = code, input = key .. COPY:sub(25), max_out = 12, expect = "ACCESS_DENIED" }
	end
end

local t = smb.tree()
refused(t:create { name = "keep.txt", access = "read" }, "without the right")
refused(smb.session():tree("ro"):create { name = "keep.txt", access = "read" }, "on a read-only share")
refused(smb.session():tree("ro"):create { name = "keep.txt", access = "maximum" }, "with all that there is")
expect.equal(t:get "keep.txt", "keep me\n")
