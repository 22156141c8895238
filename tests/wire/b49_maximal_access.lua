-- SPDX-License-Identifier: Apache-2.0
-- MxAc and QFid at CREATE agree with QUERY_INFO; the file keeps its number. [MS-SMB2] 2.2.14.2
local t = smb.tree()
local name = tmp "file"
t:put(name, "x")
local f = t:create { name = name, access = "maximum",
	contexts = { { "MxAc", "" }, { "QFid", "" } } }
local status, access = string.unpack("<I4I4", f.contexts.MxAc)
expect.equal(status, 0, "status of the query for maximal access")
expect.equal(access, f:query { class = "access" }.access, "maximal access")
local index = f:query { class = "internal" }.index
expect.equal(string.unpack("<I8", f.contexts.QFid), index, "QFid is the index number")
f:close()

f = t:create { name = name, access = "read delete" }
f:rename(tmp "renamed")
expect.equal(f:query { class = "internal" }.index, index, "index number after renaming")
f:close()

local d = t:create { name = "", options = "directory", access = "read" }
local e = d:list { pattern = smb.tmp "renamed" }[1]
expect.equal(e.id, index, "file id in a listing")

-- On a read-only share.
f = smb.session():tree("ro"):create { name = "keep.txt", access = "maximum",
	contexts = { { "MxAc", "" } } }
access = select(2, string.unpack("<I4I4", f.contexts.MxAc))
expect.equal(access & 0x2, 0, "write access")
expect.equal(access & 0x1, 0x1, "read access")
