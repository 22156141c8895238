-- SPDX-License-Identifier: Apache-2.0
-- A read-only share is not changed by anything, above all not truncated by an open that fails.
-- [MS-SMB2] 3.3.5.9
local t = smb.session():tree("ro")
local name, denied = "keep.txt", "ACCESS_DENIED|MEDIA_WRITE_PROTECTED"
local no_new = denied .. "|OBJECT_NAME_NOT_FOUND"

for _, disposition in ipairs { "supersede", "overwrite", "overwrite_if" } do
	for _, access in ipairs { "maximum", "read", "write", "read write", "generic_all" } do
		local f = t:create { name = name, disposition = disposition, access = access,
			expect = "any" }
		expect.is(f.fid == nil, disposition .. " with " .. access .. ": refused")
		expect.equal(t:get(name), "keep me\n", "content after " .. disposition)
	end
end
t:create { name = name, access = "write", expect = denied }
t:create { name = "new.txt", disposition = "create", expect = no_new }
t:create { name = "new.txt", disposition = "open_if", expect = no_new }
t:create { name = "new", disposition = "create", options = "directory", expect = no_new }

local f = t:create { name = name, access = "maximum" }
expect.equal(f:query { class = "access" }.access & 0x2, 0, "write access")
f:write { data = "x", expect = denied }
f:set { class = "eof", size = 0, expect = denied }

f:rename("moved.txt", { expect = denied })
f:set { class = "basic", file_attributes = "hidden", expect = denied }
f:close()
expect.equal(t:get(name), "keep me\n", "content at the end")
