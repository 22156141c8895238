-- SPDX-License-Identifier: Apache-2.0
-- The listings with 128-bit file ids: each names everything once, with what QUERY_INFO says.
-- [MS-FSCC] 2.4.16 to 2.4.23
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
t:put(tmp "folder\\one.txt", ("1"):rep(3000))
t:mkdir(tmp "folder\\sub"):close()
local f = t:create { name = tmp "folder\\one.txt", access = "read" }
local all = f:query { class = "all" }
f:close()

for _, class in ipairs { "id_extd_directory", "id_extd_both_directory", "id_64_extd_directory",
	"id_64_extd_both_directory", "id_all_extd_directory", "id_all_extd_both_directory" } do
	local d = t:create { name = folder, options = "directory", access = "read" }
	local entries, count = {}, 0
	for _, e in ipairs(d:list { class = class }) do
		entries[e.name] = e
		count = count + 1
	end
	expect.equal(count, 4, class .. ": number of entries")
	local e = entries["one.txt"]
	expect.is(e and entries.sub and entries["."] and entries[".."], class .. ": all of them")
	expect.equal(e.size, 3000, class .. ": size")
	expect.equal(e.written, all.basic.written, class .. ": time of the last write")
	expect.equal(e.attributes, all.basic.attributes, class .. ": attributes")
	expect.equal(e.id, all.internal.index, class .. ": file id")
	expect.equal(e.id_128 or e.id, e.id, class .. ": lower half of the long id")
	expect.equal(e.id_high or 0, 0, class .. ": upper half")
	expect.equal(e.tag, 0, class .. ": reparse tag")
	expect.equal(e.short_length or 0, 0, class .. ": a short name has no other")
	d:list { class = class, expect = "NO_MORE_FILES" }
	d:close()
end

-- Only for programs on the server itself. [MS-FSCC] 2.4
local d = t:create { name = folder, options = "directory", access = "read" }
d:list { class = "id_global_tx_directory", expect = "INVALID_INFO_CLASS" }
