-- SPDX-License-Identifier: Apache-2.0
-- SMB1 itself is refused: the connection ends, or the answer says that no dialect fits; the server
-- goes on. [MS-SMB2] 3.3.5.3, [MS-CIFS] 2.2.4.52.2
local header = "\xffSMB\x72" .. string.pack("<I4I1I2I2I8I2I2I2I2I2", 0, 0x18, 0xC853, 0, 0, 0,
	0xFFFF, 0xFEFF, 0, 0)

local function ended(c, what)
	local closed, why = c.raw_conn:closed(wire.patience)
	expect.is(closed or why == "malformed answer", what .. ": refused (" .. why .. ")")
end

local c = smb.connect()
c:send_message(header .. string.pack("<I1s2", 0, "\2NT LM 0.12\0"))
ended(c, "NT LM 0.12 alone")

-- counts and strings that lie
for what, body in pairs {
	["a byte count beyond the message"] = string.pack("<I1I2", 0, 5000) .. "\2SMB 2.002\0",
	["a dialect without its end"] = string.pack("<I1s2", 0, "\2SMB 2.002"),
	["no dialects"] = string.pack("<I1s2", 0, ""),
	["words where none belong"] = string.pack("<I1s2", 200, "\2NT LM 0.12\0"),
	["a header alone"] = "",
} do
	c = smb.connect()
	c:send_message(header .. body)
	ended(c, what)
end
smb.session()
