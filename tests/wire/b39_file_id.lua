-- SPDX-License-Identifier: Apache-2.0
-- A file id that is none, for each command that takes one; ids of others are none either.
-- [MS-SMB2] 3.3.5.10 and the sections after it
local t = smb.tree()
local f = t:create { name = "keep.txt", access = "read" }
local commands = {
	"close", "flush", "read", "write", "lock", "query_directory", "change_notify", "query_info",
	"set_info",
}

local function refused(tree, fid, what)
	for _, command in ipairs(commands) do
		local r = tree:call { command = command, fid = fid, class = 4, data = "x", input = "x",
			locks = { { 0, 1, 1 } }, expect = "any" }
		expect.refused("FILE_CLOSED", r, command .. " with " .. what)
	end
	tree:call { command = "ioctl", fid = fid, code = "set_sparse", expect = "FILE_CLOSED" }
end

refused(t, ("\0"):rep(16), "an id of zeros")
refused(t, ("\xff"):rep(16), "an id of ones") -- means the file of the request before; there is none
refused(t, f.fid:sub(1, 8) .. ("\x55"):rep(8), "half of an id")
refused(t, ("\x55"):rep(8) .. f.fid:sub(9), "the other half")

local other = t.conn:session { user = wire.user2, password = wire.password2 }:tree("ro")
refused(other, f.fid, "an id of another session")
expect.equal(f:read { length = 4 }, "keep", "the file itself is open")
