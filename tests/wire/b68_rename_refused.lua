-- SPDX-License-Identifier: Apache-2.0
-- What a rename or a link must never replace: a read-only file, an open one, a folder.
-- [MS-FSA] 2.1.5.15.6, 2.1.5.15.12
local t = smb.tree()
local from, read_only, open, folder = tmp "from", tmp "readonly", tmp "open", tmp "folder"
t:put(from, "new")
t:put(read_only, "precious")
t:put(open, "in use")
t:mkdir(folder):close()

local g = t:create { name = read_only, access = "read write_attributes" }
g:set { class = "basic", file_attributes = "readonly" }
g:close()
local h = t:create { name = open, access = "read" }
local f = t:create { name = from, access = "read delete" }

for _, to in ipairs { read_only, open, folder } do
	for _, replace in ipairs { true, false } do
		f:rename(to, { replace = replace, expect = "ACCESS_DENIED|OBJECT_NAME_COLLISION" })
		f:set { class = "link", to = to, replace = replace, input = string.pack("<I8I8s4",
			replace and 1 or 0, 0, (to:gsub(".", "%0\0"))),
			expect = "ACCESS_DENIED|OBJECT_NAME_COLLISION" }
	end
end
f:close()
h:close()
expect.equal(t:get(read_only), "precious")
expect.equal(t:get(open), "in use")
expect.equal(t:get(from), "new")
expect.equal(t:create { name = folder, options = "directory" }.attributes & 0x10, 0x10)

-- Without the right to delete a file is not renamed.
f = t:create { name = from, access = "read write" }
f:rename(tmp "to", { expect = "ACCESS_DENIED" })

-- A link is a second name of the same file; deleting one leaves the other.
f:set { class = "link", input = string.pack("<I8I8s4", 0, 0, (tmp "link"):gsub(".", "%0\0")) }
expect.equal(f:query { class = "standard" }.links, 2)
f:write { data = "NEW" }
f:close()
t:remove(from)
expect.equal(t:get(tmp "link"), "NEW")

g = t:create { name = read_only, access = "write_attributes" }
g:set { class = "basic", file_attributes = "normal" }
