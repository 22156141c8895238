-- SPDX-License-Identifier: Apache-2.0
-- A handle can do what it was opened for and no more. [MS-SMB2] 3.3.5.12, 3.3.5.13, 3.3.5.21
local t = smb.tree()
local name = tmp "file"
t:put(name, "content")
local denied = "ACCESS_DENIED"

local f = t:create { name = name, access = "read" }
expect.equal(f:read { length = 7 }, "content", "reading")
f:write { data = "x", expect = denied }
f:flush { expect = denied }
f:set { class = "eof", size = 0, expect = denied }
f:set { class = "disposition", delete = true, expect = denied }
f:set { class = "basic", file_attributes = "hidden", expect = denied }
f:rename(tmp "other", { expect = denied })
f:close()

f = t:create { name = name, access = "write_data" }
f:read { length = 1, expect = denied }
f:query { class = "basic", expect = denied }
f:write { data = "C" }
f:close()

f = t:create { name = name, access = "read_attributes" }
f:read { length = 1, expect = denied }
f:write { data = "x", expect = denied }
expect.equal(f:query { class = "network_open" }.size, 7, "size")
f:close()

f = t:create { name = name, access = "execute" }
expect.equal(f:read { length = 7 }, "Content", "reading for execution")
f:close()

f = t:create { name = name, access = "maximum" }
expect.equal(f:query { class = "access" }.access & 0x10003, 0x10003, "all that is allowed")
f:close()
