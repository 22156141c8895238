-- SPDX-License-Identifier: Apache-2.0
-- When CREATE fails, what is related to it fails in the same way. [MS-SMB2] 3.3.5.2.7.2
local t = smb.tree()
local name = "no such file"
t:compound {
	{ command = "create", name = name, access = "read", expect = "OBJECT_NAME_NOT_FOUND" },
	{ command = "query_info", class = "all", expect = "OBJECT_NAME_NOT_FOUND" },
	{ command = "read", length = 10, expect = "OBJECT_NAME_NOT_FOUND" },
	{ command = "close", expect = "OBJECT_NAME_NOT_FOUND" },
}

-- An error in the middle does not take the file away from those after it.
local r = t:compound {
	{ command = "create", name = "keep.txt", access = "read" },
	{ command = "query_info", class = 200, info_type = 1, expect = "INVALID_INFO_CLASS" },
	{ command = "read", length = 4 },
	{ command = "write", data = "x", expect = "ACCESS_DENIED" },
	{ command = "close" },
}
expect.equal(r[3].data, "keep", "content")
t:call { command = "read", fid = r[1].fid, expect = "FILE_CLOSED" }

-- After CLOSE in the chain the file is closed.
t:compound {
	{ command = "create", name = "keep.txt", access = "read" },
	{ command = "close" },
	{ command = "read", length = 4, expect = "FILE_CLOSED" },
}
expect.alive(t.conn)
