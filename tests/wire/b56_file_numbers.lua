-- SPDX-License-Identifier: Apache-2.0
-- One number is the file's wherever it is told; clients put together by it what belongs together.
-- [MS-SMB2] 2.2.14.2.9, [MS-FSCC] 2.4.22, 2.4.46
local t = smb.tree()
t:mkdir(tmp "folder"):close()

local function number(name, options)
	local f = t:create { name = name, access = "read", options = options, contexts = { { "QFid", "" } } }
	local qfid, volume = string.unpack("<I8I8", f.contexts.QFid)
	expect.equal(f:query { class = "internal" }.index, qfid, name .. ": FileInternalInformation")
	expect.equal(f:query { class = "all" }.internal.index, qfid, name .. ": FileAllInformation")
	local id = f:query { class = "id" }
	expect.equal(string.unpack("<I8", id.id), qfid, name .. ": FileIdInformation")
	expect.equal(id.volume, volume, name .. ": the volume")
	expect.equal(string.unpack("<I8", f:query { class = 68, info_type = 1 }.output), qfid,
		name .. ": FileStatInformation")
	f:close()
	return qfid
end

local seen = {}
for i = 1, 5 do
	local leaf = "file" .. i
	t:put(tmp "folder" .. "\\" .. leaf, leaf)
	seen[leaf] = number(tmp "folder" .. "\\" .. leaf)
	smb.tmp("folder\\" .. leaf)
end
local d = t:create { name = tmp "folder", access = "read", options = "directory" }
for _, class in ipairs { "id_both_directory", "id_full_directory" } do
	for _, e in ipairs(d:list { class = class, query_flags = "restart" }) do
		if seen[e.name] then
			expect.equal(e.id, seen[e.name], e.name .. " in " .. class)
		end
	end
end
d:close()
number(tmp "folder", "directory")
number("", "directory")
-- A rename does not change it.
local f = t:create { name = tmp "folder" .. "\\file1", access = "delete" }
f:rename(tmp "folder" .. "\\moved")
f:close()
expect.equal(number(tmp "folder" .. "\\moved"), seen.file1, "after a rename")
for _, leaf in ipairs { "moved", "file2", "file3", "file4", "file5" } do
	t:remove(tmp "folder" .. "\\" .. leaf)
end
