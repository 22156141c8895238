-- SPDX-License-Identifier: Apache-2.0
-- A listing goes on where it was; restart, single entry, reopen. [MS-SMB2] 3.3.5.18
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
for i = 1, 9 do
	t:put(tmp("folder\\file" .. i), "")
end
local d = t:create { name = folder, options = "directory", access = "read" }

local all = d:names()
expect.equal(#all, 11, "number of entries")
local first = d:list { query_flags = "restart single" }
expect.equal(#first, 1, "a single entry")
expect.equal(first[1].name, all[1], "the first again")
for i = 2, 11 do
	local one = d:list { query_flags = "single" }
	expect.equal(one[1].name, all[i], "entry " .. i)
end
d:list { query_flags = "single", expect = "NO_MORE_FILES" }
d:list { expect = "NO_MORE_FILES" }

-- What fits comes, the rest the next time.
local seen = d:list { query_flags = "restart", max_out = 400 }
local got = #seen
expect.is(got >= 1 and got < 11, "a part in a small buffer")
repeat
	local more = d:list { max_out = 400, expect = "SUCCESS|NO_MORE_FILES" }
	got = got + #more
until more.status
expect.equal(got, 11, "all of them in parts")

d:list { query_flags = "reopen" }
d:close()
