-- SPDX-License-Identifier: Apache-2.0
-- Patterns: *, ?, and the old ones of DOS; nothing that fits; case does not matter.
-- [MS-FSA] 2.1.4.4
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
for _, name in ipairs { "one.txt", "two.txt", "three.c", "noext", "ONE.C" } do
	t:put(tmp("folder\\" .. name), "")
end

local function matches(pattern, ...)
	local d = t:create { name = folder, options = "directory", access = "read" }
	local names, wanted = d:names { pattern = pattern }, { ... }
	d:close()
	table.sort(names)
	table.sort(wanted)
	expect.equal(table.concat(names, " "), table.concat(wanted, " "), "pattern " .. pattern)
end
matches("*.txt", "one.txt", "two.txt")
matches("*.TXT", "one.txt", "two.txt")
matches("o*", "one.txt", "ONE.C")
matches("???.txt", "one.txt", "two.txt")
matches("t*e.c", "three.c")
matches("noext", "noext")
matches("NOEXT", "noext")
matches("<.c", "three.c", "ONE.C")
matches(">>>.txt", "one.txt", "two.txt")
matches("one\"*", "one.txt", "ONE.C")

-- Nothing fits: the first answer says so, a later one that there is no more.
local d = t:create { name = folder, options = "directory", access = "read" }
d:list { pattern = "none*", expect = "NO_SUCH_FILE" }
d:close()

-- A new pattern counts from a restart on.
d = t:create { name = folder, options = "directory", access = "read" }
expect.equal(#d:list { pattern = "*.txt", query_flags = "single" }, 1, "one by the pattern")
expect.equal(#d:list { pattern = "*.c", query_flags = "restart" }, 2, "all by the other pattern")
d:list { pattern = "*.c", expect = "NO_MORE_FILES" }
