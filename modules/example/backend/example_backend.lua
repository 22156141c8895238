-- SPDX-License-Identifier: Apache-2.0
-- The share has the files of smb3.conf; they are listed and read, and nothing is changed.
local t = smb.tree()
local root = t:create { name = "", access = "read", options = "directory" }
local names = root:names()
table.sort(names)
expect.equal(table.concat(names, " "), ". .. Motd.txt empty", "the listing")
root:close()

local f = t:create { name = "motd.TXT", access = "read" }
expect.equal(f.size, 8, "size")
expect.equal(f:read { length = 100 }, "Welcome!", "content")
expect.equal(f:read { offset = 3, length = 3 }, "com", "a part")
f:read { offset = 8, length = 1, expect = "END_OF_FILE" }
f:close()
expect.equal(t:get "empty", "", "an empty file")

t:create { name = "missing", access = "read", expect = "OBJECT_NAME_NOT_FOUND" }
t:create { name = "new", disposition = "create", access = "write", expect = "MEDIA_WRITE_PROTECTED|ACCESS_DENIED" }
t:create { name = "motd.txt", access = "write", expect = "MEDIA_WRITE_PROTECTED|ACCESS_DENIED" }
t:create { name = "motd.txt", access = "delete", options = "delete_on_close",
	expect = "MEDIA_WRITE_PROTECTED|ACCESS_DENIED|CANNOT_DELETE" }
t:create { name = "motd.txt\\x", access = "read", expect = "OBJECT_PATH_NOT_FOUND|OBJECT_NAME_NOT_FOUND" }
expect.alive(t.conn)
