-- SPDX-License-Identifier: Apache-2.0
-- 30 sessions of two users on one connection, 20 trees in each; ended in another order.
-- [MS-SMB2] 3.3.5.5.1
local c = smb.connect()
c:negotiate()
local sessions, ids = {}, {}
for i = 1, 30 do
	local second = i % 2 == 0
	local s = c:session { user = second and wire.user2 or wire.user,
		password = second and wire.password2 or wire.password }
	expect.is(not ids[s.id], "each has an id of its own")
	ids[s.id], sessions[i] = true, s
end
local trees = {}
for i, s in ipairs(sessions) do
	for _ = 1, 20 do
		trees[i] = s:tree("ro")
	end
end
for i = 30, 1, -1 do
	expect.is(trees[i]:exists("keep.txt"), "a file through session " .. i)
	if i % 3 == 0 then
		sessions[i]:logoff()
		trees[i]:create { name = "keep.txt", expect = "USER_SESSION_DELETED" }
	end
end
expect.is(trees[1]:exists("keep.txt"), "a file through the first session")
