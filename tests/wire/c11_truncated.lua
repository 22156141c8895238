-- SPDX-License-Identifier: Apache-2.0
-- Bodies that end before their fixed part does, for each command. [MS-SMB2] 3.3.5.2
local t = smb.tree()
local f = t:create { name = tmp "file", disposition = "create", access = "maximum" }
local fixed = {
	session_setup = 24, tree_connect = 8, create = 56, close = 24, flush = 24, read = 48,
	write = 48, lock = 48, ioctl = 56, query_directory = 32, change_notify = 32, query_info = 40,
	set_info = 32, oplock_break = 24, logoff = 4, tree_disconnect = 4, echo = 4,
}

for command, size in pairs(fixed) do
	for cut = 2, size - 1, 3 do
		local r = f:call { command = command, name = "keep.txt", path = "\\\\s\\share", data = "x",
			input = ("x"):rep(8), class = 20, length = 1, locks = { { 0, 1, 1 } }, blob = "x",
			truncate = cut, expect = "any" }
		expect.refused("INVALID_PARAMETER", r, ("%s cut to %d bytes"):format(command, cut))
	end
end

for cut = 2, 35, 5 do
	smb.connect():negotiate { truncate = cut, expect = "INVALID_PARAMETER" }
end
f:write { data = "all is well" }
expect.alive(t.conn)

-- Without even a StructureSize the connection may end as well.
for command in pairs(fixed) do
	for cut = 0, 1 do
		local p = smb.session():call { command = command, truncate = cut, async = true }
		local ok, r = pcall(p.wait, p, { expect = "any" })
		if ok then
			expect.refused("INVALID_PARAMETER", r, command .. " of " .. cut .. " bytes")
		else
			expect.is(r:find("closed", 1, true), command .. ": " .. r)
		end
	end
end
