-- SPDX-License-Identifier: Apache-2.0
-- Reading at, over and beyond the end; nothing; too much; less than the minimum. [MS-SMB2] 3.3.5.12
local t = smb.tree()
local name = tmp "file"
t:put(name, "0123456789")
local f = t:create { name = name, access = "read" }

expect.equal(f:read { offset = 5, length = 100 }, "56789", "over the end")
expect.equal(f:read { offset = 9, length = 1 }, "9", "the last byte")
f:read { offset = 10, length = 1, expect = "END_OF_FILE" }
f:read { offset = 1 << 40, length = 100, expect = "END_OF_FILE" }
expect.equal(f:read { offset = 0, length = 0 }, "", "nothing")
f:read { offset = 5, length = 10, minimum = 6, expect = "END_OF_FILE" }
expect.equal(f:read { offset = 5, length = 10, minimum = 5 }, "56789", "just the minimum")

local max = t.conn:info().max_read
f:read { length = max + 1, expect = "INVALID_PARAMETER" }
expect.equal(f:read { length = max }, "0123456789", "the largest read")
f:read { offset = -1, length = 1, expect = "INVALID_PARAMETER|END_OF_FILE" }
f:read { offset = -16, length = 64, expect = "INVALID_PARAMETER|END_OF_FILE" }
f:close()

local d = t:create { name = "", options = "directory", access = "read" }
d:read { length = 1, expect = "INVALID_DEVICE_REQUEST" }
d:close()
