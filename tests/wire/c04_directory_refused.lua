-- SPDX-License-Identifier: Apache-2.0
-- QUERY_DIRECTORY of a file, which is no folder, and of more than was agreed. [MS-SMB2] 3.3.5.18
local t = smb.tree()
local f = t:create { name = "keep.txt", access = "read" }
f:list { expect = "INVALID_PARAMETER" }
f:list { query_flags = "restart single", class = "names", expect = "INVALID_PARAMETER" }
expect.equal(f:read { length = 4 }, "keep", "the file can be read all the same")
f:close()

-- More than the largest answer that was agreed.
local d = t:create { name = "", options = "directory", access = "read" }
d:list { max_out = t.conn:info().max_transact + 1, expect = "INVALID_PARAMETER" }
d:list { max_out = 131073, charge = 2, expect = "INVALID_PARAMETER" }
