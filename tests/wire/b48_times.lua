-- SPDX-License-Identifier: Apache-2.0
-- Times move forward by writing, and only those that should. [MS-FSA] 2.1.4.17
local t = smb.tree()
local name = tmp "file"
t:put(name, "x")
local f = t:create { name = name, access = "read write" }
local past = 132000000000000000
f:set { class = "basic", created = past, accessed = past, written = past }
f:close()

f = t:create { name = name, access = "read" }
f:read { length = 1 }
expect.equal(f:close { close_flags = 1 }.written, past, "time of writing after a read")

f = t:create { name = name, access = "read write" }
f:write { data = "y" }
f:flush()
local b = f:query { class = "basic" }
f:close()
expect.equal(b.created, past, "time of creation after a write")

b = t:create { name = name, access = "read" }:query { class = "basic" }
expect.is(b.written > past, "time of writing after a write")
expect.is(b.changed > past, "time of change after a write")
t:create { name = name, disposition = "overwrite", access = "write" }:close()
local o = t:create { name = name, access = "read" }
expect.equal(o.created, past, "time of creation after overwriting")
