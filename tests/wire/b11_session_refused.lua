-- SPDX-License-Identifier: Apache-2.0
-- A wrong password and an unknown user look alike, and the connection is good for another try.
-- [MS-SMB2] 3.3.5.5.3
local c = smb.connect()
c:negotiate()
for _, raw in ipairs { false, true } do
	c:session { password = "wrong", raw = raw, expect = "LOGON_FAILURE" }
	c:session { user = "nosuchuser", raw = raw, expect = "LOGON_FAILURE" }
	c:session { password = "", raw = raw, expect = "LOGON_FAILURE" }
	c:session { user = "", raw = raw, expect = "LOGON_FAILURE|INVALID_PARAMETER" }
	c:session { user = ("u"):rep(300), raw = raw, expect = "LOGON_FAILURE" }
	c:session { user = "ünïcødé\u{1F600}", raw = raw, expect = "LOGON_FAILURE" }
end
c:session():tree(wire.share)
