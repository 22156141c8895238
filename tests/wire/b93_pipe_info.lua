-- SPDX-License-Identifier: Apache-2.0
-- The commands for files on an open of IPC$: the share's root, or a pipe if one can be had.
-- [MS-SMB2] 3.3.5.18, 3.3.5.20, 3.3.5.21
local t = smb.session():tree("IPC$")

local function disturb(f)
	for class = 0, 70 do
		for type = 1, 4 do
			f:query { class = class, info_type = type, additional = 7, expect = "any" }
		end
		f:set { class = class, info_type = 1, input = ("\0"):rep(64), expect = "any" }
	end
	for _, class in ipairs { "directory", "both_directory", "id_both_directory", "names" } do
		f:list { class = class, expect = "any" }
	end
	f:flush { expect = "any" }
	f:lock { locks = { { 0, 1, 0x12 } }, expect = "any" }
	f:notify():cancel()
	f:close { close_flags = 1, expect = "any" }
	expect.alive(t.conn)
end

for _, name in ipairs { "", "srvsvc", "wkssvc", "lsarpc", "samr" } do
	local f = t:create { name = name, access = "read write", expect = "any" }
	if f.fid then
		disturb(f)
	end
end
