-- SPDX-License-Identifier: Apache-2.0
-- What one connection renames or deletes, the others see at once. [MS-FSA] 2.1.5.15.11
local a, b = smb.tree(), smb.tree { dialects = { 0x0302 } }
local one, two = tmp "one", tmp "two"
a:put(one, "content")

local f = b:create { name = one, access = "read" }
local g = a:create { name = one, access = "read delete" }
g:rename(two)
expect.equal(b:exists(one), false, "the old name")
expect.is(b:exists(two), "the new name")
expect.equal(f:read { length = 7 }, "content", "through a handle from before")
expect.is(f:query { class = "all" }.name:find(two, 1, true), "that handle knows the new name")
f:close()

-- Not while somebody has it open without sharing deletion.
g:close()
f = b:create { name = two, access = "read", share = "read write" }
a:create { name = two, access = "delete", expect = "SHARING_VIOLATION" }
f:close()

g = a:create { name = two, access = "delete" }
g:set { class = "disposition", delete = true }
b:create { name = two, access = "read", expect = "DELETE_PENDING" }
g:close()
expect.equal(b:exists(two), false, "after the last close")
