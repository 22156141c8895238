-- SPDX-License-Identifier: Apache-2.0
-- Reparse points that the server does not understand are kept as they came, and nothing but a client
-- that asks for them opens them. [MS-FSCC] 2.1.2, [MS-FSA] 2.1.5.10.37
local GET, SET, DELETE = 0x900A8, 0x900A4, 0x900AC
local NFS, LX_FIFO, FOREIGN = 0x80000014, 0x80000024, 0x00001234
local t = smb.tree()
local function point(tag, data, o)
	return string.pack("<I4I2I2", tag, o and o.len or #data, 0) .. (o and o.guid or "") .. data
end
local function open(name, access, o)
	return t:create { name = tmp(name), access = access or "read write delete",
		options = "reparse_point", disposition = o and o.disposition or "open_if" }
end

local f = open "fifo"
f:ioctl { code = GET, max_out = 1024, expect = "NOT_A_REPARSE_POINT" }
local fifo = point(NFS, "\x46\x49\x46\x4F\0\0\0\0")
f:ioctl { code = SET, input = fifo }
expect.equal(f:ioctl { code = GET, max_out = 1024 }.output, fifo, "as it was set")
expect.equal(f:ioctl { code = GET, max_out = 12, expect = "BUFFER_OVERFLOW" }.output, fifo:sub(1, 12))
f:ioctl { code = GET, max_out = 7, expect = "BUFFER_TOO_SMALL" }
local at = f:query { class = "attribute_tag" }.output
expect.equal(string.unpack("<I4", at) & 0x400, 0x400, "REPARSE_POINT")
expect.equal(string.unpack("<I4", at, 5), NFS, "the tag")
f:close()

-- Nobody opens it by accident, but listings show it.
t:create { name = tmp "fifo", access = "read", expect = "IO_REPARSE_TAG_NOT_HANDLED" }
t:create { name = tmp "fifo", access = "read_attributes", expect = "IO_REPARSE_TAG_NOT_HANDLED" }
local r = open("fifo", "read")
r:ioctl { code = SET, input = fifo, expect = "ACCESS_DENIED" }
r:ioctl { code = DELETE, input = point(NFS, ""), expect = "ACCESS_DENIED" }
r:close()

-- Another tag, and buffers that lie.
f = open "fifo"
f:ioctl { code = SET, input = point(LX_FIFO, ""), expect = "IO_REPARSE_TAG_MISMATCH" }
for what, input in pairs {
	["cut off"] = fifo:sub(1, 7), ["a length too large"] = point(NFS, "abc", { len = 4 }),
	["a length too small"] = point(NFS, "abc", { len = 2 }),
	["too much"] = point(NFS, ("x"):rep(16384)), ["no GUID"] = point(FOREIGN, "abc"),
	["nothing"] = "",
} do
	local p = f:ioctl { code = SET, input = input, expect = "IO_REPARSE_DATA_INVALID" }
	expect.equal(p.status, "IO_REPARSE_DATA_INVALID", what)
end
f:ioctl { code = SET, input = point(0x80000000 & 0, "", { guid = ("g"):rep(16) }),
	expect = "IO_REPARSE_TAG_INVALID" }
f:ioctl { code = DELETE, input = point(NFS, "x"), expect = "IO_REPARSE_DATA_INVALID" }
f:ioctl { code = DELETE, input = point(LX_FIFO, ""), expect = "IO_REPARSE_TAG_MISMATCH" }
expect.equal(f:ioctl { code = GET, max_out = 1024 }.output, fifo, "still there")
f:ioctl { code = DELETE, input = point(NFS, "") }
f:ioctl { code = DELETE, input = point(NFS, ""), expect = "NOT_A_REPARSE_POINT" }
f:close()
t:create { name = tmp "fifo", access = "read" }:close()

-- Tags that are not Microsoft's have a GUID, and it must be the same.
f = open "foreign"
local mine, other = { guid = ("m"):rep(16) }, { guid = ("o"):rep(16) }
f:ioctl { code = SET, input = point(FOREIGN, "data", mine) }
f:ioctl { code = SET, input = point(FOREIGN, "data", other), expect = "REPARSE_ATTRIBUTE_CONFLICT" }
f:ioctl { code = DELETE, input = point(FOREIGN, "", other), expect = "REPARSE_ATTRIBUTE_CONFLICT" }
f:ioctl { code = DELETE, input = point(FOREIGN, "", mine) }

-- Folders: only empty ones; mount points only there.
f:ioctl { code = SET, input = point(0xA0000003, ("\0"):rep(8)), expect = "NOT_A_DIRECTORY" }
local dir = t:create { name = tmp "dir", access = "read write", disposition = "create",
	options = "directory reparse_point" }
t:put(tmp "dir" .. "\\x", "x")
dir:ioctl { code = SET, input = point(0xA0000003, ("\0"):rep(8)), expect = "DIRECTORY_NOT_EMPTY" }
t:remove(tmp "dir" .. "\\x")
dir:ioctl { code = SET, input = point(0xA0000003, ("\0"):rep(8)) }
dir:close()
t:create { name = tmp "dir", access = "read", expect = "IO_REPARSE_TAG_NOT_HANDLED" }
