-- SPDX-License-Identifier: Apache-2.0
-- pipes.lua: which named pipes there are, and who may open them. Windows calls remote procedures
-- through them: lists of shares (srvsvc), accounts (samr, lsarpc), services (svcctl), ...
--
--   lua = { vars = [ "pipes=srvsvc,wkssvc,samr",
--                    "pipe_samr=@admins,helpdesk,10.1.0.0/16" ]; };     at the top
--
--   lua = { vars = [ "interfaces=srvsvc,lsarpc", "interface_lsarpc=@staff" ]; };
--
-- pipes has those that there are for clients, all others are not found; without it all are there.
-- pipe_NAME says who may open that one: members of a group, a user, who comes from an address or
-- network; one of them is enough. interfaces and interface_NAME say the same of interfaces (smb3ctl rpc
-- lists them): pipes may have several, and who logs on inside of a pipe counts as whom he logs on as.

local addresses = require("addresses")

local function listed(list, name)
	return ("," .. list:lower() .. ","):find("," .. name:lower() .. ",", 1, true)
end

local function may(list, e)
	for word in list:gmatch("[^,%s]+") do
		local group = word:match("^@(.+)$")
		if group and e.groups[group] or word:lower() == e.user:lower() or
		   addresses.has(word, e.address) then
			return true
		end
	end
	return false
end

smb3.on("request", function(e)
	if not e.is_pipe or e.command ~= "CREATE" then
		return
	end
	local name = e.name or ""
	if e.vars.pipes and not listed(e.vars.pipes, name) then
		e.hide = true
		return false, "pipe " .. name .. " is not one of pipes"
	end
	local who = e.vars["pipe_" .. name:lower()]
	if who and not may(who, e) then
		return false, "pipe " .. name .. " is for " .. who
	end
end)

smb3.on("bind", function(e)
	local name = e.interface
	if e.vars.interfaces and not listed(e.vars.interfaces, name) then
		e.hide = true
		return false, "interface " .. name .. " is not one of interfaces"
	end
	local who = e.vars["interface_" .. name:lower()]
	if who and not may(who, e) then
		return false, "interface " .. name .. " is for " .. who
	end
end)
