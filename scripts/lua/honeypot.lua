-- SPDX-License-Identifier: Apache-2.0
-- honeypot.lua: files that nobody has a reason to open. Who does loses the session and cannot log on
-- again for a while, and the event "honeypot" is told.
--
--   lua = { vars = [ "honeypot=passwords.xlsx,salaries.docx", "honeypot_minutes=60" ]; };  in the share

smb3.on("opened", function(e)
	local names = e.vars.honeypot
	if not names or e.directory or
	   not ("," .. names:lower() .. ","):find("," .. e.name:lower() .. ",", 1, true) then
		return
	end
	-- To look at what it is, as folders are listed, is no crime.
	if e.access & 0x7 == 0 then
		return
	end
	smb3.shared.set("honeypot " .. e.user, e.address, 60 * (tonumber(e.vars.honeypot_minutes) or 60))
	smb3.log("error", "honeypot: user " .. e.user .. " at " .. e.address .. " opened " .. e.path ..
		 " of share " .. e.share)
	smb3.event("honeypot", { user = e.user, address = e.address, share = e.share, path = e.path })
	smb3.kick(e.session, "honeypot")
end)

smb3.on("authenticated", function(e)
	if not e.failed and smb3.shared.get("honeypot " .. e.user) then
		return false, "has opened a file that nobody opens"
	end
end)
