-- SPDX-License-Identifier: Apache-2.0
-- A time that a client sets, or freezes with -1, stays on that handle until -2 or the close.
-- [MS-FSCC] 2.4.7, [MS-FSA] 2.1.5.15.2
local t = smb.tree()
local name = tmp "file"
t:put(name, "x")
local past = 132000000000000000

local function times(f)
	local b = f:query { class = "basic" }
	return b.written, b.changed
end

-- set: work through the same handle changes neither
local f = t:create { name = name, access = "read write" }
f:set { class = "basic", created = past, written = past + 1, changed = past + 2 }
f:write { data = "y" }
f:flush()
f:set { class = "eof", size = 5 }
f:ioctl { code = 0x980C8, input = string.pack("<I8I8", 0, 3) } -- zeroes
local written, changed = times(f)
expect.equal(written, past + 1, "written after it was set")
expect.equal(changed, past + 2, "changed after it was set")

-- -2: later work counts again; a change in the same millisecond may go unnoticed
f:set { class = "basic", written = -2, changed = -2 }
for _ = 1, 1000 do
	f:write { data = "z" }
	f:flush()
	written, changed = times(f)
	if changed > past + 2 then
		break
	end
end
expect.is(written > past + 1, "written after it was thawed")
expect.is(changed > past + 2, "changed after it was thawed")

-- -1: as it is now
f:set { class = "basic", written = past }
f:close()
f = t:create { name = name, access = "read write" }
f:set { class = "basic", written = -1 }
f:write { data = "a" }
f:flush()
expect.equal((times(f)), past, "written while frozen")
expect.equal(f:close { close_flags = 1 }.written, past, "written at the close")

-- a change time alone: a FLUSH makes the write time count, and leaves it
f = t:create { name = name, access = "read write" }
f:set { class = "basic", changed = past }
f:write { data = "a" }
local other = t:create { name = tmp "other", access = "read write", disposition = "open_if" }
local start = select(2, times(other))
repeat -- the disk's clock ticks: the two do not count as one change
	other:write { data = "x" }
until select(2, times(other)) > start + 10000
f:flush()
expect.equal(select(2, times(f)), past, "changed while it is kept")
f:write { data = "b" }
expect.equal(f:close { close_flags = 1 }.changed, past, "changed at the close")

-- another handle does not know of it
f = t:create { name = name, access = "read write" }
f:set { class = "basic", written = past }
local g = t:create { name = name, access = "read write" }
g:write { data = "b" }
g:flush()
expect.is(g:query { class = "basic" }.written > past, "written through another handle")
g:close()
f:close()

-- Beyond what 32 bits of seconds hold, and before 1970.
for _, time in ipairs { 266768591350000000, 159394408950000000, 115813152000000000 } do
	f = t:create { name = name, access = "read write" }
	f:set { class = "basic", created = time, accessed = time, written = time, changed = time }
	f:close()
	f = t:create { name = name, access = "read" }
	local b = f:query { class = "basic" }
	for _, which in ipairs { "created", "accessed", "written", "changed" } do
		expect.equal(b[which], time, which)
	end
	f:close()
end
f = t:create { name = name, access = "read write" }
f:set { class = "basic", written = -3, expect = "INVALID_PARAMETER" }
f:set { class = "basic", changed = math.mininteger, expect = "INVALID_PARAMETER" }
