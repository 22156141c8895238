-- SPDX-License-Identifier: Apache-2.0
-- Each cipher that the server has: everything works encrypted, and what was tampered with ends the
-- connection. [MS-SMB2] 3.3.5.2.1.1
local found = 0
local function play(o, cipher)
	local c = smb.connect()
	local n = c:negotiate(o)
	local has = n.dialect < 0x0311 and n.capabilities & 0x40 ~= 0 or
		n.contexts[2] == string.pack("<I2I2", 1, cipher)
	if not has then
		return
	end
	found = found + 1
	local s = c:session()
	s:set { seal = true }
	local t = s:tree(wire.share)
	local f = t:create { name = tmp "file", disposition = "open_if", access = "read write" }
	local data = ("0123456789abcdef"):rep(65536)
	f:write { data = data }
	local r = f:call { command = "read", length = #data }
	expect.is(r.sealed and r.data == data, "it comes back, encrypted")
	expect.equal(r.sig, "none", "no signature in an encrypted answer")
	r = f:call { command = "read", length = 10, seal = false, sign = true }
	expect.is(not r.sealed, "a clear request has a clear answer")
	f:close()

	local frame = c:encode { command = "echo", session = s }
	c:send_bytes(frame:sub(1, 60) .. string.char(frame:byte(61) ~ 1) .. frame:sub(62))
	expect.closed(c, "an encrypted message that was changed")
end

for name, id in pairs(smb.const.cipher) do
	play({ dialects = { 0x0311 }, ciphers = { name } }, id)
end
play({ dialects = { 0x0300 } }, 1)
play({ dialects = { 0x0302 } }, 1)
if found == 0 then
	smb.skip "the server does not encrypt"
end
