-- SPDX-License-Identifier: Apache-2.0
-- commands.lua: admin commands: top-users, who has a file open, kick a user, the message of the day,
-- what is open in a share.

smb3.command("top-users", "users, those with the most opens first", function()
	local by_user, users = {}, {}
	for _, s in ipairs(smb3.sessions()) do
		local u = by_user[s.user]
		if not u then
			u = { user = s.user, sessions = 0, opens = 0, addresses = "" }
			by_user[s.user] = u
			users[#users + 1] = u
		end
		u.sessions = u.sessions + 1
		u.opens = u.opens + s.opens
		if s.address and not (u.addresses .. " "):find(s.address .. " ", 1, true) then
			u.addresses = (u.addresses .. " " .. s.address):gsub("^ ", "")
		end
	end
	table.sort(users, function(a, b)
		return a.opens > b.opens or a.opens == b.opens and a.user < b.user
	end)
	return users, { "user", "sessions", "opens", "addresses" }
end)

smb3.command("who-has", "who has a file open; the path is the one below the share", function(path)
	local found = {}
	for _, o in ipairs(smb3.opens()) do
		if o.path:lower() == path:lower() then
			found[#found + 1] = o
		end
	end
	return found, { "user", "share", "path", "writes", "age", "session", "open" }
end, "PATH")

smb3.command("kick", "end all sessions of a user", function(user)
	local n = 0
	for _, s in ipairs(smb3.sessions()) do
		if s.user:lower() == user:lower() then
			smb3.kick(s.session, "kicked by the administrator")
			n = n + 1
		end
	end
	if n == 0 then
		return false, "nobody is logged on as " .. user
	end
	return { { ended = n } }
end, "USER")

smb3.command("motd", "show the message of the day, or set it", function(...)
	if select("#", ...) > 0 then
		smb3.shared.set("motd", table.concat({ ... }, " "))
	end
	return smb3.shared.get("motd") or "there is none"
end, "[WORD]...")

-- Who looks at the log while users log on sees what they would be told.
smb3.on("tree_connected", function(e)
	local motd = smb3.shared.get("motd")
	if motd then
		smb3.event("motd", { user = e.user, text = motd })
	end
end, 950)

smb3.command("share-opens", "what is open in a share", function(share)
	local found = {}
	for _, o in ipairs(smb3.opens()) do
		if o.share:lower() == share:lower() then
			found[#found + 1] = o
		end
	end
	table.sort(found, function(a, b) return a.path < b.path end)
	return found, { "path", "user", "writes", "directory", "age", "session", "open" }
end, "SHARE")
