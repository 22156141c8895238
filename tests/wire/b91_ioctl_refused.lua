-- SPDX-License-Identifier: Apache-2.0
-- FSCTLs that nobody knows, without the flag, without room, with lengths that lie.
-- [MS-SMB2] 3.3.5.15
local t = smb.tree()
local f = t:create { name = "keep.txt", access = "read" }
local unknown = "INVALID_DEVICE_REQUEST|NOT_SUPPORTED"

f:ioctl { code = 0x99999998, expect = unknown }
f:ioctl { code = 0, expect = unknown }
f:ioctl { code = "request_resume_key", ioctl_flags = 0, expect = "NOT_SUPPORTED" }
f:ioctl { code = "validate_negotiate", input = "", expect = "any" }

-- InputOffset, InputCount
f:ioctl { code = "set_sparse", input = "x", patch = { [24] = string.pack("<I4", 0xFFFFFF00) },
	expect = "INVALID_PARAMETER" }
f:ioctl { code = "set_sparse", input = "x", patch = { [28] = string.pack("<I4", 5000) },
	expect = "INVALID_PARAMETER" }
f:ioctl { code = "set_sparse", input = "x", patch = { [24] = string.pack("<I4", 8) },
	expect = "INVALID_PARAMETER" }
expect.equal(f:read { length = 4 }, "keep", "content")
