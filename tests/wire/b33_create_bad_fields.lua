-- SPDX-License-Identifier: Apache-2.0
-- Fields of CREATE with values that do not exist. [MS-SMB2] 3.3.5.9
local t = smb.tree()
local name = "keep.txt"

t:create { name = name, impersonation = 4, expect = "BAD_IMPERSONATION_LEVEL" }
t:create { name = name, access = "read", options = "delete_on_close",
	expect = "INVALID_PARAMETER|ACCESS_DENIED" }
t:create { name = "\\" .. name, expect = "INVALID_PARAMETER|OBJECT_NAME_INVALID" }

-- NameOffset and NameLength that lie; the contexts' as well
local function patched(changes, status)
	t:create { name = name, access = "read", patch = changes, expect = status or "INVALID_PARAMETER" }
end
patched({ [44] = "\xff\xff" })
patched { [46] = "\xff\xfe" }
patched { [46] = "\x40\0" }
patched { [48] = string.pack("<I4I4", 0xFFFFFFF8, 24) }
patched { [48] = string.pack("<I4I4", 120, 0xFFFFFFF0) }
patched { [48] = string.pack("<I4I4", 8, 24) }
-- half a character
patched({ [46] = "\7\0" }, "INVALID_PARAMETER|OBJECT_NAME_INVALID|ILLEGAL_CHARACTER")
expect.equal(t:get(name), "keep me\n", "content")
