-- SPDX-License-Identifier: Apache-2.0
-- What one open does not share, another cannot have; between two connections. [MS-FSA] 2.1.5.1.2
local a, b = smb.tree(), smb.tree()
local name = tmp "file"
a:put(name, "content")

local modes = { read = "read_data", write = "write_data", delete = "delete" }
local function try(access, share, access2, share2, status)
	local f = a:create { name = name, access = access, share = share }
	local g = b:create { name = name, access = access2, share = share2, expect = "any" }
	expect.equal(g.status, status, ("%s (sharing %s), then %s (sharing %s)"):format(access, share,
		access2, share2))
	f:close()
	if g.fid then
		g:close()
	end
end

for shared in pairs(modes) do
	for wanted, access in pairs(modes) do
		local status = shared == wanted and "SUCCESS" or "SHARING_VIOLATION"
		try("read_data", shared, access, "read write delete", status)
		try(access, "read write delete", "read_data", shared, status)
	end
end
try("read_data", "none", "read_data", "read write delete", "SHARING_VIOLATION")
try("read_data", "read write delete", "read_data", "none", "SHARING_VIOLATION")
try("read_attributes", "none", "write_data", "none", "SUCCESS")
try("read_data", "none", "read_attributes", "none", "SUCCESS")

-- When the holder's connection is gone, so is its claim.
a:create { name = name, access = "read_data", share = "none" }
a.conn:close()
local g
repeat
	g = b:create { name = name, access = "read_data", expect = "SUCCESS|SHARING_VIOLATION" }
until g.fid
