-- SPDX-License-Identifier: Apache-2.0
-- Folders and files are not taken for each other. [MS-SMB2] 3.3.5.9, [MS-FSA] 2.1.5.1
local t = smb.tree()
local folder = tmp "folder"
local inside = tmp "folder\\inside"
local d = t:mkdir(folder)
expect.equal(d.attributes & 0x10, 0x10, "it is marked as a folder")
d:close()
t:put(inside, "x")

local function open(name, o, status)
	o.name, o.expect = name, status
	local f = t:create(o)
	if f.fid then
		f:close()
	end
end
open(folder, { options = "directory" }, "SUCCESS")
open(folder, {}, "SUCCESS")
open(folder, { options = "non_directory" }, "FILE_IS_A_DIRECTORY")
open(inside, { options = "directory" }, "NOT_A_DIRECTORY")
open(inside, { options = "directory", disposition = "create" },
	"OBJECT_NAME_COLLISION|NOT_A_DIRECTORY")
open(folder, { options = "directory", disposition = "create" }, "OBJECT_NAME_COLLISION")
open(folder, { options = "directory non_directory" }, "INVALID_PARAMETER")
open(folder, { options = "directory", disposition = "overwrite" }, "INVALID_PARAMETER")
open(folder, { options = "directory", disposition = "supersede" }, "INVALID_PARAMETER")

open(folder .. "\\no\\file", {}, "OBJECT_PATH_NOT_FOUND")
open(folder .. "\\no\\file", { disposition = "create" }, "OBJECT_PATH_NOT_FOUND")
open(inside .. "\\file", {}, "OBJECT_PATH_NOT_FOUND")
open(folder .. "\\none", {}, "OBJECT_NAME_NOT_FOUND")
open("", { options = "directory" }, "SUCCESS") -- the share itself
open("", { options = "non_directory" }, "FILE_IS_A_DIRECTORY")
