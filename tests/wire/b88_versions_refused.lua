-- SPDX-License-Identifier: Apache-2.0
-- Previous versions that there are not, contexts with bad fields, and that nothing in a version can be
-- changed. [MS-SMB2] 2.2.13.2.7, [MS-FSA] 2.1.5.1
local s = smb.session()
local t = s:tree("versions", { expect = "any" })
if not t.tid then
	smb.skip("the server has no share with versions")
end
local OLD = "@GMT-2015.10.31-19.40.30"
local function twrp(data) return { { "TWrp", data } } end
local function refused(expected, o)
	o.access, o.expect = o.access or "read", expected
	t:create(o)
end

-- times without a version, and times that none can have
for _, time in ipairs { 1, 132000000000000000, 0x7FFFFFFFFFFFFFFF, -1 } do
	refused("OBJECT_NAME_NOT_FOUND", { name = "file.txt", contexts = twrp(string.pack("<i8", time)) })
	refused("OBJECT_NAME_NOT_FOUND", { name = "folder\\x", contexts = twrp(string.pack("<i8", time)) })
end
for _, data in ipairs { "", "1234567", "123456789", ("\0"):rep(16) } do
	refused("INVALID_PARAMETER", { name = "file.txt", contexts = twrp(data) })
end
-- names that are almost a version's are names
for _, name in ipairs { "@GMT-2016.01.01-00.00.00", "@GMT-2015.10.31-19.40.3", "@GMT-2015.13.31-19.40.30",
	"@gmt-2015.10.31-19.40.30" } do
	refused("OBJECT_NAME_NOT_FOUND", { name = name })
	refused("OBJECT_NAME_NOT_FOUND|OBJECT_PATH_NOT_FOUND", { name = name .. "\\file.txt" })
end
refused("OBJECT_NAME_NOT_FOUND", { name = OLD .. "\\none" })
refused("OBJECT_PATH_NOT_FOUND", { name = OLD .. "\\none\\x" })
refused("OBJECT_PATH_NOT_FOUND", { name = OLD .. "\\@GMT-2020.02.29-00.00.00\\file.txt" })
-- two dots take away what stands before them, the version too, and lead nowhere else
refused("OBJECT_PATH_SYNTAX_BAD", { name = OLD .. "\\..\\.." })
refused("OBJECT_NAME_NOT_FOUND", { name = ".snapshots" })
refused("OBJECT_PATH_NOT_FOUND", { name = ".snapshots\\" .. OLD .. "\\x" })

-- making and replacing
for _, disposition in ipairs { "create", "open_if", "overwrite_if", "supersede" } do
	refused("MEDIA_WRITE_PROTECTED", { name = OLD .. "\\new", disposition = disposition, access = "read write" })
end
for _, disposition in ipairs { "overwrite", "overwrite_if", "supersede" } do
	refused("MEDIA_WRITE_PROTECTED|ACCESS_DENIED", { name = OLD .. "\\file.txt", disposition = disposition })
end
refused("MEDIA_WRITE_PROTECTED", { name = OLD .. "\\new", disposition = "create", options = "directory" })
-- deleting and renaming begin with this
refused("MEDIA_WRITE_PROTECTED", { name = OLD .. "\\file.txt", access = "read delete" })
refused("MEDIA_WRITE_PROTECTED", { name = OLD .. "\\file.txt", access = "delete", options = "delete_on_close" })

-- Who may write the live file may open a version so, and then not write.
local f = t:create { name = OLD .. "\\file.txt", access = "read write" }
f:write { data = "x", expect = "MEDIA_WRITE_PROTECTED" }
f:set { class = "eof", size = 0, expect = "MEDIA_WRITE_PROTECTED" }
f:flush { expect = "MEDIA_WRITE_PROTECTED" }
expect.equal(f:read { length = 100 }, "first", "still as it was")

-- into a version
local live = t:create { name = "live" .. os.time(), disposition = "create", access = "read write delete",
	options = "delete_on_close" }
live:rename(OLD .. "\\x", { expect = "MEDIA_WRITE_PROTECTED|ACCESS_DENIED" })
live:rename("@GMT-2016.01.01-00.00.00", { expect = "MEDIA_WRITE_PROTECTED" })
live:rename(".snapshots\\x", { expect = "OBJECT_PATH_NOT_FOUND" })
