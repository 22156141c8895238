-- SPDX-License-Identifier: Apache-2.0
-- Extended attributes one after the other, from an index, in too little room; their size; and
-- those that a new file is given. [MS-SMB2] 2.2.37, 2.2.13.2.1, [MS-FSA] 2.1.5.12.14
local t = smb.tree()
local name = tmp "file"
local RESTART, SINGLE, INDEX = 1, 2, 4

local function ea(next, key, value)
	local s = string.pack("<I4I1I1I2zc" .. #value, next, 0, #key, #value, key, value)
	return s .. ("\0"):rep(next > 0 and next - #s or 0)
end

local list = ea(20, "ONE", "first") .. ea(20, "TWO", "2nd") .. ea(0, "THREE", "3")
local f = t:create { name = name, disposition = "create", access = "all",
	contexts = { { "ExtA", list } } }
local probe = f:query { class = "full_ea", max_out = 4096, query_flags = RESTART,
	expect = "SUCCESS|NO_EAS_ON_FILE|NOT_SUPPORTED" }
if probe.status ~= "SUCCESS" then
	smb.skip "the share keeps no extended attributes"
end

local function query(flags, want, o)
	o = o or {}
	local r = f:query { class = "full_ea", max_out = o.max or 4096, query_flags = flags,
		additional = o.index, expect = want or "SUCCESS" }
	local names, at = {}, 1
	while r.output and #r.output > 0 do
		local next, _, _, _, key = string.unpack("<I4I1I1I2z", r.output, at)
		names[#names + 1] = key
		if next == 0 then
			break
		end
		at = at + next
	end
	return names
end

local order = query(RESTART)
expect.equal(#order, 3)
-- One at a time, on from where the last one was.
expect.equal(query(RESTART | SINGLE)[1], order[1])
expect.equal(query(SINGLE)[1], order[2])
expect.equal(query(SINGLE)[1], order[3])
query(SINGLE, "NO_MORE_EAS")
query(0, "NO_MORE_EAS")
expect.equal(#query(INDEX, nil, { index = 2 }), 2)
expect.equal(query(INDEX | SINGLE, nil, { index = 3 })[1], order[3])
query(INDEX, "NONEXISTENT_EA_ENTRY", { index = 4 })
query(INDEX, "NONEXISTENT_EA_ENTRY", { index = 0xffffffff })
-- What does not fit comes next.
expect.equal(#query(RESTART, "BUFFER_OVERFLOW", { max = 24 }), 1)
expect.equal(#query(0), 2)
query(RESTART, "BUFFER_TOO_SMALL", { max = 8 })

-- 4 for the list, 5 for each, names and values.
local size = string.unpack("<I4", f:query { class = "ea", max_out = 4 }.output)
expect.equal(size, 4 + 3 * 5 + #"ONETWOTHREE" + #"first2nd3")

-- Without case; and what is asked for and not there has no value.
local r = f:query { class = "full_ea", max_out = 4096,
	input = string.pack("<I4I1z", 12, 3, "two") .. "\0\0\0" ..
		string.pack("<I4I1z", 0, 4, "NONE") }
expect.equal(r.output, ea(16, "TWO", "2nd") .. ea(0, "NONE", ""))
f:set { class = "full_ea", input = ea(0, "two", "") }
expect.equal(#query(RESTART), 2)

-- More than a file may have changes nothing.
f:set { class = "full_ea", input = ea(0, "BIG", ("x"):rep(65535)), expect = "EA_TOO_LARGE" }
expect.equal(#query(RESTART), 2)
f:close()

-- A bad list makes no file; a good one changes no file that is there.
local other = tmp "other"
for data, want in pairs {
	[ea(400, "ONE", "1")] = "EA_LIST_INCONSISTENT",
	[ea(0, "O?E", "1")] = "INVALID_EA_NAME",
	[ea(0, "DOSATTRIB", "1")] = "ACCESS_DENIED",
	["xx"] = "EA_LIST_INCONSISTENT",
} do
	t:create { name = other, disposition = "create", access = "all",
		contexts = { { "ExtA", data } }, expect = want }
	expect.equal(t:exists(other), false, want)
end
f = t:create { name = name, access = "all", disposition = "open_if",
	contexts = { { "ExtA", ea(0, "NEW", "1") } } }
expect.equal(#query(RESTART), 2)
