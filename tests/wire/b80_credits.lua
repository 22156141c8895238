-- SPDX-License-Identifier: Apache-2.0
-- Credits: each answer grants some, more when they are asked for; message ids follow them.
-- [MS-SMB2] 3.3.1.2, 3.3.4.1.2
local c = smb.connect()
local r = c:negotiate { dialects = { 0x0311 }, credits = 1 }
expect.is(r.credits >= 1, "NEGOTIATE grants a credit")
c:session()

local before = c:info().credits
r = c:echo { credits = 0 }
expect.is(r.credits >= 1, "a client is never left without")
r = c:echo { credits = 200 }
expect.is(r.credits > 1, "more when asked for")
expect.is(c:info().credits >= before, "the window does not shrink")

for _ = 1, 50 do
	r = c:echo { credits = 0xFFFF }
end
expect.is(c:info().credits < 100000, "there is a limit")
for _ = 1, 300 do
	c:echo { credits = 1 }
end
expect.alive(c)
