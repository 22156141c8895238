-- SPDX-License-Identifier: Apache-2.0
-- Who sends the context gets one back; who sends it wrongly opens nothing.
local tag = "\x5e\x1c\x0f\x3a\x9b\x42\x4d\x77\x8a\x60\x21\xf4\xd3\x95\x6b\xe8"
local t = smb.tree()
t:put("one", "content")

local function open(data, o)
	o = o or {}
	o.name, o.access, o.contexts = "one", "read", data and { { tag, data } }
	return t:create(o)
end

local f = open(string.pack("<I4", 1))
local version, links, number = string.unpack("<I4I4I8", f.contexts[tag])
expect.equal(version, 1, "version")
expect.equal(links, 1, "one name")
expect.equal(number, f:query { class = "internal" }.file_id or number, "the number of the file")
f:set { class = "link", to = "two" }
f:close()
f = open(string.pack("<I4", 1))
expect.equal(string.unpack("<I4", f.contexts[tag], 5), 2, "two names")
f:close()

expect.is(not (open().contexts or {})[tag], "nothing where nothing was asked")
open(string.pack("<I4", 2), { expect = "NOT_SUPPORTED" })
open("abc", { expect = "INVALID_PARAMETER" })
open("abcde", { expect = "INVALID_PARAMETER" })
open("", { expect = "INVALID_PARAMETER" })
