-- SPDX-License-Identifier: Apache-2.0
-- CLOSE with and without attributes; closing twice; what was closed is gone. [MS-SMB2] 3.3.5.10
local t = smb.tree()
local name = tmp "file"
local f = t:create { name = name, disposition = "create", access = "read write" }
f:write { data = "12345" }
local r = f:close()
expect.equal(r.close_flags, 0, "flags")
expect.equal(r.created, 0, "no times unless asked for")
expect.equal(r.size, 0, "no size unless asked for")
f:close { expect = "FILE_CLOSED" }
f:read { length = 1, expect = "FILE_CLOSED" }
f:query { class = "basic", expect = "FILE_CLOSED" }

f = t:create { name = name, access = "read" }
local basic = f:query { class = "basic" }
r = f:close { close_flags = 1 }
expect.equal(r.close_flags, 1, "flags")
expect.equal(r.size, 5, "size")
expect.equal(r.created, basic.created, "time of creation")
expect.equal(r.written, basic.written, "time of the last write")
expect.equal(r.attributes, basic.attributes, "attributes")
