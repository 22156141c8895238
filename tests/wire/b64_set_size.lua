-- SPDX-License-Identifier: Apache-2.0
-- End of file and allocation: shorter, longer, negative. [MS-FSCC] 2.4.14, 2.4.4
local t = smb.tree()
local name = tmp "file"
t:put(name, "0123456789")
local f = t:create { name = name, access = "read write" }

f:set { class = "eof", size = 4 }
expect.equal(f:read { length = 100 }, "0123", "cut")
f:set { class = "eof", size = 8 }
expect.equal(f:read { length = 100 }, "0123\0\0\0\0", "made longer by zeros")
f:set { class = "allocation", size = 1048576 }
expect.equal(f:query { class = "standard" }.size, 8, "room does not change the size")
f:set { class = "allocation", size = 0 }
expect.equal(f:query { class = "standard" }.size, 0, "no room, no content")

f:set { class = "eof", size = 5 << 32 }
expect.equal(f:query { class = "standard" }.size, 5 << 32, "20 GiB of nothing")
f:set { class = "eof", size = 0 }
f:set { class = "eof", size = -1, expect = "INVALID_PARAMETER" }
f:set { class = "eof", input = "1234567", expect = "INFO_LENGTH_MISMATCH|INVALID_PARAMETER" }
f:set { class = "position", position = 3 }
expect.equal(f:query { class = "position" }.position, 3, "the position is kept")
f:close()
