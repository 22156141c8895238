-- SPDX-License-Identifier: Apache-2.0
-- audit-json.lua: who did what, a line of JSON each in the log.
--
--   lua = { vars = [ "audit=yes" ]; };     in the share, or at the top for all
--
-- The same goes to whoever listens to events (smb3.event), such as the module audit.

local escapes = { ["\""] = "\\\"", ["\\"] = "\\\\" }

local function quote(text)
	return "\"" .. tostring(text):gsub("[%c\"\\]", function(c)
		return escapes[c] or string.format("\\u%04x", c:byte())
	end) .. "\""
end

local fields = { "user", "address", "share", "path", "new_path", "action", "status" }

local function tell(e)
	if e.vars.audit ~= "yes" or e.is_pipe then
		return
	end
	local parts, told = { "\"event\":" .. quote(e.point) }, {}
	for _, name in ipairs(fields) do
		if e[name] ~= nil then
			parts[#parts + 1] = quote(name) .. ":" .. quote(e[name])
			told[name] = e[name]
		end
	end
	smb3.log("notice", "{" .. table.concat(parts, ",") .. "}")
	smb3.event(e.point, told)
end

for _, point in ipairs({ "tree_connected", "tree_disconnect", "opened", "renamed", "removed" }) do
	smb3.on(point, tell, 950)
end
