-- SPDX-License-Identifier: Apache-2.0
-- Attributes and times that cannot be. [MS-FSA] 2.1.5.15.2
local t = smb.tree()
local name = tmp "file"
t:put(name, "x")
local f = t:create { name = name, access = "read write" }
f:set { class = "basic", file_attributes = "directory", expect = "INVALID_PARAMETER" }
f:set { class = "basic", written = -5, expect = "INVALID_PARAMETER" }
f:set { class = "basic", created = -3, expect = "INVALID_PARAMETER" }
local b = f:query { class = "basic" }
f:set { class = "basic" }
expect.equal(f:query { class = "basic" }.written, b.written, "time of writing, untouched")
f:close()

local d = t:mkdir(tmp "folder")
d:set { class = "basic", file_attributes = "temporary", expect = "INVALID_PARAMETER" }
d:close()
