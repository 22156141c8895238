-- SPDX-License-Identifier: Apache-2.0
-- drop-box.lua: a share that takes files and shows none: no listing, no reading, no changing of what
-- is there.
--
--   lua = { vars = [ "drop_box=yes", "drop_box_readers=clerks" ]; };     in the share
--
-- Members of the group drop_box_readers have what the file system gives them.

local READ, LIST, EXECUTE = 0x1, 0x1, 0x20
local DELETE = 0x10000 | 0x40
local WRITE = 0x2 | 0x4 | DELETE

local function closed(e)
	local readers = e.vars.drop_box_readers
	return e.vars.drop_box == "yes" and not (readers and e.groups[readers])
end

smb3.on("access", function(e)
	if e.is_new or not closed(e) then
		return
	end
	local hidden = e.directory and LIST | DELETE or READ | WRITE | EXECUTE
	if e.wanted & hidden ~= 0 then
		return false, "a drop box does not show or change what it has"
	end
	e.access = e.access & ~hidden
end)

smb3.on("entry", function(e)
	if e.deletes and closed(e) then
		return false, "a drop box does not change what it has"
	end
end)
