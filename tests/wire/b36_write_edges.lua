-- SPDX-License-Identifier: Apache-2.0
-- Writing nothing, beyond the end, at the end whatever it is, too much, with lengths that lie.
-- [MS-SMB2] 3.3.5.13
local t = smb.tree()
local name = tmp "file"
local f = t:create { name = name, disposition = "create", access = "read write" }

expect.equal(f:write { data = "" }, 0, "nothing")
expect.equal(f:write { data = "end", offset = 100000 }, 3, "beyond the end")
expect.equal(f:read { offset = 99998, length = 10 }, "\0\0end", "zeros between")
expect.equal(f:query { class = "standard" }.size, 100003, "size")

local big = ("0123456789abcdef"):rep(t.conn:info().max_write // 16)
expect.equal(f:write { data = big }, #big, "the largest write")
expect.equal(f:read { offset = #big - 16, length = 16 }, "0123456789abcdef", "its end")
f:write { data = big .. "x", expect = "INVALID_PARAMETER" }

-- DataOffset and Length
f:write { data = "abc", patch = { [2] = "\xff\xff" }, expect = "INVALID_PARAMETER" }
f:write { data = "abc", patch = { [4] = "\x04\0\0\0" }, expect = "INVALID_PARAMETER" }
f:write { data = "abc", patch = { [4] = "\xff\xff\xff\xff" }, expect = "INVALID_PARAMETER" }
f:write { data = "abc", patch = { [2] = "\x08\0" }, expect = "INVALID_PARAMETER" }
expect.equal(f:read { length = 3 }, "012", "untouched")
f:close()

f = t:create { name = "", options = "directory", access = "maximum" }
f:write { data = "x", expect = "INVALID_DEVICE_REQUEST|ACCESS_DENIED" }
