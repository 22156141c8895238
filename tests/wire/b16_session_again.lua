-- SPDX-License-Identifier: Apache-2.0
-- Logging in again on a session keeps the session: its id, its trees, its opens, its keys.
-- [MS-SMB2] 3.3.5.5.2
for _, dialect in ipairs { 0x0210, 0x0300, 0x0311 } do
	local c = smb.connect()
	c:negotiate { dialects = { dialect }, security = "required" }
	local s = c:session()
	local t = s:tree(wire.share)
	local f = t:create { name = tmp "open", disposition = "open_if", access = "read write" }
	f:write { data = "before" }

	local again = c:session { again = s }
	expect.equal(again.id, s.id, "session id")
	expect.equal(f:read { length = 6 }, "before", "the file that was open")
	f:close()
end
