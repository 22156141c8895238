-- SPDX-License-Identifier: Apache-2.0
-- IPC$ has no files; pipes that nobody serves do not exist. [MS-SMB2] 3.3.5.9
local t = smb.session():tree("IPC$")
for _, name in ipairs { "nosuchpipe", "no\\such\\pipe", "..\\..\\etc\\passwd", "\u{1F600}",
	("p"):rep(300) } do
	local r = t:create { name = name, access = "read write", expect = "any" }
	expect.is(r.fid == nil, name .. ": not there")
	expect.is(r.code >= 0xC0000000, name .. ": an error, not " .. r.status)
end
t:create { name = "nosuchpipe", expect = "OBJECT_NAME_NOT_FOUND" }
t:create { name = "new", disposition = "create",
	expect = "OBJECT_NAME_NOT_FOUND|ACCESS_DENIED|INVALID_PARAMETER|NOT_SUPPORTED" }
t:create { name = "new", disposition = "create", options = "directory",
	expect = "OBJECT_NAME_NOT_FOUND|ACCESS_DENIED|INVALID_PARAMETER|NOT_A_DIRECTORY" ..
		"|NOT_SUPPORTED" }

-- Commands for files, with an id that is none, on a share of pipes.
for _, command in ipairs { "query_info", "set_info", "query_directory", "read", "change_notify" } do
	expect.refused("FILE_CLOSED", t:call { command = command, fid = ("\2"):rep(16), class = 4,
		input = "x", expect = "any" })
end
t:call { command = "ioctl", code = "dfs_referrals", fid = ("\xff"):rep(16),
	input = string.pack("<I2z", 4, ""), expect = "any" }
expect.alive(t.conn)
