-- SPDX-License-Identifier: Apache-2.0
-- An unrelated compound: each command stands for itself. [MS-SMB2] 3.3.5.2.7.1
local t = smb.tree()
local a, b = tmp "a", tmp "b"
t:put(a, "content of a")
t:put(b, "content of b")
local f, g = t:create { name = a, access = "read" }, t:create { name = b, access = "read" }

local r = t:compound { related = false,
	{ command = "read", file = f, length = 100 },
	{ command = "read", file = g, length = 100 },
	{ command = "echo" },
	{ command = "create", name = "no such file", access = "read", expect = "OBJECT_NAME_NOT_FOUND" },
	{ command = "read", file = f, length = 1, offset = 8 },
	{ command = "close", file = g },
}
expect.equal(r[1].data, "content of a", "first")
expect.equal(r[2].data, "content of b", "second")
expect.equal(r[5].data, "o", "after an error")
f:close()

-- Two related groups in one message.
r = t:compound { related = false,
	{ command = "create", name = a, access = "read" },
	{ command = "read", length = 100, flags = "related" },
	{ command = "close", flags = "related" },
	{ command = "create", name = b, access = "read" },
	{ command = "read", length = 100, flags = "related" },
	{ command = "close", flags = "related" },
}
expect.equal(r[2].data .. r[5].data, "content of acontent of b", "two groups")
