-- SPDX-License-Identifier: Apache-2.0
-- veto-types.lua: types of files that a share does not take, whether they are made or renamed to it.
--
--   lua = { vars = [ "veto_types=exe,scr,js" ]; };     in the share
--
-- What is there already can be read; module vfs_veto hides files.

smb3.on("entry", function(e)
	local types = e.vars.veto_types
	if not types or e.deletes or e.directory then
		return
	end
	if e.extension ~= "" and ("," .. types:lower() .. ","):find("," .. e.extension .. ",", 1, true) then
		return false, "files of type " .. e.extension .. " are not taken"
	end
end)
