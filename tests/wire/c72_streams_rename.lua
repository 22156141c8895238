-- SPDX-License-Identifier: Apache-2.0
-- A stream gets another name, or becomes the file's contents. [MS-FSA] 2.1.5.15.11.1
local t = smb.tree()
local name, all = tmp "file", "read write delete"
local s = t:create { name = name .. ":old", disposition = "create", access = "read write delete",
	share = all, expect = "SUCCESS|OBJECT_NAME_INVALID" }
if s.status ~= "SUCCESS" then
	smb.skip "the share has no streams"
end
s:write { data = "contents" }
t:put(name .. ":full", "x")
t:put(name .. ":empty", "")

local function rename(to, replace, want)
	s:set { class = "rename", to = to, replace = replace, expect = want or "SUCCESS" }
end

rename(":full", false, "OBJECT_NAME_COLLISION")
rename(":full", true, "INVALID_PARAMETER")
rename(":", true, "OBJECT_NAME_INVALID|INVALID_PARAMETER")
rename(":a/b", true, "OBJECT_NAME_INVALID|INVALID_PARAMETER")
rename(":a:$FOO", true, "OBJECT_NAME_INVALID|INVALID_PARAMETER")
rename("plain", true, "INVALID_PARAMETER")
rename(name .. ":other", true, "SHARING_VIOLATION")
rename(":" .. ("x"):rep(250), true, "OBJECT_NAME_INVALID|INVALID_PARAMETER")

-- Who has the target open keeps it.
local open = t:create { name = name .. ":empty", access = "read_attributes", share = all }
rename(":empty", true, "INVALID_PARAMETER")
open:close()
rename(":empty", true)
rename(":Empty", false)
expect.equal(t:get(name .. ":empty"), "contents")
t:create { name = name .. ":old", access = "read_data", share = all,
	expect = "OBJECT_NAME_NOT_FOUND" }

-- The share mode went along with the name.
s:close()
s = t:create { name = name .. ":empty", access = "read write delete", share = "none" }
rename(":again", false)
t:create { name = name .. ":again", access = "read_data", share = all,
	expect = "SHARING_VIOLATION" }

rename("::$DATA", true)
s:close()
expect.equal(t:get(name), "contents")
t:create { name = name .. ":again", access = "read_data", expect = "OBJECT_NAME_NOT_FOUND" }
