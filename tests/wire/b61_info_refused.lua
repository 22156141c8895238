-- SPDX-License-Identifier: Apache-2.0
-- QUERY_INFO without room, of classes and types that do not exist, with lengths that lie.
-- [MS-SMB2] 3.3.5.20
local t = smb.tree()
local f = t:create { name = "keep.txt", access = "read" }

for class, size in pairs { basic = 40, standard = 24, internal = 8, network_open = 56, ea = 4 } do
	expect.equal(#f:query { class = class, max_out = size }.output, size, class .. ": size")
	f:query { class = class, max_out = size - 1, expect = "INFO_LENGTH_MISMATCH" }
	f:query { class = class, max_out = 0, expect = "INFO_LENGTH_MISMATCH" }
end
local all = f:query { class = "all", max_out = 104, expect = "BUFFER_OVERFLOW" }
expect.is(#all.output <= 104, "what fits")

f:query { class = 200, info_type = 1, expect = "INVALID_INFO_CLASS" }
f:query { class = 0, info_type = 1, expect = "INVALID_INFO_CLASS" }
f:query { class = 37, info_type = 1, expect = "INVALID_INFO_CLASS" }
f:query { class = 200, info_type = 2, expect = "INVALID_INFO_CLASS" }
f:query { class = 4, info_type = 9, expect = "INVALID_PARAMETER" }
f:query { class = "basic", max_out = t.conn:info().max_transact + 1, expect = "INVALID_PARAMETER" }

f:query { class = "full_ea", input = "abc", patch = { [8] = "\xff\xff" },
	expect = "INVALID_PARAMETER" } -- InputBufferOffset
f:query { class = "full_ea", input = "abc", patch = { [12] = "\xff\xff\xff\xff" },
	expect = "INVALID_PARAMETER" } -- InputBufferLength
expect.equal(f:query { class = "standard" }.size, 8, "size")
