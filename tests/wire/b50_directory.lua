-- SPDX-License-Identifier: Apache-2.0
-- A listing in every class names everything once, with what QUERY_INFO says of each.
-- [MS-SMB2] 3.3.5.18
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
t:put(tmp "folder\\one.txt", "1")
t:put(tmp "folder\\two.txt", ("2"):rep(5000))
t:mkdir(tmp "folder\\sub"):close()

for _, class in ipairs { "directory", "full_directory", "both_directory", "names",
	"id_both_directory", "id_full_directory" } do
	local d = t:create { name = folder, options = "directory", access = "read" }
	local entries, count = {}, 0
	for _, e in ipairs(d:list { class = class }) do
		entries[e.name] = e
		count = count + 1
	end
	expect.equal(count, 5, class .. ": number of entries")
	expect.is(entries["."] and entries[".."] and entries.sub, class .. ": the folders")
	local e = entries["two.txt"]
	d:list { class = class, expect = "NO_MORE_FILES" }
	if class ~= "names" then
		local f = t:create { name = folder .. "\\two.txt", access = "read" }
		local all = f:query { class = "all" }
		expect.equal(e.size, 5000, class .. ": size")
		expect.equal(e.written, all.basic.written, class .. ": time of the last write")
		expect.equal(e.attributes, all.basic.attributes, class .. ": attributes")
		expect.equal(entries.sub.attributes & 0x10, 0x10, class .. ": folder attribute")
		expect.equal(entries.sub.size, 0, class .. ": size of a folder")
		expect.equal(e.id or all.internal.index, all.internal.index, class .. ": file id")
		f:close()
	end
	d:close()
end
