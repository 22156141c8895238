-- SPDX-License-Identifier: Apache-2.0
-- bandwidth.lua: how much a user may read and write per second.
--
--   lua = { vars = [ "bandwidth=10M", "operations=200" ]; };     in the share
--
-- bandwidth is in bytes (K, M and G may follow), operations counts READs and WRITEs. Requests that
-- are too many wait; nobody else waits with them.

local units = { K = 1 << 10, M = 1 << 20, G = 1 << 30 }

local function size(text)
	local n, unit = text:upper():match("^(%d+)([KMG]?)$")
	return (tonumber(n) or error("\"" .. text .. "\" is not a size")) * (units[unit] or 1)
end

smb3.on("request", function(e)
	if e.command ~= "READ" and e.command ~= "WRITE" or e.is_pipe then
		return
	end
	local v, wait = e.vars, 0
	if v.operations then
		wait = smb3.limit("operations " .. e.share .. " " .. e.user, tonumber(v.operations), 1)
	end
	if v.bandwidth then
		wait = math.max(wait, smb3.limit("bandwidth " .. e.share .. " " .. e.user,
						 size(v.bandwidth), e.bytes))
	end
	return wait
end)
