-- SPDX-License-Identifier: Apache-2.0
-- A message id outside the window, or used before, ends the connection. [MS-SMB2] 3.3.5.2.3
local function ended(what, f)
	local c = smb.connect()
	c:negotiate()
	c:session()
	f(c, c:info())
	expect.closed(c, what)
end

ended("an id far ahead", function(c, now) c:echo { mid = now.next_mid + 100000, async = true } end)
ended("an id at the end of time", function(c) c:echo { mid = -2, async = true } end)
ended("an id of the past", function(c) c:echo { mid = 0, async = true } end)
ended("an id used twice", function(c, now)
	c:echo { mid = now.next_mid }
	c:echo { mid = now.next_mid, async = true }
end)
ended("one of a range that was used", function(c, now)
	if now.credits >= 4 then
		c:echo { mid = now.next_mid, charge = 4 }
		c:echo { mid = now.next_mid + 2, async = true }
	else
		c:close()
	end
end)

-- The order is free within the window.
local c = smb.connect()
c:negotiate()
c:session()
c:echo { credits = 30 }
local first = c:info().next_mid
for _, step in ipairs { 3, 1, 4, 0, 2 } do
	c:echo { mid = first + step }
end
c:set { next_mid = first + 5 }
expect.alive(c)
