-- SPDX-License-Identifier: Apache-2.0
-- A folder that changes while it is listed: what stays comes once, what is gone is not shown, and
-- single names are found as they are now. [MS-FSA] 2.1.5.6.3
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
for i = 1, 40 do
	t:put(tmp(("folder\\stays %02d"):format(i)), "")
	t:put(tmp(("folder\\goes %02d"):format(i)), "")
end
local d = t:create { name = folder, options = "directory", access = "read" }
local seen, first = {}, d:list { query_flags = "single" }
expect.equal(first[1].name, ".", "the folder itself comes first")
for i = 1, 40 do
	t:remove(tmp(("folder\\goes %02d"):format(i)))
end
repeat
	local list = d:list { max_out = 512, expect = "SUCCESS|NO_MORE_FILES" }
	for _, e in ipairs(list.status and {} or list) do
		expect.is(not seen[e.name], "this is the first time of " .. e.name)
		expect.is(not e.name:find "^goes", e.name .. " is gone")
		seen[e.name] = true
	end
until list.status
for i = 1, 40 do
	expect.is(seen[("stays %02d"):format(i)], "entry " .. i)
end

local function search(pattern, wanted)
	local r = d:list { query_flags = "reopen", pattern = pattern,
		expect = wanted and "SUCCESS" or "NO_SUCH_FILE" }
	if wanted then
		expect.equal(#r, 1, pattern)
		expect.equal(r[1].name, wanted, pattern)
		d:list { expect = "NO_MORE_FILES" }
	end
end
search("GOES 01", nil)
search("sTAYS 01", "stays 01")
t:put(tmp "folder\\Late", "")
search("LATE", "Late")
t:remove(tmp "folder\\late")
search("Late", nil)
search(".", ".")
search("..", "..")

-- No component of a name, whatever it holds. [MS-FSCC] 2.1.5
for _, pattern in ipairs { "a\\b", "a/b", "a:b", "a|b", "a\tb", ("x"):rep(256) } do
	d:list { query_flags = "reopen", pattern = pattern, expect = "OBJECT_NAME_INVALID" }
end
d:list { query_flags = "reopen", pattern = ("x"):rep(255), expect = "NO_SUCH_FILE" }
d:close()
