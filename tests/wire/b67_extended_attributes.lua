-- SPDX-License-Identifier: Apache-2.0
-- Extended attributes: set, listed, asked for by name, taken away; lists that lie set nothing.
-- [MS-FSCC] 2.4.16
local t = smb.tree()
local name = tmp "file"
t:put(name, "x")
local f = t:create { name = name, access = "read write" }

local function ea(next, key, value)
	local s = string.pack("<I4I1I1I2zc" .. #value, next, 0, #key, #value, key, value)
	return s .. ("\0"):rep(next < 100 and next - #s or 0)
end

local function all()
	local r, list, at = f:query { class = "full_ea", max_out = 4096, query_flags = 1,
		expect = "SUCCESS|NO_EAS_ON_FILE" }, {}, 1
	if r.status ~= "SUCCESS" then
		return r.status
	end
	repeat
		local next, _, _, len, key, pos = string.unpack("<I4I1I1I2z", r.output, at)
		list[key] = r.output:sub(pos, pos + len - 1)
		at = at + next
	until next == 0
	return list
end

local probe = f:set { class = "full_ea", input = ea(0, "color", "red"), expect = "any" }
if probe.status == "NOT_SUPPORTED" then
	smb.skip "the share keeps no extended attributes"
end
expect.status("SUCCESS", probe)
f:set { class = "full_ea", input = ea(16, "size", "big") .. ea(0, "$LXUID", "no") }
local list = all()
expect.equal(list.color, "red")
expect.equal(list.size, "big")
expect.equal(list["$LXUID"], "no")

local one = f:query { class = "full_ea", max_out = 4096,
	input = string.pack("<I4I1z", 0, 4, "size") }
expect.equal(one.output, ea(0, "size", "big"), "asked for by name")
expect.equal(t:get(name), "x", "content")

-- Nothing of a list that is wrong anywhere is set.
for what, bad in pairs {
	["next beyond the end"] = ea(4000, "color", "blue"),
	["name beyond the end"] = string.pack("<I4I1I1I2z", 0, 0, 200, 0, "color"),
	["value beyond the end"] = string.pack("<I4I1I1I2z", 0, 0, 5, 60000, "color"),
	["next inside of the entry"] = ea(4, "color", "blue") .. ea(0, "color", "blue"),
	["next not aligned"] = ea(18, "color", "blue") .. ea(0, "size", "blue"),
	["next at the very end"] = ea(20, "color", "blue"),
	["second one is cut off"] = ea(20, "color", "blue") .. string.pack("<I4I1", 0, 0),
} do
	f:set { class = "full_ea", input = bad, expect = "EA_LIST_INCONSISTENT|INVALID_PARAMETER" }
	expect.equal(all().color, "red", what)
end
f:query { class = "full_ea", max_out = 4096, input = string.pack("<I4I1", 0, 250),
	expect = "EA_LIST_INCONSISTENT|INVALID_PARAMETER" }

-- Names that are none.
for what, bad in pairs {
	["no name"] = ea(0, "", "blue"),
	["a wildcard"] = ea(0, "col*r", "blue"),
	["a separator"] = ea(0, "a/b", "blue"),
	["a control character"] = ea(0, "a\1b", "blue"),
	["a NUL"] = string.pack("<I4I1I1I2", 0, 0, 3, 1) .. "a\0b\0x",
	["an unknown flag"] = string.pack("<I4I1I1I2z", 0, 1, 5, 4, "color") .. "blue",
} do
	f:set { class = "full_ea", input = bad, expect = "INVALID_EA_NAME" }
	expect.equal(all().color, "red", what)
end

-- What the server keeps for itself is not to be reached this way.
for _, ours in ipairs { "DOSATTRIB", "dosattrib", "DosStream.x", "NTACL", "smb3.owner" } do
	f:set { class = "full_ea", input = ea(0, ours, "x"), expect = "ACCESS_DENIED" }
end
expect.equal(all().DOSATTRIB, nil)

f:set { class = "full_ea",
	input = ea(16, "color", "") .. ea(16, "size", "") .. ea(0, "$LXUID", "") }
expect.equal(all(), "NO_EAS_ON_FILE")

local r = t:create { name = name, access = "read_data" }
r:query { class = "full_ea", max_out = 4096, expect = "ACCESS_DENIED" }
r:set { class = "full_ea", input = ea(0, "color", "red"), expect = "ACCESS_DENIED" }
