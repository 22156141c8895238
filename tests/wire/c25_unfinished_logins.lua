-- SPDX-License-Identifier: Apache-2.0
-- Logins that are begun and never ended, and many that fail, do not keep others out.
-- [MS-SMB2] 3.3.5.5.1, 3.3.7.1
local negotiate = "NTLMSSP\0" .. string.pack("<I4I4I8I8I8", 1, 0xE2888235, 0, 0, 0)
local c = smb.connect()
c:negotiate()
for _ = 1, 300 do
	local r = c:call { command = "session_setup", blob = negotiate, expect = "any" }
	if r.status ~= "MORE_PROCESSING_REQUIRED" then -- there may be a limit, which is no success
		expect.is(r.code >= 0xC0000000, "the refusal")
		break
	end
end

local other = smb.connect()
other:negotiate()
for _ = 1, 50 do
	other:session { password = "wrong", expect = "LOGON_FAILURE" }
end
other:session():tree(wire.share)
c:close()
for _ = 1, 50 do
	smb.connect():close()
end
smb.tree()
