-- SPDX-License-Identifier: Apache-2.0
-- clients.lua: who may connect to a share, by address and by group.
--
--   lua = { vars = [ "allow_clients=10.0.0.0/8 192.0.2.7", "deny_clients=10.9.0.0/16",
--                    "allow_groups=staff,admins", "deny_groups=interns" ]; };     in the share
--
-- What is denied is denied, whatever is allowed; where something is allowed, all else is denied.
-- Networks are of IPv4; other addresses are compared as they are written (addresses.lua).

local addresses = require("addresses")

local function has_group(list, groups)
	for name in list:gmatch("[^,]+") do
		if groups[name] then
			return true
		end
	end
	return false
end

smb3.on("tree_connect", function(e)
	local v = e.vars
	if v.deny_clients and addresses.has(v.deny_clients, e.address) then
		return false, e.address .. " is in deny_clients"
	end
	if v.allow_clients and not addresses.has(v.allow_clients, e.address) then
		return false, e.address .. " is not in allow_clients"
	end
	if v.deny_groups and has_group(v.deny_groups, e.groups) then
		return false, e.user .. " is in one of deny_groups"
	end
	if v.allow_groups and not has_group(v.allow_groups, e.groups) then
		return false, e.user .. " is in none of allow_groups"
	end
end)
