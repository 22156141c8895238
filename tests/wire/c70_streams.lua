-- SPDX-License-Identifier: Apache-2.0
-- Alternate data streams: made with their file, written with gaps, listed, deleted alone and with
-- the file. [MS-FSCC] 2.1.5, 2.4.47, [MS-FSA] 2.1.5.1
local t = smb.tree()
local name = tmp "file"
local probe = t:create { name = name .. ":One", disposition = "create", access = "read write",
	expect = "SUCCESS|OBJECT_NAME_INVALID" }
if probe.status ~= "SUCCESS" then
	smb.skip "the share has no streams"
end

local function streams(f)
	local list = {}
	for _, s in ipairs(f:query { class = "stream", max_out = 4096 }) do
		list[s.name] = s.size
	end
	return list
end

-- The file was made along, and is empty.
expect.equal(probe.action, "created")
expect.equal(#t:get(name), 0)
probe:write { data = "end", offset = 5 }
expect.equal(probe:read { length = 100 }, "\0\0\0\0\0end")
probe:set { class = "eof", size = 6 }
probe:set { class = "eof", size = 12 }
expect.equal(probe:read { length = 100 }, "\0\0\0\0\0e\0\0\0\0\0\0")
expect.equal(streams(probe)[":One:$DATA"], 12)
expect.equal(streams(probe)["::$DATA"], 0)

-- The names of one stream; and names that are none.
for _, form in ipairs { ":One", ":one", ":ONE:$DATA", ":One:$data" } do
	t:create { name = name .. form, access = "read_attributes" }:close()
end
for _, form in ipairs { ":", ":One:", ":One:$FOO", ":a/b", ":a:b:c" } do
	t:create { name = name .. form, disposition = "open_if", access = "read_data",
		expect = "OBJECT_NAME_INVALID" }
end
t:create { name = name .. ":None", access = "read_data", expect = "OBJECT_NAME_NOT_FOUND" }
t:create { name = name .. ":One", disposition = "create", access = "read_data",
	expect = "OBJECT_NAME_COLLISION" }
t:create { name = name .. ":One", access = "read_data", options = "directory",
	expect = "NOT_A_DIRECTORY" }
t:create { name = name .. "::$DATA", access = "read_data" }:close()
probe:close()

-- One of them goes alone, an overwritten file loses all.
t:put(name .. ":Two", "two")
t:remove(name .. ":one")
local f = t:create { name = name, access = "read write" }
expect.equal(streams(f)[":One:$DATA"], nil)
expect.equal(streams(f)[":Two:$DATA"], 3)
f:close()
f = t:create { name = name, disposition = "overwrite", access = "read write" }
expect.equal(streams(f)[":Two:$DATA"], nil)
f:close()

-- A folder has streams, and no contents.
local dir = tmp "dir"
t:mkdir(dir):close()
t:put(dir .. ":note", "hello")
expect.equal(t:get(dir .. ":note"), "hello")
local d = t:create { name = dir, access = "read_data", options = "directory" }
expect.equal(streams(d)[":note:$DATA"], 5)
expect.equal(streams(d)["::$DATA"], nil)
d:close()
t:create { name = dir .. "::$DATA", access = "read_data", expect = "FILE_IS_A_DIRECTORY" }

-- Offsets far outside, and such whose end wraps: an error, and nothing changes.
local wild = t:create { name = tmp "file" .. ":wild", disposition = "open_if", access = "read write" }
wild:write { data = "text" }
for _, offset in ipairs { -1, -4, math.mininteger, math.maxinteger, math.maxinteger - 2, 1 << 62 } do
	wild:write { data = "text", offset = offset, expect = "INVALID_PARAMETER|DISK_FULL" }
	wild:read { length = 64, offset = offset, expect = "INVALID_PARAMETER|END_OF_FILE" }
	wild:set { class = "eof", size = offset, expect = "INVALID_PARAMETER|DISK_FULL" }
end
wild:read { length = 64, offset = 4, expect = "END_OF_FILE" }
expect.equal(wild:read { length = 64, offset = 3 }, "t", "over the end")
expect.equal(wild:read { length = 64 }, "text", "the contents after all that")

-- What was cut off does not come back, and what is left out holds nothing of the server's memory.
for _, size in ipairs { 100, 5000, 70000 } do
	wild:write { data = ("S"):rep(size) }
	wild:set { class = "eof", size = 1 }
	wild:write { data = "E", offset = size }
	expect.equal(wild:read { length = size + 1 }, "S" .. ("\0"):rep(size - 1) .. "E", size .. " bytes")
	wild:set { class = "eof", size = 0 }
end
wild:close()
t:remove(tmp "file" .. ":wild")
