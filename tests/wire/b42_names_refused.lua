-- SPDX-License-Identifier: Apache-2.0
-- Names that cannot be: wildcards, control characters, broken UTF-16, ways out of the share.
-- [MS-FSCC] 2.1.5, [MS-SMB2] 2.2.13
local t = smb.tree()
local invalid = "OBJECT_NAME_INVALID|OBJECT_PATH_SYNTAX_BAD|INVALID_PARAMETER|" ..
	"OBJECT_NAME_NOT_FOUND|OBJECT_PATH_INVALID|ILLEGAL_CHARACTER"

local function refused(o, what)
	o.disposition, o.access, o.expect = "create", "read write", "any"
	local r = t:create(o)
	if r.fid then
		r:set { class = "disposition", delete = true, expect = "any" }
	end
	expect.is(r.fid == nil, what .. ": refused")
	expect.is(invalid:find(r.status, 1, true), what .. ": " .. r.status)
end

for _, char in ipairs { "*", "?", "\"", "<", ">", "|", "\1", "\31" } do
	refused({ name = "b42-a" .. char .. "b" }, ("character 0x%02x"):format(char:byte()))
end
refused({ raw_name = "a\0\x00\xd8b\0" }, "a high surrogate alone")
refused({ raw_name = "a\0\x00\xdcb\0" }, "a low surrogate alone")
refused({ raw_name = "\x00\xdc\x00\xd8" }, "surrogates the wrong way round")
refused({ raw_name = "a\0\0\0b\0" }, "a zero in the middle")

for _, name in ipairs { "..", "..\\out", "..\\..\\..\\etc\\passwd", "folder\\..\\..\\out", ".\\x",
	"a\\\\b", "a\\", "\\a", "/etc/passwd", "..\\ro\\keep.txt" } do
	t:create { name = name, access = "read", expect =
		invalid .. "|OBJECT_PATH_NOT_FOUND|ACCESS_DENIED" }
end
expect.alive(t.conn)
