-- SPDX-License-Identifier: Apache-2.0
-- FLUSH of a file and of a folder; the marks for macOS do no harm. [MS-SMB2] 3.3.5.11
local t = smb.tree()
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
f:write { data = "content" }
f:flush()
f:write { data = "more", offset = 7, io_flags = 1 } -- write through
f:flush { patch = { [2] = "\xff\xff" } } -- Reserved1: to the medium
f:flush { fid = ("\1"):rep(16), expect = "FILE_CLOSED" }
expect.equal(f:read { length = 20 }, "contentmore", "content")
f:close()
f:flush { expect = "FILE_CLOSED" }
