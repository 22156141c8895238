-- SPDX-License-Identifier: Apache-2.0
-- NextCommand that is unaligned, too small, or beyond the message: the connection ends,
-- or the command is refused; nothing is carried out. [MS-SMB2] 3.3.5.2.7
local function ended(next, what)
	local t = smb.tree()
	local frame, first = t.conn:encode(
		{ command = "create", name = "keep.txt", access = "read", session = t.session, tree = t,
			next = next },
		{ command = "close", flags = "related", session = t.session, tree = t })
	t.conn:send_bytes(frame)
	local ok, why = pcall(first.wait, first, { expect = "INVALID_PARAMETER" })
	expect.is(ok or why:find("closed", 1, true), what .. ": " .. tostring(why))
	smb.session()
end

ended(4, "smaller than a header")
ended(63, "smaller than a header and odd")
ended(129, "not aligned")
ended(0x7FFFFFF8, "far beyond")
ended(0xFFFFFFF8, "beyond the end of 32 bits")
