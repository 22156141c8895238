-- SPDX-License-Identifier: Apache-2.0
-- The file by which clients ask about quotas: it can be opened, there are none. [MS-FSCC] 2.5.2,
-- [MS-SMB2] 3.3.5.20.4, 3.3.5.21.4
local t = smb.tree()
local name = "$Extend\\$Quota:$Q:$INDEX_ALLOCATION"
for _, spelling in ipairs { name, name:upper() } do
	local f = t:create { name = spelling, access = "read read_attributes" }
	expect.equal(f.attributes, 0x36, "a hidden system index")
	local control = f:query { class = "fs_control", info_type = 2 }.output
	expect.equal(#control, 48, "FileFsControlInformation")
	expect.equal(string.unpack("<I4", control, 41), 0, "nothing is tracked or enforced")
	f:query { class = 0, info_type = 4, expect = "NOT_SUPPORTED" }
	f:set { class = 0, info_type = 4, input = ("\0"):rep(64), expect = "NOT_SUPPORTED|INVALID_INFO_CLASS" }
	f:close()
end
t:create { name = name, disposition = "create", expect = "OBJECT_NAME_COLLISION" }
t:create { name = name .. "x", expect = "OBJECT_NAME_INVALID" }
t:create { name = "$Extend\\$Other:$O:$INDEX_ALLOCATION", expect = "OBJECT_NAME_INVALID" }
