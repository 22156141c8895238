-- SPDX-License-Identifier: Apache-2.0
-- Headers that are none. [MS-SMB2] 3.3.5.2
local function with(what, f)
	local t = smb.tree()
	f(t.conn, t)
	expect.closed(t.conn, what)
end

local good = "\xfeSMB" .. string.pack("<I2I2I4I2I2I4I4I8I8I8c16", 64, 0, 0, 13, 1, 0, 0, 5, 0,
	0, "")
local echo = string.pack("<I2I2", 4, 0)

with("another protocol", function(c) c:send_message("\xfeSMC" .. good:sub(5) .. echo) end)
with("SMB1 after the login", function(c) c:send_message("\xffSMB" .. ("\0"):rep(60)) end)
with("half a header", function(c) c:send_message(good:sub(1, 32)) end)
with("a header less a byte", function(c) c:send_message(good:sub(1, 63)) end)
with("three bytes", function(c) c:send_message("\xfeSM") end)
with("an encrypted message of nobody's", function(c)
	c:send_message("\xfdSMB" .. ("\x55"):rep(48) .. ("x"):rep(100))
end)
with("half a transform header", function(c) c:send_message("\xfdSMB" .. ("\x55"):rep(20)) end)
with("a compressed message that was not agreed", function(c)
	c:send_message("\xfcSMB" .. ("\0"):rep(60))
end)

-- A command that does not exist.
local t = smb.tree()
t:call { command = 0x13, body = echo, expect = "INVALID_PARAMETER|NOT_SUPPORTED" }
t:call { command = 0xFFFF, body = echo, expect = "INVALID_PARAMETER|NOT_SUPPORTED" }
expect.alive(t.conn)
