-- SPDX-License-Identifier: Apache-2.0
-- Paths that are none, and lengths and offsets that lie. [MS-SMB2] 2.2.9
local refused = "BAD_NETWORK_NAME|INVALID_PARAMETER|OBJECT_NAME_INVALID"
local s = smb.session()

for _, path in ipairs { "", "\\", "\\\\", "\\\\server", "\\\\server\\", "\\server\\share",
	"\\\\\\", "\\\\server\\" .. wire.share .. "\\folder", "//server/" .. wire.share } do
	s:call { command = "tree_connect", path = path, expect = refused }
end

local function patched(at, value)
	s:call { command = "tree_connect", path = "\\\\server\\" .. wire.share,
		patch = { [at] = string.pack("<I2", value) }, expect = "INVALID_PARAMETER" }
end
patched(4, 0xFFFF) -- PathOffset
patched(4, 90)
patched(6, 0xFFFE) -- PathLength
patched(6, 200)

s:call { command = "tree_connect", path = "\\\\server\\" .. wire.share,
	patch = { [6] = string.pack("<I2", 9) }, expect = refused .. "|ILLEGAL_CHARACTER" }
s:tree(wire.share)
