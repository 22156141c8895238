-- SPDX-License-Identifier: Apache-2.0
-- worm.lua: write once, read many: files that have not changed for some days cannot be changed,
-- renamed, deleted or replaced any more.
--
--   lua = { vars = [ "worm_days=7" ]; };     in the share
--
-- Folders with such files can be renamed as long as none of them is open; local programs are not
-- held back.

local function frozen(e)
	local days = tonumber(e.vars.worm_days)
	return days and e.written and not e.directory and smb3.time() - e.written > days * 86400
end

-- What is opened: the rights to change it are not to be had.
smb3.on("access", function(e)
	if e.is_new or not e.vars.worm_days or not frozen(e) then
		return
	end
	if e.writes then
		return false, "older than " .. e.vars.worm_days .. " days: it stays as it is"
	end
	e.read_only = true
end)

-- What another file is renamed over.
smb3.on("entry", function(e)
	if e.deletes and e.vars.worm_days and frozen(e) then
		return false, "older than " .. e.vars.worm_days .. " days: it is not replaced"
	end
end)
