-- SPDX-License-Identifier: Apache-2.0
-- FileRenameInformationEx: what replaces what. [MS-FSCC] 2.4.42, 2.4.43
local t, u = smb.tree(), smb.tree()
local from, to = tmp "from", tmp "to"
local REPLACE, POSIX, IGNORE_READONLY = 1, 2, 0x40

local function rename(f, name, flags, expect, root)
	f:set { class = "rename_ex", expect = expect,
		input = string.pack("<I4I4I8s4", flags, 0, root or 0, (name:gsub(".", "%0\0"))) }
end

t:put(from, "new")
t:put(to, "old")
local other = u:create { name = to, access = "read" }
local f = t:create { name = from, access = "delete" }
rename(f, to, 0, "OBJECT_NAME_COLLISION")
rename(f, to, POSIX, "OBJECT_NAME_COLLISION")
rename(f, to, REPLACE, "ACCESS_DENIED") -- it is open
rename(f, to, REPLACE, "INVALID_PARAMETER", 1) -- no root folder over the network
rename(f, to, REPLACE | POSIX)
f:close()
expect.equal(t:get(to), "new")
expect.equal(other:read { length = 3 }, "old", "what was replaced, while it is open")
other:close()
t:create { name = from, access = "read", expect = "OBJECT_NAME_NOT_FOUND" }

-- read-only
local g = t:create { name = to, access = "write_attributes" }
g:set { class = "basic", file_attributes = "readonly" }
g:close()
t:put(from, "newer")
f = t:create { name = from, access = "delete" }
rename(f, to, REPLACE, "ACCESS_DENIED")
rename(f, to, REPLACE | POSIX, "ACCESS_DENIED")
expect.equal(t:get(to), "new")
rename(f, to, REPLACE | IGNORE_READONLY)
f:close()
expect.equal(t:get(to), "newer")

-- folders: an empty one is replaced, another or a file is not
t:mkdir(tmp "a"):close()
t:mkdir(tmp "b"):close()
t:put(tmp "b" .. "\\x", "x")
f = t:create { name = tmp "a", access = "delete", options = "directory" }
rename(f, tmp "b", REPLACE, "ACCESS_DENIED")
rename(f, tmp "b", REPLACE | POSIX, "DIRECTORY_NOT_EMPTY")
rename(f, to, REPLACE | POSIX, "ACCESS_DENIED")
rename(f, tmp "a" .. "\\below", 0, "INVALID_PARAMETER")
rename(f, (tmp "a"):upper() .. "\\below", 0, "INVALID_PARAMETER")
t:remove(tmp "b" .. "\\x")
rename(f, tmp "b", REPLACE | POSIX)
f:close()
t:create { name = tmp "a", access = "read", expect = "OBJECT_NAME_NOT_FOUND" }
-- only the case
f = t:create { name = tmp "b", access = "delete", options = "directory" }
rename(f, (tmp "b"):upper(), 0)
f:close()
