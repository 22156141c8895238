-- SPDX-License-Identifier: Apache-2.0
-- A wrong StructureSize, for each command. [MS-SMB2] 2.2.3 and the sections after it
local t = smb.tree()
local f = t:create { name = tmp "file", disposition = "create", access = "maximum" }
local commands = {
	"session_setup", "logoff", "tree_connect", "tree_disconnect", "create", "close", "flush",
	"read", "write", "lock", "ioctl", "echo", "query_directory", "change_notify", "query_info",
	"set_info", "oplock_break",
}

for _, command in ipairs(commands) do
	for _, size in ipairs { 2, 100, 0xFFFF } do
		local r = f:call { command = command, name = "keep.txt", path = "\\\\s\\share", data = "x",
			input = ("x"):rep(8), class = 20, length = 1, locks = { { 0, 1, 1 } }, blob = "x",
			patch = { [0] = string.pack("<I2", size) }, expect = "any" }
		expect.refused("INVALID_PARAMETER", r, ("%s of size %d"):format(command, size))
	end
end

for _, size in ipairs { 2, 35, 100 } do
	smb.connect():negotiate { patch = { [0] = string.pack("<I2", size) },
		expect = "INVALID_PARAMETER" }
end
f:write { data = "all is well" }
expect.alive(t.conn)
