-- SPDX-License-Identifier: Apache-2.0
-- Each field of CREATE that can be wrong, and what the server says to it. [MS-SMB2] 2.2.13, 3.3.5.9,
-- [MS-FSA] 2.1.5.1
local t = smb.tree()
local name, folder = tmp "file", tmp "folder"
t:put(name, "content")
t:mkdir(folder):close()

local function refused(expected, o)
	o.name = o.name or name
	o.access = o.access or "read"
	o.expect = expected
	t:create(o)
end

-- options that only local callers have, those that exclude each other, and no options
for _, option in ipairs { 0x80, 0x2000, 0x100000 } do
	refused("NOT_SUPPORTED", { options = option })
end
for bit = 24, 31 do
	refused("INVALID_PARAMETER", { options = 1 << bit })
end
refused("INVALID_PARAMETER", { options = 0x41 }) -- a folder and no folder
refused("INVALID_PARAMETER", { options = "delete_on_close" }) -- without the right to delete
for _, disposition in ipairs { "supersede", "overwrite", "overwrite_if" } do
	refused("INVALID_PARAMETER", { options = "directory", disposition = disposition, name = folder })
end

-- attributes: of a device, of a volume, bits without meaning; encryption is not offered
for _, attribute in ipairs { 0x8, 0x40, 0x8000, 0x10000, 0x80000000 } do
	refused("INVALID_PARAMETER", { attributes = attribute, disposition = "open_if" })
end
refused("ACCESS_DENIED", { attributes = 0x4000, disposition = "create", name = tmp "new" })
refused("INVALID_PARAMETER", { attributes = 0x100, disposition = "create", name = tmp "new",
	options = "directory" })

-- access
refused("ACCESS_DENIED", { access = 0 })
for _, access in ipairs { 0x200, 0x8000, 0x200000, 0x4000000, 0x8000000 } do
	refused("ACCESS_DENIED", { access = access })
end

-- what is there is not what was asked for
refused("NOT_A_DIRECTORY", { options = "directory" })
refused("FILE_IS_A_DIRECTORY", { name = folder, options = 0x40 })
refused("OBJECT_NAME_COLLISION", { name = folder, disposition = "create" })
refused("OBJECT_PATH_NOT_FOUND", { name = tmp "none" .. "\\x" })
refused("OBJECT_PATH_NOT_FOUND|NOT_A_DIRECTORY", { name = name .. "\\x" })

-- the root of the share
refused("OBJECT_NAME_COLLISION", { name = "", disposition = "create", options = "directory" })
refused("FILE_IS_A_DIRECTORY", { name = "", options = 0x40 })

-- contexts of the wrong length
for _, bad in ipairs { { "MxAc", "1234" }, { "QFid", "1" }, { "AlSi", "1234" }, { "AlSi", "" },
	{ "TWrp", "123456789" } } do
	refused("INVALID_PARAMETER", { contexts = { bad } })
end
refused("INVALID_PARAMETER", { contexts = { { "AlSi", ("\xff"):rep(8) } } })
refused("OBJECT_NAME_NOT_FOUND", { contexts = { { "TWrp", string.pack("<I8", 132000000000000000) } } })
expect.equal(t:get(name), "content", "nothing has been changed")

-- A file that is read-only, or that would lose what it has.
local f = t:create { name = name, access = "write_attributes" }
f:set { class = "basic", file_attributes = "hidden" }
f:close()
refused("ACCESS_DENIED", { disposition = "overwrite", access = "write" })
f = t:create { name = name, access = "write_attributes" }
f:set { class = "basic", file_attributes = "readonly" }
f:close()
refused("ACCESS_DENIED", { access = "write" })
refused("CANNOT_DELETE", { access = "delete", options = "delete_on_close" })
f = t:create { name = name, access = "write_attributes" }
f:set { class = "basic", file_attributes = "normal" }
f:close()
expect.equal(t:get(name), "content", "nothing has been changed")
