-- SPDX-License-Identifier: Apache-2.0
-- Flags that a request cannot have, and a header size that is wrong. [MS-SMB2] 3.3.5.2
local function refused(what, o)
	local t = smb.tree()
	o.command, o.async = "echo", true
	local p = t:call(o)
	local ok, why = pcall(p.wait, p, { expect = "INVALID_PARAMETER" })
	expect.is(ok or why:find("closed", 1, true), what .. ": " .. tostring(why))
end

refused("header size 0", { header_size = 0 })
refused("header size 65", { header_size = 65 })
refused("marked as a response", { flags = "response" })
local t = smb.tree()
t:call { command = "echo", flags = 0x30 } -- a priority
expect.alive(t.conn)
