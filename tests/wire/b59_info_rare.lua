-- SPDX-License-Identifier: Apache-2.0
-- Classes that few ask for, and those that are for local use. [MS-FSCC] 2.4, 2.5,
-- [MS-SMB2] 3.3.5.20.1, 3.3.5.21.1
local t = smb.tree()
local name, second = tmp "first", tmp "second"
t:put(name, "x")
local f = t:create { name = name, access = "read write delete" }
f:set { class = "link", input = string.pack("<I8I8s4", 0, 0, (second:gsub(".", "%0\0"))) }

-- every name of the file, as far as there is room
local whole = f:query { class = 46, info_type = 1 }.output
local needed, count = string.unpack("<I4I4", whole)
expect.equal(count, 2, "names")
local names, at = {}, 9
repeat
	local next, _, parent, n = string.unpack("<I4I4I8I4", whole, at)
	names[smb.text.utf8(whole:sub(at + 20, at + 19 + 2 * n))] = parent
	at = at + next
until next == 0
expect.is(names[name:match "[^\\]*$"] and names[second:match "[^\\]*$"], "both names are there")
local part = f:query { class = 46, info_type = 1, max_out = needed - 8, expect = "BUFFER_OVERFLOW" }
expect.equal(select(2, string.unpack("<I4I4", part.output)), 1, "names that fit")
part = f:query { class = 46, info_type = 1, max_out = 8, expect = "BUFFER_OVERFLOW" }
expect.equal(string.pack("<I4I4", needed, 0), part.output, "no room for a name")

local links = f:query { class = 54, info_type = 1 }.output
expect.equal(string.unpack("<I4", links), 2, "links")
local lx = f:query { class = 70, info_type = 1 }.output
expect.equal(#lx, 96, "size of FileStatLxInformation")
expect.equal(string.unpack("<I4", lx, 85) >> 12, 8, "a regular file")
expect.equal(f:query { class = 68, info_type = 1 }.output, lx:sub(1, 72), "the same without")

f:query { class = 71, info_type = 1, expect = "INVALID_PARAMETER" } -- folders only
local d = t:create { name = "", access = "read write", options = "directory" }
expect.equal(d:query { class = 71, info_type = 1 }.output, "\0\0\0\0", "case is not told apart")
d:set { class = 71, info_type = 1, input = "\0\0\0\0" }
d:set { class = 71, info_type = 1, input = "\1\0\0\0", expect = "NOT_SUPPORTED" }
d:set { class = 71, info_type = 1, input = "\2\0\0\0", expect = "INVALID_PARAMETER" }

for _, class in ipairs { 26, 27, 29, 31, 32, 33, 36, 44, 45 } do
	f:query { class = class, info_type = 1, expect = "NOT_SUPPORTED" }
end
for _, class in ipairs { 5, 6, 7, 8, 9, 17, 18, 21, 28, 34, 35, 46, 48, 54, 59, 68, 70 } do
	f:set { class = class, info_type = 1, input = ("\0"):rep(128), expect = "INVALID_INFO_CLASS" }
end
for _, class in ipairs { 10, 11, 13, 19, 20, 39, 40, 64, 65, 72 } do
	f:query { class = class, info_type = 1, expect = "INVALID_INFO_CLASS" }
end
f:set { class = 32, info_type = 1, input = ("\0"):rep(64), expect = "NOT_SUPPORTED" }
f:set { class = 39, info_type = 1, input = ("\0"):rep(8), expect = "PRIVILEGE_NOT_HELD" }
f:set { class = 40, info_type = 1, input = ("\0"):rep(8), expect = "PRIVILEGE_NOT_HELD" }
for class = 23, 25 do
	f:query { class = class, info_type = 1, expect = "INVALID_PARAMETER" }
end
f:set { class = 2, info_type = 2, input = ("\0"):rep(16), expect = "NOT_SUPPORTED" }
f:set { class = 6, info_type = 2, input = ("\0"):rep(48), expect = "VOLUME_NOT_UPGRADED" }
f:set { class = 8, info_type = 2, input = ("\0"):rep(64), expect = "NOT_SUPPORTED" }
f:set { class = 3, info_type = 2, input = ("\0"):rep(64), expect = "INVALID_INFO_CLASS" }
f:query { class = 2, info_type = 2, expect = "INVALID_INFO_CLASS" }
f:query { class = 9, info_type = 2, expect = "NOT_SUPPORTED" }
f:query { class = 10, info_type = 2, expect = "NOT_SUPPORTED" }
f:query { class = 0, info_type = 4, expect = "NOT_SUPPORTED" } -- quotas

-- The path as the folders spell it, however it was asked for; before 3.1.1 nobody asks.
t:mkdir(tmp "Folder"):close()
t:put(tmp "Folder" .. "\\File", "x")
f = t:create { name = (tmp "Folder"):lower() .. "\\FILE", access = "read" }
if t.conn.dialect == 0x0311 then
	expect.equal(f:query { class = "normalized_name" }.name, tmp "Folder" .. "\\File")
end
f:close()
t:remove(tmp "Folder" .. "\\File")
local old = smb.connect()
old:negotiate { dialects = { 0x0302 } }
f = old:session():tree("share"):create { name = second, access = "read" }
f:query { class = "normalized_name", expect = "NOT_SUPPORTED" }
f:close()
