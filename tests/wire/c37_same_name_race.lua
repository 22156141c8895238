-- SPDX-License-Identifier: Apache-2.0
-- Many connections create the same name at once: exactly one of them makes it. [MS-FSA] 2.1.5.1
local trees = {}
for i = 1, 8 do
	trees[i] = smb.tree()
end
for round = 1, 10 do
	local name, made, waiting = tmp("name" .. round), 0, {}
	for i, t in ipairs(trees) do
		waiting[i] = t:create { name = name, disposition = "create", access = "read write",
			options = i % 2 == 0 and "directory" or 0, async = true,
			expect = "SUCCESS|OBJECT_NAME_COLLISION|NOT_A_DIRECTORY|FILE_IS_A_DIRECTORY" }
	end
	for _, p in ipairs(waiting) do
		if p:wait().status == "SUCCESS" then
			made = made + 1
		end
	end
	expect.equal(made, 1, "how many made " .. name)
end
