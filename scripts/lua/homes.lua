-- SPDX-License-Identifier: Apache-2.0
-- homes.lua: each user's own folder, under the user's own name.
--
--   lua = { vars = [ "homes_from=template", "homes_path=/srv/homes" ];
--           roots = [ "/srv/homes" ]; };     at the top
--
-- Alice reaches /srv/homes/alice as \\server\alice, and nobody else does. The share "template"
-- of smb3.conf lends its options. Folders are not made: a user without one has no share.

smb3.share("*", function(e)
	local from, path = smb3.vars.homes_from, smb3.vars.homes_path
	if not from or not path or e.guest or e.share:lower() ~= e.user:lower() then
		return
	end
	if e.user:find("/", 1, true) or e.user:sub(1, 1) == "." then
		return false
	end
	return { from = from, path = path .. "/" .. e.user:lower() }
end)
