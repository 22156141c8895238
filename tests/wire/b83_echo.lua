-- SPDX-License-Identifier: Apache-2.0
-- ECHO answers with and without a session, many at once and in order of nothing but themselves.
-- [MS-SMB2] 3.3.5.15
local c = smb.connect()
c:negotiate()
expect.status("SUCCESS", c:echo())
local s = c:session()
expect.status("SUCCESS", s:call { command = "echo" })
expect.equal(s:call { command = "echo", sign = true }.sig, "good", "signature")
c:echo { sid = s.id + 1, expect = "SUCCESS|USER_SESSION_DELETED" }

local waiting = {}
for i = 1, 60 do
	waiting[i] = c:echo { async = true }
end
for i = 60, 1, -1 do
	waiting[i]:wait()
end
