-- SPDX-License-Identifier: Apache-2.0
-- office-hours.lua: a share that can be changed in office hours only, and read at any time.
--
--   lua = { vars = [ "office_hours=8-18", "office_days=1-5" ]; };     in the share
--
-- Hours are those of the server's time zone, from the full hour until before the other one;
-- days go from 0, Sunday, to 6. Without office_days every day is one.

local function within(range, value)
	local from, to = range:match("^(%d+)%-(%d+)$")
	if not from then
		error("\"" .. range .. "\" is not of the form FROM-TO")
	end
	return value >= tonumber(from) and value <= tonumber(to)
end

smb3.on("modify", function(e)
	if not e.vars.office_hours then
		return
	end
	local now = smb3.date()
	if e.vars.office_days and not within(e.vars.office_days, now.wday) then
		return false, "not a working day"
	end
	if not within(e.vars.office_hours, now.hour) or
	   now.hour == tonumber(e.vars.office_hours:match("%d+$")) then
		return false, "outside of office hours (" .. e.vars.office_hours .. ")"
	end
end)
