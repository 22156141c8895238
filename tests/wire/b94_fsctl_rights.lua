-- SPDX-License-Identifier: Apache-2.0
-- Controls that change a file want the right to change it, and none of them works on a pipe or
-- through the wrong share. [MS-SMB2] 3.3.5.15, [MS-FSA] 2.1.5.10
local SET_SPARSE, SET_ZERO_DATA, ALLOCATED_RANGES = 0x900C4, 0x980C8, 0x940CF
local RESUME_KEY, COPYCHUNK, COPYCHUNK_WRITE = 0x140078, 0x1440F2, 0x1480F2
local t = smb.tree()
local name, other = tmp "file", tmp "other"
t:put(name, "0123456789")
t:put(other, "abcdefghij")
local zero = string.pack("<I8I8", 2, 5)

local r = t:create { name = name, access = "read" }
r:ioctl { code = SET_SPARSE, input = "\1", expect = "ACCESS_DENIED" }
r:ioctl { code = SET_ZERO_DATA, input = zero, expect = "ACCESS_DENIED" }
local key = r:ioctl { code = RESUME_KEY, max_out = 32 }.output:sub(1, 24)
local chunk = string.pack("<c24I4I4I8I8I4I4", key, 1, 0, 0, 0, 3, 0)

local o = t:create { name = other, access = "read" }
o:ioctl { code = COPYCHUNK, input = chunk, max_out = 12, expect = "ACCESS_DENIED" }
o:ioctl { code = COPYCHUNK_WRITE, input = chunk, max_out = 12, expect = "ACCESS_DENIED" }
o:close()
o = t:create { name = other, access = "write_data" }
o:ioctl { code = COPYCHUNK, input = chunk, max_out = 12, expect = "ACCESS_DENIED" }
o:ioctl { code = ALLOCATED_RANGES, input = zero, max_out = 64, expect = "ACCESS_DENIED" }
expect.equal(t:get(name), "0123456789")
expect.equal(t:get(other), "abcdefghij")

-- With it they do.
o:ioctl { code = COPYCHUNK_WRITE, input = chunk, max_out = 12 }
expect.equal(t:get(other), "012defghij")
o:ioctl { code = SET_ZERO_DATA, input = zero }
expect.equal(t:get(other), "01\0\0\0fghij")

-- Ranges that make no sense change nothing.
for _, range in ipairs { { -1, 5 }, { 5, 2 }, { 0, -1 } } do
	o:ioctl { code = SET_ZERO_DATA, input = string.pack("<i8i8", range[1], range[2]),
		expect = "INVALID_PARAMETER" }
end
o:ioctl { code = SET_ZERO_DATA, input = zero:sub(1, 15), expect = "INVALID_PARAMETER" }
expect.equal(t:get(other), "01\0\0\0fghij")

-- Another session's key is nobody's here.
local stranger = smb.session():tree("share"):create { name = other, access = "read write" }
stranger:ioctl { code = COPYCHUNK, input = chunk, max_out = 12, expect = "OBJECT_NAME_NOT_FOUND" }

-- On a read-only share nobody gets that far.
local ro = smb.session():tree("ro"):create { name = "keep.txt", access = "read" }
ro:ioctl { code = SET_SPARSE, input = "\1", expect = "ACCESS_DENIED|MEDIA_WRITE_PROTECTED" }
ro:ioctl { code = SET_ZERO_DATA, input = zero, expect = "ACCESS_DENIED|MEDIA_WRITE_PROTECTED" }
