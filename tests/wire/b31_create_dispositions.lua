-- SPDX-License-Identifier: Apache-2.0
-- Every disposition on a file that exists and on one that does not. [MS-SMB2] 3.3.5.9
local t = smb.tree()
local name = tmp "file"

local function try(disposition, exists, status, action, size)
	if exists then
		t:put(name, "content")
	elseif t:exists(name) then
		t:remove(name)
	end
	local what = disposition .. (exists and " of an existing file" or " of a new file")
	local f = t:create { name = name, disposition = disposition, access = "read write delete",
		expect = "any" }
	expect.equal(f.status, status, what)
	if status == "SUCCESS" then
		expect.equal(f.action, action, what .. ": action")
		expect.equal(f.size, size, what .. ": size in the answer")
		expect.equal(f:query { class = "standard" }.size, size, what .. ": size")
		f:close()
	end
end

try("supersede", false, "SUCCESS", "created", 0)
try("supersede", true, "SUCCESS", "superseded", 0)
try("open", false, "OBJECT_NAME_NOT_FOUND")
try("open", true, "SUCCESS", "opened", 7)
try("create", false, "SUCCESS", "created", 0)
try("create", true, "OBJECT_NAME_COLLISION")
try("open_if", false, "SUCCESS", "created", 0)
try("open_if", true, "SUCCESS", "opened", 7)
try("overwrite", false, "OBJECT_NAME_NOT_FOUND")
try("overwrite", true, "SUCCESS", "overwritten", 0)
try("overwrite_if", false, "SUCCESS", "created", 0)
try("overwrite_if", true, "SUCCESS", "overwritten", 0)
t:create { name = name, disposition = 6, expect = "INVALID_PARAMETER" }
t:create { name = name, disposition = 0xFFFFFFFF, expect = "INVALID_PARAMETER" }
