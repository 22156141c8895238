-- SPDX-License-Identifier: Apache-2.0
-- SET_INFO of classes and types that do not exist, with lengths that lie. [MS-SMB2] 3.3.5.21
local t = smb.tree()
local name = tmp "file"
t:put(name, "content")
local f = t:create { name = name, access = "maximum" }

f:set { class = 200, info_type = 1, input = ("x"):rep(40),
	expect = "INVALID_INFO_CLASS|NOT_SUPPORTED" }
f:set { class = 5, info_type = 1, input = ("x"):rep(24),
	expect = "INVALID_INFO_CLASS|NOT_SUPPORTED" }
f:set { class = 4, info_type = 9, input = ("x"):rep(40), expect = "INVALID_PARAMETER" }

local eof = string.pack("<i8", 3)
f:set { class = "eof", input = eof, patch = { [8] = "\xff\xff" }, expect = "INVALID_PARAMETER" }
f:set { class = "eof", input = eof, patch = { [4] = "\xff\xff\xff\xff" },
	expect = "INVALID_PARAMETER" }
f:set { class = "eof", input = eof, patch = { [4] = "\x09\0\0\0" }, expect = "INVALID_PARAMETER" }
f:set { class = "eof", input = eof, patch = { [8] = "\x08\0" }, expect = "INVALID_PARAMETER" }
f:close()
expect.equal(t:get(name), "content", "content")
