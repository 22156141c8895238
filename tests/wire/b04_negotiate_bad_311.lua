-- SPDX-License-Identifier: Apache-2.0
-- 3.1.1 without exactly one good preauth context is refused. [MS-SMB2] 3.3.5.4
local function refused(o, status)
	o.dialects, o.expect = { 0x0311 }, status or "INVALID_PARAMETER"
	smb.connect():negotiate(o)
end

local function preauth(count, salt_len, hash, salt)
	local data = string.pack("<I2I2I2", count, salt_len, hash) .. salt
	return string.pack("<I2I2I4", 1, #data, 0) .. data .. ("\0"):rep(-#data % 8)
end

refused { no_preauth = true }
refused { no_preauth = true, extra = preauth(0, 4, 1, "salt") }
refused { no_preauth = true, extra = preauth(1, 40, 1, "salt") }
refused({ no_preauth = true, extra = preauth(1, 4, 0x55, "salt") },
	"SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP")

-- offset and count of the contexts
refused { patch = { [28] = string.pack("<I4", 0xFFFFFF00) } }
refused { patch = { [28] = string.pack("<I4", 4) } }
refused { patch = { [32] = string.pack("<I2", 200) } }
