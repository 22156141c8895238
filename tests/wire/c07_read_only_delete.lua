-- SPDX-License-Identifier: Apache-2.0
-- Nothing on a read-only share is opened for deletion: the tree does not grant it.
-- [MS-SMB2] 3.3.5.9
local t = smb.session():tree("ro")
local name, denied = "keep.txt", "ACCESS_DENIED|MEDIA_WRITE_PROTECTED"
t:create { name = name, access = "delete", expect = denied }
t:create { name = name, access = "read delete", options = "delete_on_close", expect = denied }
local f = t:create { name = name, access = "read" }
f:set { class = "disposition", delete = true, expect = denied }
f:close()
expect.equal(t:get(name), "keep me\n", "content")
