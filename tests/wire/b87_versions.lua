-- SPDX-License-Identifier: Apache-2.0
-- Previous versions: the list, and opens by context and by name, wherever in the name the version
-- stands. [MS-SMB2] 2.2.13.2.7, 2.2.32.2, 3.3.5.15.1
local text = require "text"
local s = smb.session()
local t = s:tree("versions", { expect = "any" })
if not t.tid then
	smb.skip("the server has no share with versions")
end
local OLD, NEW = "@GMT-2015.10.31-19.40.30", "@GMT-2020.02.29-00.00.00"
local OLD_TIME = (1446320430 + 11644473600) * 10000000
local function twrp(time) return { { "TWrp", string.pack("<I8", time) } } end

-- The list, newest first; a buffer that is too small gets the count and the room that is needed.
local f = t:create { name = "file.txt", access = "read" }
local list = text.utf16(NEW .. "\0" .. OLD .. "\0\0")
local function listed(max, returned)
	local r = f:ioctl { code = 0x144064, max_out = max }
	local count, got, size = string.unpack("<I4I4I4", r.output)
	expect.equal(count, 2, "versions")
	expect.equal(got, returned, "versions returned")
	expect.equal(size, #list, "room for the list")
	return r.output
end
expect.equal(listed(65536, 2):sub(13), list, "the list")
expect.equal(listed(12 + #list, 2):sub(13), list, "just enough room")
expect.equal(#listed(11 + #list, 0), 16, "no room")
expect.equal(#listed(16, 0), 16, "a question for the count")
f:ioctl { code = 0x144064, max_out = 15, expect = "INVALID_PARAMETER" }

-- By context, with any fraction of the second, and by name.
local function content(o, wanted)
	o.access = "read"
	local g = t:create(o)
	expect.equal(g:read { length = 100 }, wanted, o.name)
	g:close()
end
content({ name = "file.txt" }, "now")
content({ name = "file.txt", contexts = twrp(OLD_TIME) }, "first")
content({ name = "FILE.TXT", contexts = twrp(OLD_TIME + 9999999) }, "first")
content({ name = OLD .. "\\file.txt" }, "first")
content({ name = NEW .. "\\file.txt" }, "second")
content({ name = OLD .. "\\folder\\gone.txt" }, "was here")
content({ name = "folder\\" .. OLD .. "\\gone.txt" }, "was here")
content({ name = "folder\\gone.txt", contexts = twrp(OLD_TIME) }, "was here")
content({ name = NEW .. "\\file.txt", contexts = twrp(OLD_TIME) }, "first")
content({ name = "file.txt", contexts = twrp(0) }, "now")

-- The root, its listing, and what its files are called.
local root = t:create { name = "", access = "read", options = "directory", contexts = twrp(OLD_TIME) }
expect.equal(table.concat(root:names(), " "), ". .. file.txt folder", "the listing of then")
expect.equal(t:create({ name = OLD, access = "read", options = "directory" }):names()[3], "file.txt")
expect.equal(t:create({ name = "folder\\" .. OLD, access = "read", options = "directory" }):names()[3],
	"gone.txt", "the version's name at the end")
local gone = t:create { name = "folder\\gone.txt", access = "read", contexts = twrp(OLD_TIME) }
expect.equal(gone:query({ class = "all" }).name, "\\folder\\gone.txt", "the name of then")
expect.is(not table.concat(t:create({ name = "", access = "read", options = "directory" }):names(), " ")
	:find "snapshots", "the snapshots' folder is not shown")

-- A version is another file: nobody is in its way, and it is in nobody's.
local old = t:create { name = "file.txt", access = "read", share = "none", contexts = twrp(OLD_TIME) }
local live = t:create { name = "file.txt", access = "read write", share = "read" }
expect.is(old:query({ class = "internal" }).index ~= live:query({ class = "internal" }).index, "indexes")
