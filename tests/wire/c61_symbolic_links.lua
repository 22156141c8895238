-- SPDX-License-Identifier: Apache-2.0
-- Symbolic links: those that stay inside the share are the file system's and are followed; of all
-- others the client is told where they lead. [MS-SMB2] 2.2.2.2.1, [MS-FSCC] 2.1.2.4
local text = require "text"
local GET, SET, DELETE = 0x900A8, 0x900A4, 0x900AC
local SYMLINK = 0xA000000C
local t = smb.tree()
local function data(target, flags)
	local name = text.utf16(target)
	return string.pack("<I2I2I2I2I4", 0, #name, #name, #name, flags or 1) .. name .. name
end
local function point(body) return string.pack("<I4I2I2", SYMLINK, #body, 0) .. body end
local function link(name, target, o)
	local f = t:create { name = tmp(name), access = "write delete read_attributes",
		options = "reparse_point" .. (o and o.options or ""), disposition = "create" }
	f:ioctl { code = SET, input = o and o.input or point(data(target, o and o.flags)),
		expect = o and o.expect or "SUCCESS" }
	f:close()
end
-- What CREATE answers: the target, and how much of the path is left.
local function stopped(name)
	local r = t:create { name = name, access = "read", expect = "STOPPED_ON_SYMLINK" }
	local count, size = string.unpack("<I1xI4", r.body, 3)
	local at = count == 1 and 17 or 9
	expect.equal(size, #r.body - 8, "ByteCount")
	local len, magic, tag, all, unparsed, from, n, _, _, flags =
		string.unpack("<I4I4I4I2I2I2I2I2I2I4", r.body, at)
	expect.equal(magic, 0x4C4D5953)
	expect.equal(tag, SYMLINK)
	expect.equal(len, #r.body - at + 1 - 4, "SymLinkLength")
	expect.equal(all, len - 12, "ReparseDataLength")
	return text.utf8(r.body:sub(at + 28 + from, at + 27 + from + n)), unparsed // 2, flags
end

local folder = tmp "d"
t:create { name = folder, access = "read", options = "directory", disposition = "create" }:close()
t:put(folder .. "\\file", "inside")
local leaf = folder:match "[^\\]+$"

-- Inside, and there: followed, as a file and on the way.
link("there", leaf .. "\\file")
expect.equal(t:get(tmp "there"), "inside", "followed")
link("way", leaf, { options = " directory" })
expect.equal(t:get(tmp "way" .. "\\file"), "inside", "followed on the way")
local f = t:create { name = tmp "there", access = "read_attributes", options = "reparse_point" }
local r = f:ioctl { code = GET, max_out = 1024 }
expect.equal(r.output, point(data(leaf .. "\\file")), "as it was set")
expect.equal(f:query { class = "attribute_tag" }.output, string.pack("<I4I4", 0x400, SYMLINK))
f:ioctl { code = SET, input = point(data "x"), expect = "ACCESS_DENIED" }
f:close()

-- Leads nowhere.
link("nowhere", "missing")
local to, left, flags = stopped(tmp "nowhere")
expect.equal(to, "missing")
expect.equal(left, 0)
expect.equal(flags, 1, "relative")
_, left = stopped(tmp "nowhere" .. "\\a\\b")
expect.equal(left, #"\\a\\b", "what is left of the path")

-- Out of the share, or for the client alone to understand: told, never followed.
local count = 0
for what, o in pairs {
	["..\\..\\..\\..\\..\\etc"] = 1, ["\\??\\C:\\Windows"] = 0, ["/etc/passwd"] = 0,
	["\\??\\UNC\\server\\share"] = 0, ["a\\..\\..\\..\\..\\..\\..\\x"] = 1, ["/etc"] = 1,
} do
	count = count + 1
	local name = "out" .. count
	link(name, what, { flags = o })
	to, left, flags = stopped(tmp(name))
	expect.equal(to, what)
	expect.equal(left, 0)
	expect.equal(flags, o)
	stopped(tmp(name) .. "\\file")
end

-- Data that lies.
for i, body in ipairs { "", ("\0"):rep(11), data("") , string.pack("<I2I2I2I2I4", 0, 100, 0, 0, 1) .. "ab",
	string.pack("<I2I2I2I2I4", 65535, 2, 0, 0, 1) .. "ab",
	string.pack("<I2I2I2I2I4", 0, 2, 1, 2, 1) .. "ab", string.pack("<I2I2I2I2I4", 0, 1, 0, 0, 1) .. "ab" } do
	link("bad" .. i, nil, { input = point(body),
		expect = "IO_REPARSE_DATA_INVALID" })
end

-- No longer a link.
f = t:create { name = tmp "there", access = "write", options = "reparse_point" }
f:ioctl { code = DELETE, input = string.pack("<I4I2I2", SYMLINK, 0, 0) }
f:close()
expect.equal(t:get(tmp "there"), "", "an empty file")
expect.equal(t:get(folder .. "\\file"), "inside", "what it led to is untouched")
