-- SPDX-License-Identifier: Apache-2.0
-- A listing resumed behind the entry with a FileIndex. [MS-SMB2] 2.2.33, 3.3.5.18
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
for i = 1, 20 do
	t:put(tmp("folder\\file" .. i), "")
end
local d = t:create { name = folder, options = "directory", access = "read" }
local all = d:list {}
expect.equal(#all, 22, "number of entries")
for i, e in ipairs(all) do
	expect.equal(e.index, i, "index of " .. e.name)
end

for _, i in ipairs { 21, 5, 1, 2, 20 } do
	local list = d:list { query_flags = "index", index = i }
	expect.equal(#list, 22 - i, "entries behind " .. i)
	expect.equal(list[1].name, all[i + 1].name, "the first behind " .. i)
	expect.equal(list[1].index, i + 1, "its index")
end
d:list { query_flags = "index", index = 22, expect = "NO_MORE_FILES" }

-- An index that was not given out changes nothing.
local one = d:list { query_flags = "restart single" }
expect.equal(one[1].name, all[1].name, "from the start")
for _, unknown in ipairs { 0, 9, 0x7fffffff, 0xffffffff } do
	d:list { query_flags = "index single", index = unknown }
end
local fifth = d:list { query_flags = "single" }
expect.equal(fifth[1].name, all[6].name, "on from where it was")
-- Without the flag it means nothing. [MS-SMB2] 2.2.33
expect.equal(d:list { query_flags = "single", index = 1 }[1].name, all[7].name, "no flag")
d:close()
