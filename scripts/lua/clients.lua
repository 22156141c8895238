-- SPDX-License-Identifier: Apache-2.0
-- clients.lua: who may connect to a share, by address and by group.
--
--   lua = { vars = [ "allow_clients=10.0.0.0/8 192.0.2.7", "deny_clients=10.9.0.0/16",
--                    "allow_groups=staff,admins", "deny_groups=interns" ]; };     in the share
--
-- What is denied is denied, whatever is allowed; where something is allowed, all else is denied.
-- Networks are of IPv4; other addresses are compared as they are written.

local function number(address)
	local a, b, c, d = address:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
	return a and (tonumber(a) << 24 | tonumber(b) << 16 | tonumber(c) << 8 | tonumber(d))
end

local function in_network(address, network)
	local base, bits = network:match("^([%d.]+)/(%d+)$")
	local a, b = number(address), base and number(base)
	if not a or not b then
		return address == network
	end
	local mask = 0xffffffff << (32 - tonumber(bits)) & 0xffffffff
	return a & mask == b & mask
end

local function has_address(list, address)
	for network in list:gmatch("[^%s,]+") do
		if in_network(address, network) then
			return true
		end
	end
	return false
end

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
	if v.deny_clients and has_address(v.deny_clients, e.address) then
		return false, e.address .. " is in deny_clients"
	end
	if v.allow_clients and not has_address(v.allow_clients, e.address) then
		return false, e.address .. " is not in allow_clients"
	end
	if v.deny_groups and has_group(v.deny_groups, e.groups) then
		return false, e.user .. " is in one of deny_groups"
	end
	if v.allow_groups and not has_group(v.allow_groups, e.groups) then
		return false, e.user .. " is in none of allow_groups"
	end
end)
