-- SPDX-License-Identifier: Apache-2.0
-- QUERY_DIRECTORY in no class, in no space, with lengths that lie.
-- [MS-SMB2] 3.3.5.18
local t = smb.tree()
local d = t:create { name = "", options = "directory", access = "read" }
d:list { class = 99, expect = "INVALID_INFO_CLASS" }
d:list { class = 4, expect = "INVALID_INFO_CLASS" }
d:list { max_out = 8,
	expect = "INFO_LENGTH_MISMATCH|BUFFER_OVERFLOW|BUFFER_TOO_SMALL|INVALID_PARAMETER" }
d:list { pattern = "", expect = "SUCCESS|OBJECT_NAME_INVALID" }

d:list { patch = { [24] = "\xff\xff" }, expect = "INVALID_PARAMETER" } -- FileNameOffset
d:list { patch = { [26] = "\xfe\xff" }, expect = "INVALID_PARAMETER" } -- FileNameLength
d:close()

-- A folder that was not opened for listing.
d = t:create { name = "", options = "directory", access = "read_attributes" }
d:list { expect = "ACCESS_DENIED" }
d:close()
