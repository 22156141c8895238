-- SPDX-License-Identifier: Apache-2.0
-- Logging in with every dialect, in SPNEGO and with bare NTLMSSP; the end of the login is signed.
-- [MS-SMB2] 3.3.5.5
for _, dialect in ipairs { 0x0202, 0x0210, 0x0300, 0x0302, 0x0311 } do
	for _, raw in ipairs { false, true } do
		local c = smb.connect()
		c:negotiate { dialects = { dialect } }
		local s = c:session { raw = raw }
		expect.is(s.id ~= 0, "there is a session id")
		expect.equal(s.flags & 3, 0, "neither guest nor null session")
		if dialect >= 0x0300 then
			expect.equal(s.sig, "good", ("signature of %04x"):format(dialect))
		end
		if not raw then
			expect.equal(s.list_mic, "good", "mechListMIC")
		end
		expect.alive(c)
	end
end

-- Names are compared without case; two sessions on one connection are two.
local c = smb.connect()
c:negotiate()
local a, b = c:session { user = wire.user:upper() }, c:session { user = wire.user2,
	password = wire.password2 }
expect.is(a.id ~= b.id, "session ids differ")
