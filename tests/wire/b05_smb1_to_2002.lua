-- SPDX-License-Identifier: Apache-2.0
-- An old client's SMB1 NEGOTIATE that offers "SMB 2.002" alone is answered in SMB2, and the session
-- goes on from message id 1. [MS-SMB2] 3.3.5.3.2
local function smb1_negotiate(...)
	local body = ""
	for _, name in ipairs { ... } do
		body = body .. "\2" .. name .. "\0"
	end
	return "\xffSMB\x72" .. string.pack("<I4I1I2I2I8I2I2I2I2I2", 0, 0x18, 0xC853, 0, 0, 0, 0xFFFF,
		0xFEFF, 0, 0) .. string.pack("<I1s2", 0, body)
end

local c = smb.connect()
c:send_message(smb1_negotiate("NT LM 0.12", "SMB 2.002"))
local r = c:stray { expect = "SUCCESS" }
expect.equal(r.command, 0, "command of the answer")
expect.equal(r.dialect, 0x0202, "dialect")
expect.equal(r.mid, 0, "message id")
expect.is(r.credits >= 1, "a credit is granted")

c.raw_conn:negotiated(r)
c:set { next_mid = 1 }
local t = c:session():tree(wire.share)
expect.is(t:exists("keep.txt"), "a file of the share")
