-- SPDX-License-Identifier: Apache-2.0
-- 255 characters are a name, 256 are not; a path may be much longer. [MS-FSCC] 2.1.5
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()

for _, char in ipairs { "x", "ü" } do
	local name = tmp("folder\\" .. char:rep(255 // #char))
	t:put(name, "long")
	expect.equal(t:get(name), "long", "content")
	local listed = t:create { name = folder, access = "read", options = "directory" }
	local whole
	for _, e in ipairs(listed:list { class = "id_both_directory" }) do
		whole = whole or folder .. "\\" .. e.name == name
	end
	expect.is(whole, "listed whole")
	listed:close()
	t:remove(name)
end
for _, char in ipairs { "x", "ü", "語" } do
	t:create { name = folder .. "\\" .. char:rep(256), disposition = "create",
		expect = "OBJECT_NAME_INVALID" }
	t:create { name = folder .. "\\" .. char:rep(256), expect = "OBJECT_NAME_INVALID" }
end

local path = folder
for _ = 1, 20 do
	path = path .. "\\" .. ("d"):rep(60)
	smb.tmp(path:sub(#folder - 5))
	t:mkdir(path):close()
end
t:put(path .. "\\file", "deep")
expect.equal(t:get(path .. "\\file"), "deep", "content at the end of a long path")
t:remove(path .. "\\file")
repeat
	t:remove(path)
	path = path:match("^(.*)\\")
until path == folder
