-- SPDX-License-Identifier: Apache-2.0
-- FileDispositionInformationEx: the name goes with the handle that asked, though others have the
-- file open, and these go on reading and writing. [MS-FSCC] 2.4.12
local t, u = smb.tree(), smb.tree()
local name = tmp "file"
local DELETE, POSIX, ON_CLOSE, IGNORE_READONLY = 1, 2, 8, 16

local function dispose(f, flags, expect)
	f:set { class = "disposition_ex", input = string.pack("<I4", flags), expect = expect }
end

t:put(name, "content")
local other = u:create { name = name, access = "read write" }
local f = t:create { name = name, access = "delete" }
dispose(f, 0x20, "INVALID_PARAMETER")
dispose(f, DELETE | ON_CLOSE, "NOT_SUPPORTED") -- it was not opened so
dispose(f, DELETE | POSIX)
t:create { name = name, access = "read", expect = "DELETE_PENDING" }
f:close()

t:create { name = name, access = "read", expect = "OBJECT_NAME_NOT_FOUND" }
expect.equal(other:read { length = 7 }, "content", "what the other handle reads")
other:write { data = "CONTENT" }
local s = other:query { class = "standard" }
expect.equal(s.links, 0, "links")
expect.equal(s.delete_pending, 1, "delete pending")

-- A new file of that name has nothing to do with the old one.
t:put(name, "new")
other:close()
expect.equal(t:get(name), "new")

-- Without POSIX the name stays until the last handle goes.
other = u:create { name = name, access = "read" }
f = t:create { name = name, access = "delete" }
dispose(f, DELETE)
f:close()
t:create { name = name, access = "read", expect = "DELETE_PENDING" }
other:close()
t:create { name = name, access = "read", expect = "OBJECT_NAME_NOT_FOUND" }

-- A read-only file goes only when that is asked for.
t:put(name, "precious")
f = t:create { name = name, access = "delete write_attributes" }
f:set { class = "basic", file_attributes = "readonly" }
dispose(f, DELETE | POSIX, "CANNOT_DELETE")
dispose(f, DELETE | POSIX | IGNORE_READONLY)
f:close()
t:create { name = name, access = "read", expect = "OBJECT_NAME_NOT_FOUND" }

-- Delete on close, taken back.
f = t:create { name = name, disposition = "create", access = "delete", options = "delete_on_close" }
dispose(f, ON_CLOSE)
f:close()
expect.equal(t:get(name), "")

-- A folder that is not empty stays.
t:mkdir(tmp "folder"):close()
t:put(tmp "folder" .. "\\x", "x")
f = t:create { name = tmp "folder", access = "delete", options = "directory" }
dispose(f, DELETE | POSIX, "DIRECTORY_NOT_EMPTY")
