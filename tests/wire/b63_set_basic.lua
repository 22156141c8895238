-- SPDX-License-Identifier: Apache-2.0
-- Times and attributes are kept; zero leaves what is there. [MS-FSCC] 2.4.7
local t = smb.tree()
local name = tmp "file"
t:put(name, "x")
local f = t:create { name = name, access = "read write" }
local day = 864000000000
local then_ = 132000000000000000 -- an April day of 2019

f:set { class = "basic", created = then_, accessed = then_ + day, written = then_ + 2 * day }
local b = f:query { class = "basic" }
expect.equal(b.created, then_, "time of creation")
expect.equal(b.accessed, then_ + day, "time of access")
expect.equal(b.written, then_ + 2 * day, "time of writing")

f:set { class = "basic", file_attributes = "hidden readonly archive" }
expect.equal(f:query { class = "basic" }.attributes, 0x23, "attributes")
expect.equal(f:query { class = "basic" }.created, then_, "time of creation, untouched")
f:close()

f = t:create { name = name, access = "read write_attributes" }
b = f:query { class = "basic" }
expect.equal(b.attributes, 0x23, "attributes in a new open")
expect.equal(b.written, then_ + 2 * day, "time of writing in a new open")
t:create { name = name, access = "write_data", expect = "ACCESS_DENIED" } -- it is read-only
f:set { class = "basic", file_attributes = "normal" }
expect.equal(f:query { class = "basic" }.attributes & 0x23, 0, "attributes taken away")

f:set { class = "basic", input = ("x"):rep(20), expect = "INFO_LENGTH_MISMATCH|INVALID_PARAMETER" }
