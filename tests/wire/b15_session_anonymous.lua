-- SPDX-License-Identifier: Apache-2.0
-- An anonymous session says that it is one, reaches what guests may use and nothing else.
-- [MS-SMB2] 3.3.5.5.3
local denied = "ACCESS_DENIED|LOGON_FAILURE"
local c = smb.connect()
c:negotiate()
local s = c:session { anonymous = true, expect = "SUCCESS|" .. denied }

if s.id then
	expect.is(s.flags & 3 ~= 0, "it is marked as null or guest session")
	s:tree("guest"):put(tmp "by-nobody", "x")
	local t = s:tree(wire.share, { expect = "SUCCESS|" .. denied })
	if t.tid then
		t:create { name = tmp "no", disposition = "create", access = "write", expect = denied }
		t:create { name = "keep.txt", access = "read", expect = denied }
	end
end

-- Who gives a name and a wrong password is not let in as a guest.
c:session { password = "wrong", expect = "LOGON_FAILURE" }
