-- SPDX-License-Identifier: Apache-2.0
-- Deleting: by option and by class, at the last close; a folder that is not empty stays.
-- [MS-FSA] 2.1.5.4, 2.1.5.15.3
local t = smb.tree()
local name = tmp "file"
t:put(name, "x")

local f = t:create { name = name, access = "read delete" }
local g = t:create { name = name, access = "read" }
f:set { class = "disposition", delete = true }
expect.equal(g:query { class = "standard" }.delete_pending, 1, "delete pending")
t:create { name = name, access = "read", expect = "DELETE_PENDING" }
f:close()
expect.equal(g:read { length = 1 }, "x", "it can still be read")
t:create { name = name, access = "read", expect = "DELETE_PENDING" }
g:close()
expect.equal(t:exists(name), false, "there after the last close")

-- Changing one's mind.
t:put(name, "x")
f = t:create { name = name, access = "read delete" }
f:set { class = "disposition", delete = true }
f:set { class = "disposition", delete = false }
f:close()
expect.is(t:exists(name), "there after all")
t:create { name = name, access = "delete", options = "delete_on_close" }:close()
expect.equal(t:exists(name), false, "there after delete on close")

local folder = tmp "folder"
t:mkdir(folder):close()
t:put(tmp "folder\\inside", "x")
f = t:create { name = folder, access = "delete", options = "directory" }
f:set { class = "disposition", delete = true, expect = "DIRECTORY_NOT_EMPTY" }
f:close()
t:remove(folder .. "\\inside")
t:remove(folder)
expect.equal(t:exists(folder), false, "the empty folder")
