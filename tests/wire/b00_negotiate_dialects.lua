-- SPDX-License-Identifier: Apache-2.0
-- Each dialect alone is accepted, and of several the highest. [MS-SMB2] 3.3.5.4
local function chosen(dialects)
	local c = smb.connect()
	return c:negotiate { dialects = dialects }.dialect
end

for _, dialect in ipairs { 0x0202, 0x0210, 0x0300, 0x0302, 0x0311 } do
	expect.equal(chosen { dialect }, dialect, "the only dialect")
end
expect.equal(chosen { 0x0311, 0x0202 }, 0x0311, "the highest first in the list")
expect.equal(chosen { 0x0202, 0x0210 }, 0x0210, "the highest last in the list")
expect.equal(chosen { 0x0210, 0x0399 }, 0x0210, "beside one that does not exist")
expect.equal(chosen { 0x0202, 0x0202 }, 0x0202, "one named twice")
