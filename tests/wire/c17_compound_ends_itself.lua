-- SPDX-License-Identifier: Apache-2.0
-- A compound takes away what its later commands stand on: the session, the tree, the file.
-- [MS-SMB2] 3.3.5.2.7.2
local name = tmp "file"
local t = smb.tree()
t:put(name, "content")
t:compound {
	{ command = "tree_disconnect" },
	{ command = "create", name = name, access = "read", expect = "NETWORK_NAME_DELETED" },
	{ command = "read", length = 1, expect = "NETWORK_NAME_DELETED" },
}
expect.alive(t.conn)

t = smb.tree()
t:compound {
	{ command = "create", name = name, access = "read" },
	{ command = "tree_disconnect" },
	{ command = "read", length = 1, expect = "NETWORK_NAME_DELETED|FILE_CLOSED" },
	{ command = "close", expect = "NETWORK_NAME_DELETED|FILE_CLOSED" },
}
expect.alive(t.conn)

t = smb.tree()
t:compound {
	{ command = "logoff" },
	{ command = "create", name = name, access = "read",
		expect = "USER_SESSION_DELETED|INVALID_PARAMETER" },
}
expect.alive(t.conn)
