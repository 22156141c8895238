-- SPDX-License-Identifier: Apache-2.0
-- A name is found in any case, kept as it was made, and not made twice. [MS-FSA] 2.1.5.1
local t = smb.tree()
local folder, name = tmp "Folder", tmp "Folder\\MiXed Case.TXT"
t:mkdir(folder):close()
t:put(name, "content")

for _, other in ipairs { name:upper(), name:lower() } do
	expect.equal(t:get(other), "content", other)
	t:create { name = other, disposition = "create", expect = "OBJECT_NAME_COLLISION" }
end

local umlaut = tmp "Folder\\Ärger.txt"
t:put(umlaut, "x")
expect.equal(t:get(folder .. "\\äRGER.TXT"), "x", "umlauts have a case, too")

local d = t:create { name = folder:upper(), options = "directory", access = "read" }
local found = {}
for _, n in ipairs(d:names()) do
	found[n] = true
end
expect.is(found["MiXed Case.TXT"], "it is listed as it was made")
d:close()

-- Renaming to another case of the same name.
local f = t:create { name = name, access = "read delete" }
f:rename(folder .. "\\MIXED case.txt")
f:close()
d = t:create { name = folder, options = "directory", access = "read" }
expect.is(table.concat(d:names(), "|"):find("MIXED case.txt", 1, true), "the new case is listed")
t:remove(name)
