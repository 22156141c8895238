-- SPDX-License-Identifier: Apache-2.0
-- One command of a compound is signed wrongly: it is refused, each command has one answer, and the
-- connection goes on. [MS-SMB2] 3.3.5.2.4, 3.3.5.2.7
local t = smb.tree { security = "required" }
local name = tmp "file"
t:put(name, "content")

for bad = 1, 3 do
	local list = {
		{ command = "create", name = name, access = "read write" },
		{ command = "write", data = "changed" },
		{ command = "close" },
	}
	for i, o in ipairs(list) do
		o.expect = "any"
		o.tamper = i == bad and 60 or nil -- a byte of the signature
	end
	local r = t:compound(list)
	for i = bad, 3 do
		expect.is(r[i].status ~= "SUCCESS" or i > bad, "answer " .. i .. " is a refusal")
	end
	expect.equal(r[bad].status, "ACCESS_DENIED", "answer to the one that was changed")
	if bad == 3 and r[1].fid then
		t:call { command = "close", fid = r[1].fid }
	end
	expect.alive(t.conn)
end
