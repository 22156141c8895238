-- SPDX-License-Identifier: Apache-2.0
-- Bits of CREATE that mean nothing are refused. [MS-FSA] 2.1.5.1
local t = smb.tree()
local name = "keep.txt"
t:create { name = name, access = "read", share = 8, expect = "INVALID_PARAMETER" }
t:create { name = name, access = "read", options = 0xFF000000,
	expect = "INVALID_PARAMETER|NOT_SUPPORTED" }
t:create { name = name, access = 0x0CE0FE00, expect = "INVALID_PARAMETER|ACCESS_DENIED" }
t:create { name = name, access = "read", disposition = 6, expect = "INVALID_PARAMETER" }
expect.equal(t:get(name), "keep me\n", "content")
