-- SPDX-License-Identifier: Apache-2.0
-- Signing that is not required is still given to who signs. [MS-SMB2] 3.3.4.1.1, 3.3.5.2.4
for _, dialect in ipairs { 0x0202, 0x0210, 0x0302, 0x0311 } do
	local t = smb.tree { dialects = { dialect } }
	local f = t:create { name = "keep.txt", access = "read", sign = true }
	local r = f:call { command = "read", length = 8, sign = true }
	expect.equal(r.sig, "good", "signature of a read")
	r = f:call { command = "query_info", class = 60, sign = true, expect = "any" }
	expect.equal(r.sig, "good", "signature of a refusal")
	r = f:call { command = "read", length = 8, sign = false }
	expect.equal(r.data, "keep me\n", "content")

	-- A signature under somebody else's session is no proof.
	local other = t.conn:session()
	f:call { command = "read", sid = other.id, sign = true, expect = "ACCESS_DENIED" }
	f:close()
end
