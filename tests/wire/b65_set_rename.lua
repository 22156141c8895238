-- SPDX-License-Identifier: Apache-2.0
-- Renaming: to a new name, over an existing file, into another folder, while others have it open.
-- [MS-FSA] 2.1.5.15.11
local t = smb.tree()
local a, b = tmp "a", tmp "b"
t:put(a, "content of a")
t:put(b, "content of b")

local f = t:create { name = a, access = "read delete" }
f:rename(b, { expect = "OBJECT_NAME_COLLISION" })
f:rename(b, { replace = true })
expect.equal(t:exists(a), false, "the old name")
expect.equal(f:read { length = 100 }, "content of a", "through the open handle")
expect.is(f:query { class = "all" }.name:find(b, 1, true), "the handle knows the new name")
f:close()
expect.equal(t:get(b), "content of a", "content under the new name")

local folder = tmp "folder"
t:mkdir(folder):close()
f = t:create { name = b, access = "read delete" }
f:rename(tmp "folder\\inside")
f:rename(tmp "nowhere\\inside", { expect = "OBJECT_PATH_NOT_FOUND" })
f:rename(folder, { expect = "OBJECT_NAME_COLLISION" })
f:rename(folder, { replace = true, 
	expect = "ACCESS_DENIED|OBJECT_NAME_COLLISION|DIRECTORY_NOT_EMPTY" })
f:close()
expect.equal(t:get(folder .. "\\inside"), "content of a", "content in the folder")

-- A folder with an open file in it stays where it is.
f = t:create { name = folder .. "\\inside", access = "read" }
local d = t:create { name = folder, options = "directory", access = "read delete" }
d:rename(tmp "moved", { expect = "ACCESS_DENIED|SHARING_VIOLATION" })
f:close()
d:rename(tmp "moved")
d:close()
expect.equal(t:get(tmp "moved\\inside"), "content of a", "content in the moved folder")

f = t:create { name = tmp "moved\\inside", access = "read delete" }
f:rename("..\\out", {
	expect = "OBJECT_NAME_INVALID|OBJECT_PATH_SYNTAX_BAD|INVALID_PARAMETER|OBJECT_PATH_NOT_FOUND" })
f:rename("wild*", { expect = "OBJECT_NAME_INVALID" })
f:set { class = "rename", input = string.pack("<I8I8I4c4", 0, 0, 5000, "x\0y\0"),
	expect = "INVALID_PARAMETER|INFO_LENGTH_MISMATCH" } -- a length that lies
