-- SPDX-License-Identifier: Apache-2.0
-- A message that was changed after it was signed is refused, wherever the change is, and whether
-- signing is required or not. [MS-SMB2] 3.3.5.2.4
local function play(o)
	local t = smb.tree(o)
	local f = t:create { name = tmp "tampered", disposition = "open_if", access = "read write" }
	f:write { data = "untouched", sign = true }
	for _, at in ipairs { 48, 55, 63, 40 + 16 + 10, 112, 115 } do -- signature, body, data
		local r = f:write { data = "changed!!", sign = true, tamper = at, expect = "any" }
		expect.equal(r.status, "ACCESS_DENIED", "a flip at " .. at)
	end
	f:write { data = "unsigned!", sign = true, signature = ("\0"):rep(16),
		expect = "ACCESS_DENIED" }
	expect.equal(f:read { length = 9, sign = true }, "untouched", "content")
	f:close()
end

for _, security in ipairs { "enabled", "required" } do
	play { dialects = { 0x0202 }, security = security }
	play { dialects = { 0x0300 }, security = security }
	for _, algorithm in ipairs { "hmac", "cmac", "gmac" } do
		play { dialects = { 0x0311 }, signing = { algorithm }, security = security }
	end
end
