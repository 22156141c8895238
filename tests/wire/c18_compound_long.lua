-- SPDX-License-Identifier: Apache-2.0
-- Very long compounds: all of it answered, or all refused; never a part without an answer.
-- [MS-SMB2] 3.3.5.2.7
local t = smb.tree()
local c = t.conn
for _ = 1, 10 do
	c:echo { credits = 512 }
end
for _, n in ipairs { 10, 50, 100, 200 } do
	local list = { related = false }
	for i = 1, math.min(n, c:info().credits) do
		list[i] = { command = "echo", expect = "any" }
	end
	local ok, why = pcall(t.compound, t, list)
	expect.is(ok or (n >= 100 and why:find("closed", 1, true)), n .. " commands: " .. tostring(why))
	if not ok then
		t = smb.tree()
		break
	end
end
expect.alive(t.conn)
