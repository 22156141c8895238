-- SPDX-License-Identifier: Apache-2.0
-- addresses.lua: lists of addresses, for other scripts:
--
--   local addresses = require("addresses")
--   addresses.has("10.0.0.0/8 192.0.2.7", e.address)
--
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

-- Whether the address is, or is in, one of those that stand in the list.
local function has(list, address)
	for network in list:gmatch("[^%s,]+") do
		if in_network(address, network) then
			return true
		end
	end
	return false
end

return { has = has }
