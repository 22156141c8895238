-- SPDX-License-Identifier: Apache-2.0
-- A first command cannot be related to anything. [MS-SMB2] 3.3.5.2.7.2
local t = smb.tree()
t:call { command = "read", length = 1, flags = "related", expect = "INVALID_PARAMETER" }
t:call { command = "create", name = "keep.txt", flags = "related", expect = "INVALID_PARAMETER" }
t:compound {
	{ command = "echo", flags = "related", expect = "INVALID_PARAMETER" },
	{ command = "read", length = 4, expect = "INVALID_PARAMETER" },
}
expect.alive(t.conn)
