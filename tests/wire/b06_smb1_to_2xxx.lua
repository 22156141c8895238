-- SPDX-License-Identifier: Apache-2.0
-- "SMB 2.???" is answered with dialect 0x02FF; then an SMB2 NEGOTIATE follows. [MS-SMB2] 3.3.5.3.1
local dialects = "\2PC NETWORK PROGRAM 1.0\0\2NT LM 0.12\0\2SMB 2.002\0\2SMB 2.???\0"
local header = "\xffSMB\x72" .. string.pack("<I4I1I2I2I8I2I2I2I2I2", 0, 0x18, 0xC853, 0, 0, 0,
	0xFFFF, 0xFEFF, 0, 0)

for _, dialect in ipairs { 0x0210, 0x0311 } do
	local c = smb.connect()
	c:send_message(header .. string.pack("<I1s2", 0, dialects))
	local r = c:stray { expect = "SUCCESS" }
	expect.equal(r.dialect, 0x02FF, "dialect of the first answer")
	expect.equal(r.mid, 0, "its message id")

	c:set { next_mid = 1 }
	expect.equal(c:negotiate { dialects = { dialect } }.dialect, dialect, "dialect of the second")
	local t = c:session():tree(wire.share)
	expect.is(t:exists("keep.txt"), "a file of the share")
end
