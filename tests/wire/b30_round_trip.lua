-- SPDX-License-Identifier: Apache-2.0
-- What was written is read back, and CLOSE tells what the file is like. [MS-SMB2] 3.3.5.9-3.3.5.13
local t = smb.tree()
local name = tmp "hello.txt"
local f = t:create { name = name, disposition = "create", access = "read write" }
expect.equal(f.action, "created", "action")
expect.equal(f.size, 0, "size")

expect.equal(f:write { data = "hello, world" }, 12, "bytes written")
expect.equal(f:read { length = 100 }, "hello, world", "all of it")
expect.equal(f:read { offset = 7, length = 5 }, "world", "a part")

f:write { data = "W", offset = 7 }
expect.equal(f:read { offset = 5, length = 4 }, ", Wo", "written in the middle")

local last = f:close { close_flags = 1 }
expect.equal(last.close_flags, 1, "flags of CLOSE")
expect.equal(last.size, 12, "size at close")
expect.equal(t:get(name), "hello, World", "content after a new open")
