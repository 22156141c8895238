-- SPDX-License-Identifier: Apache-2.0
-- Security descriptors: asked for by parts, set, obeyed; too small a buffer; lies in what is sent.
-- [MS-SMB2] 2.2.39.3, 3.3.5.20.3, 3.3.5.21.3, [MS-DTYP] 2.4.6
local OWNER, GROUP, DACL, SACL, LABEL = 1, 2, 4, 8, 16
local EVERYONE = string.pack("<I1I1c6I4", 1, 1, "\0\0\0\0\0\1", 0)
local t = smb.tree()

local function sd(control, dacl, owner)
	local head = string.pack("<I1I1I2I4I4I4I4", 1, 0, 0x8000 | control, owner and 20 or 0, 0, 0,
		dacl and 20 + #(owner or "") or 0)
	return head .. (owner or "") .. (dacl or "")
end

local function ace(type, mask, sid)
	sid = sid or EVERYONE
	return string.pack("<I1I1I2I4", type, 0, 8 + #sid, mask) .. sid
end

local function list(aces, count, size)
	local s = table.concat(aces)
	return string.pack("<I1I1I2I2I2", 2, 0, size or 8 + #s, count or #aces, 0) .. s
end

local function ask(f, parts, o)
	o = o or {}
	return f:query { class = 0, info_type = 3, additional = parts, max_out = o.max_out or 65536,
		expect = o.expect }
end

local function set(f, parts, input, expect_)
	return f:set { class = 0, info_type = 3, additional = parts, input = input, expect = expect_ }
end

local name = tmp "file"
t:put(name, "content")
local f = t:create { name = name, access = "read_control write_dac" }
local first = ask(f, OWNER | GROUP | DACL, { expect = "SUCCESS|NOT_SUPPORTED" })
if first.status == "NOT_SUPPORTED" then
	smb.skip "the server keeps no ACLs"
end

-- Parts.
local function offsets(s) return string.unpack("<xxI2I4I4I4I4", s) end
local control, owner, group, sacl, dacl = offsets(first.output)
expect.equal(control & 0x8014, 0x8004, "control")
expect.is(owner >= 20 and group >= 20 and dacl >= 20 and sacl == 0, "all parts but the SACL")
local own = first.output:sub(owner + 1, owner + 16)
control, owner, group, sacl, dacl = offsets(ask(f, OWNER).output)
expect.is(owner == 20 and group == 0 and dacl == 0 and control == 0x8000, "the owner alone")
control, owner, group, sacl, dacl = offsets(ask(f, 0).output)
expect.is(owner == 0 and group == 0 and dacl == 0, "nothing")
control, owner, group, sacl, dacl = offsets(ask(f, LABEL).output)
expect.is(owner == 0 and sacl == 0, "no label")
ask(f, SACL, { expect = "ACCESS_DENIED" })

-- Room.
local need = #first.output
for _, room in ipairs { 0, 19, need - 1 } do
	local r = ask(f, OWNER | GROUP | DACL, { max_out = room, expect = "BUFFER_TOO_SMALL" })
	expect.is(r.body:find(string.pack("<I4", need), 1, true), "the size that is needed")
end
expect.equal(#ask(f, OWNER | GROUP | DACL, { max_out = need }).output, need, "exact room")

-- A list that denies writing, and what it does.
set(f, DACL, sd(4, list { ace(1, 0x2), ace(0, 0x1F01FF) }))
expect.is(ask(f, DACL).output:find(ace(1, 0x2), 1, true), "the entry that was set")
t:create { name = name, access = "write_data", expect = "ACCESS_DENIED" }
t:create { name = name, access = "generic_write", expect = "ACCESS_DENIED" }
t:create { name = name, access = "read_data", disposition = "overwrite", expect = "ACCESS_DENIED" }
t:create { name = name, access = "maximum write_data", expect = "ACCESS_DENIED" }
expect.equal(t:get(name), "content", "nothing was written")
local g = t:create { name = name, access = "maximum", contexts = { { "MxAc", "" } } }
local status, most = string.unpack("<I4I4", g.contexts.MxAc)
expect.equal(most, 0x1F01FD, "maximal access")
expect.equal(g:query { class = "access" }.access, most, "granted")
g:close()
set(f, OWNER, sd(0, nil, own), "ACCESS_DENIED")
set(f, SACL, sd(0x10), "ACCESS_DENIED")
g = t:create { name = name, access = "read_data" }
ask(g, DACL, { expect = "ACCESS_DENIED" })
set(g, DACL, sd(4, list {}), "ACCESS_DENIED")
g:close()

-- Lies. What was set stays.
for what, input in pairs {
	empty = "",
	short = sd(4, list { ace(0, 1) }):sub(1, 19),
	cut = sd(4, list { ace(0, 1) }):sub(1, -2),
	["AceCount too large"] = sd(4, list({ ace(0, 1) }, 2)),
	["AceCount far too large"] = sd(4, list({ ace(0, 1) }, 0xFFFF)),
	["AclSize too large"] = sd(4, list({ ace(0, 1) }, 1, 0xFFFF)),
	["AclSize too small"] = sd(4, list({ ace(0, 1) }, 1, 12)),
	["DACL in the header"] = sd(4, list {}):sub(1, 16) .. "\4\0\0\0" .. list {},
	["DACL outside"] = sd(4, list {}):sub(1, 16) .. "\xff\xff\xff\x7f" .. list {},
	["DACL that wraps"] = sd(4, list {}):sub(1, 16) .. "\xf8\xff\xff\xff" .. list {},
	["owner outside"] = "\1\0\4\x80\xff\xff\0\0" .. sd(4, list {}):sub(9),
	["not self-relative"] = "\1\0\4\0" .. sd(4, list {}):sub(5),
	["ACE without size"] = sd(4, list { string.pack("<I1I1I2I4", 0, 0, 0, 1) .. EVERYONE }),
	["SID too long"] = sd(4, list { ace(0, 1, "\1\x10" .. EVERYONE:sub(3)) }),
	["longer than 64 KiB"] = sd(4, list { ace(0, 1) }) .. ("\0"):rep(65536),
} do
	set(f, DACL, input, "INVALID_SECURITY_DESCR|INVALID_PARAMETER|INFO_LENGTH_MISMATCH")
	expect.is(ask(f, DACL).output:find(ace(1, 0x2), 1, true), what .. ": the list stays")
end

-- No list at all: everybody may everything; an empty one: nobody anything but the owner.
set(f, DACL, sd(4, nil))
t:create { name = name, access = "all" }:close()
set(f, DACL, sd(4, list {}))
t:create { name = name, access = "read_data", expect = "ACCESS_DENIED" }
t:create { name = name, access = "read_control write_dac" }:close()
set(f, DACL, sd(4, list { ace(0, 0x10000000) }))
expect.is(ask(f, DACL).output:find(ace(0, 0x1F01FF), 1, true), "generic rights are mapped")
f:close()

-- With a new file.
local secd = { { "SecD", sd(4, list { ace(0, 0x1200A9) }) } }
f = t:create { name = tmp "made", access = "all", disposition = "create", contexts = secd }
expect.is(ask(f, DACL).output:find(ace(0, 0x1200A9), 1, true), "the list that was asked for")
f:close()
t:create { name = tmp "made", access = "write_data", expect = "ACCESS_DENIED" }
t:create { name = tmp "never", access = "all", disposition = "create",
	contexts = { { "SecD", sd(4, list({ ace(0, 1) }, 9)) } }, expect = "INVALID_PARAMETER" }
expect.is(not t:exists(tmp "never"), "nothing was made")

-- Nobody makes a file that is another's, or gives his to another.
local ROOT = string.pack("<I1I1c6I4I4I4", 1, 3, "\0\0\0\0\0\x16", 22, 1, 0):sub(1, 8 + 12)
t:create { name = tmp "foreign", access = "all", disposition = "create", expect = "INVALID_OWNER",
	contexts = { { "SecD", sd(4, list { ace(0, 0x1F01FF) }, ROOT) } } }
expect.is(not t:exists(tmp "foreign"), "a foreign file was made")
f = t:create { name = tmp "own", access = "all", disposition = "create",
	contexts = { { "SecD", sd(4, list { ace(0, 0x1F01FF) }, own) } } }
set(f, OWNER, sd(0, nil, ROOT), "INVALID_OWNER")
expect.equal(ask(f, OWNER).output:sub(21, 36), own, "the owner stays")
f:close()
