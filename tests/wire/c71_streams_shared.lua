-- SPDX-License-Identifier: Apache-2.0
-- Streams and their file: share modes are apart, deletion and renaming are not.
-- [MS-FSA] 2.1.5.1.2.2, 2.1.5.15.11
local t = smb.tree()
local name, all = tmp "file", "read write delete"
local s = t:create { name = name .. ":s", disposition = "create", access = "read write",
	share = "none", expect = "SUCCESS|OBJECT_NAME_INVALID" }
if s.status ~= "SUCCESS" then
	smb.skip "the share has no streams"
end
s:write { data = "data" }

-- Nobody else has the stream; the file and other streams are free.
t:create { name = name .. ":S", access = "read_data", share = all, expect = "SHARING_VIOLATION" }
t:create { name = name .. ":t", disposition = "create", access = "read_data", share = "none" }:close()
t:create { name = name, access = "read write", share = "none" }:close()
-- But it may not go, nor be emptied.
t:create { name = name, access = "delete", share = all, expect = "SHARING_VIOLATION" }
t:create { name = name, disposition = "overwrite", access = "read write", share = all,
	expect = "SHARING_VIOLATION" }
s:close()

-- A stream whose opener lets others delete: the file goes with the last handle of all.
s = t:create { name = name .. ":s", access = "read_data", share = all }
local f = t:create { name = name, access = "delete", share = all }
f:set { class = "rename", to = tmp "other", expect = "ACCESS_DENIED" }
f:set { class = "disposition", delete = true }
f:close()
expect.equal(s:read { length = 4 }, "data")
for _, form in ipairs { "", ":s", ":new" } do
	t:create { name = name .. form, disposition = "open_if", access = "read_data", share = all,
		expect = "DELETE_PENDING" }
end
s:close()
t:create { name = name, access = "read_data", expect = "OBJECT_NAME_NOT_FOUND" }
