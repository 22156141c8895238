-- SPDX-License-Identifier: Apache-2.0
-- Nothing is done for a connection that has not negotiated. [MS-SMB2] 3.3.5.2
for _, command in ipairs { "echo", "session_setup", "logoff", "tree_connect", "create", "read" } do
	local c = smb.connect()
	c:call { command = command, async = true }
	expect.closed(c, command .. " before NEGOTIATE")
end
