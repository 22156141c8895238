-- SPDX-License-Identifier: Apache-2.0
-- tripwire.lua: notices ransomware: many files that get another extension, or are overwritten with
-- what looks encrypted, in a short time. The share becomes read-only for everybody, the session is
-- ended, and the event "tripwire" is told. "smb3ctl thaw SHARE" makes the share writable again.
--
--   lua = { vars = [ "tripwire=20", "tripwire_seconds=10" ]; };     in the share
--   lua = { vars = [ "tripwire_entropy=7.8" ]; };                   at the top, if wanted
--
-- tripwire is how many suspicious changes one user may make in that time (10 s unless set).
-- Compressed files look encrypted, too: with tripwire_entropy the number should be a large one.

local function count(e, what)
	local limit = tonumber(e.vars.tripwire)
	if not limit then
		return
	end
	local key = "tripwire " .. e.share .. " " .. e.user
	local n = smb3.shared.add(key, 1, tonumber(e.vars.tripwire_seconds) or 10)
	if n <= limit then
		return
	end
	smb3.read_only(e.share, true)
	smb3.kick(e.session, "tripwire: " .. what)
	if n == limit + 1 then
		smb3.log("error", "share " .. e.share .. " is read-only: user " .. e.user .. " at " ..
			 e.address .. ": " .. what .. " " .. n .. " times; smb3ctl thaw " .. e.share)
		smb3.event("tripwire", { user = e.user, address = e.address, share = e.share,
					 what = what, path = e.path })
	end
end

smb3.on("renamed", function(e)
	if e.vars.tripwire and e.extension ~= "" and e.new_extension ~= e.extension then
		count(e, "extensions changed")
	end
end)

local entropy = tonumber(smb3.vars.tripwire_entropy)

if entropy then
	smb3.on("request", function(e)
		if e.command == "WRITE" and e.vars.tripwire and e.offset == 0 and e.bytes >= 1024 and
		   e.entropy > entropy then
			count(e, "files encrypted")
		end
	end)
end

smb3.command("thaw", "make a share writable again that the tripwire made read-only", function(share)
	if not smb3.read_only(share) then
		return false, "the share " .. share .. " is not read-only by a script"
	end
	smb3.read_only(share, false)
end, "SHARE")
