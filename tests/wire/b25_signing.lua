-- SPDX-License-Identifier: Apache-2.0
-- A session that requires signing: every answer is signed, and what is unsigned is refused; the
-- session survives that. [MS-SMB2] 3.3.5.2.4
local function play(o)
	o.security = "required"
	local t = smb.tree(o)
	local f = t:create { name = tmp "signed", disposition = "open_if", access = "read write" }
	f:write { data = ("0123456789abcdef"):rep(4096) }
	expect.equal(#f:read { length = 65536 }, 65536, "bytes read")
	f:read { length = 10, sign = false, expect = "ACCESS_DENIED" }
	t:create { name = "keep.txt", sign = false, expect = "ACCESS_DENIED" }
	expect.equal(f:read { length = 4 }, "0123", "signed again")
	f:query { class = "basic" }
	f:close()
end

for _, dialect in ipairs { 0x0202, 0x0210, 0x0300, 0x0302, 0x0311 } do
	play { dialects = { dialect } }
end
for _, algorithm in ipairs { "hmac", "cmac", "gmac" } do
	play { dialects = { 0x0311 }, signing = { algorithm } }
end
