-- SPDX-License-Identifier: Apache-2.0
-- The pipe answers each message in upper case, at once or to who waits already.
local t = smb.session():tree "IPC$"
local p = t:create { name = "example_pipe", access = "read write" }

expect.equal(p:write { data = "hello" }, 5, "bytes written")
expect.equal(p:read { length = 100 }, "HELLO", "the answer")
expect.equal(p:ioctl { code = "pipe_transceive", input = "at once", max_out = 100 }.output, "AT ONCE")

local waiting = p:call { command = "read", length = 100, async = true }
p:write { data = "later" }
expect.equal(waiting:wait().data, "LATER", "who waited gets it")

waiting = p:call { command = "read", length = 100, async = true }
waiting:interim()
waiting:cancel()
waiting:wait { expect = "CANCELLED" }

p:write { data = "in two parts" }
expect.equal(p:call { command = "read", length = 6, expect = "BUFFER_OVERFLOW" }.data, "IN TWO", "first")
expect.equal(p:read { length = 100 }, " PARTS", "second")
p:write { data = "one" }
p:write { data = "two", expect = "0xC00000AE" }
expect.equal(p:read { length = 100 }, "ONE", "the first one is still there")
p:write { data = ("x"):rep(4097), expect = "INVALID_PARAMETER" }

waiting = p:call { command = "read", length = 100, async = true }
waiting:interim()
p:close()
waiting:wait { expect = "any" }
expect.alive(t.conn)
