-- SPDX-License-Identifier: Apache-2.0
-- Attributes at creation, and what they forbid afterwards. [MS-FSA] 2.1.5.1.1, 2.1.5.1.2
local t = smb.tree()
local name = tmp "file"
local f = t:create { name = name, disposition = "create", access = "read write",
	attributes = "hidden" }
expect.equal(f.attributes & 0x32, 0x22, "hidden and to be archived")
f:close()

-- A hidden file is not overwritten by who does not say that it is hidden.
t:create { name = name, disposition = "overwrite", access = "write", expect = "ACCESS_DENIED" }
t:create { name = name, disposition = "overwrite", access = "write", attributes = "hidden" }:close()

-- A read-only file: not for writing, not for deletion; reading and attributes are well.
local ro = tmp "read-only"
f = t:create { name = ro, disposition = "create", access = "read write", attributes = "readonly" }
f:write { data = "by who created it" }
f:close()
t:create { name = ro, access = "write_data", expect = "ACCESS_DENIED" }
t:create { name = ro, disposition = "overwrite", access = "write", expect = "ACCESS_DENIED" }
t:create { name = ro, access = "delete", options = "delete_on_close", expect = "CANNOT_DELETE" }
f = t:create { name = ro, access = "read delete" }
f:set { class = "disposition", delete = true, expect = "CANNOT_DELETE" }
expect.equal(f:read { length = 100 }, "by who created it", "content")
f:close()

f = t:create { name = ro, access = "write_attributes delete" }
f:set { class = "basic", file_attributes = "normal" }
f:set { class = "disposition", delete = true }
f:close()
expect.equal(t:exists(ro), false, "after its deletion")
