-- SPDX-License-Identifier: Apache-2.0
-- A large request must be paid for with a credit each 64 KiB. [MS-SMB2] 3.3.5.2.5
local t = smb.tree { dialects = { 0x0210 } }
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
local data = ("x"):rep(200000)

f:write { data = data, charge = 0, expect = "INVALID_PARAMETER" }
f:write { data = data, charge = 1, expect = "INVALID_PARAMETER" }
f:write { data = data, charge = 3, expect = "INVALID_PARAMETER" }
expect.equal(f:write { data = data, charge = 4 }, #data, "paid in full")

f:read { length = 200000, charge = 0, expect = "INVALID_PARAMETER" }
f:read { length = 200000, charge = 2, expect = "INVALID_PARAMETER" }
expect.equal(#f:read { length = 200000, charge = 4 }, 200000, "paid in full")
expect.equal(#f:read { length = 65536, charge = 0 }, 65536, "64 KiB are free of charge")
expect.equal(#f:read { length = 65537, charge = 2 }, 65537, "one byte more is not")

f:query { class = "all", max_out = 65537, charge = 1, expect = "INVALID_PARAMETER" }
expect.alive(t.conn)
