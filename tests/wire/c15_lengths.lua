-- SPDX-License-Identifier: Apache-2.0
-- Each offset and length in each body set to what cannot be: always refused, never obeyed, and the
-- connection goes on. [MS-SMB2] 2.2
local t = smb.tree()
local f = t:create { name = tmp "file", disposition = "create", access = "maximum" }
f:write { data = "content" }

-- command = { {offset in the body, bytes}, ... }
local fields = {
	session_setup = { { 12, 2 }, { 14, 2 } },
	tree_connect = { { 4, 2 }, { 6, 2 } },
	create = { { 44, 2 }, { 46, 2 }, { 48, 4 }, { 52, 4 } },
	write = { { 2, 2 }, { 4, 4 }, { 40, 2 } },
	lock = { { 2, 2 } },
	ioctl = { { 24, 4 }, { 28, 4 } },
	query_directory = { { 24, 2 }, { 26, 2 } },
	set_info = { { 4, 4 }, { 8, 2 } },
}
local values = {
	[2] = { 0xFFFF, 0x8000, 0xFFFE }, [4] = { 0xFFFFFFFF, 0x80000000, 0xFFFFFFF0, 0x10000 },
}

for command, list in pairs(fields) do
	for _, field in ipairs(list) do
		for _, value in ipairs(values[field[2]]) do
			local r = f:call { command = command, name = "keep.txt", path = "\\\\s\\share",
				data = "spoilt", input = ("x"):rep(8), class = 20, locks = { { 0, 1, 1 } },
				blob = "x", contexts = { { "MxAc", "" } }, code = "set_sparse", access = "read",
				patch = { [field[1]] = string.pack("<I" .. field[2], value) }, expect = "any" }
			local obeyed = r.status == "SUCCESS" and not (command == "write" and field[1] == 40)
			expect.is(not obeyed, ("%s: %d at offset %d: refused"):format(command, value, field[1]))
		end
	end
end
expect.alive(t.conn)
