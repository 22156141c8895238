-- SPDX-License-Identifier: Apache-2.0
-- A context that may stand there once stands there twice. [MS-SMB2] 3.3.5.4
local preauth = string.pack("<I2I2I4I2I2I2c4c6", 1, 10, 0, 1, 4, 1, "salt", "")
local ciphers = string.pack("<I2I2I4I2I2c4", 2, 4, 0, 1, 2, "")
local signing = string.pack("<I2I2I4I2I2c4", 8, 4, 0, 1, 1, "")

for _, second in ipairs { preauth, ciphers, signing } do
	local c = smb.connect()
	c:negotiate { dialects = { 0x0311 }, extra = second, expect = "INVALID_PARAMETER" }
end
