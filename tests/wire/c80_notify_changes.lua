-- SPDX-License-Identifier: Apache-2.0
-- CHANGE_NOTIFY: which change is told to whom, and how it is called. [MS-FSA] 2.1.4.1
local notify = require "notify"
local f = notify.filter
local t, other = smb.tree(), smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
t:mkdir(folder .. "\\sub"):close()
t:put(folder .. "\\file", "x")
local function inside(name) return folder .. "\\" .. name end
local function change(name, o)
	local file = other:create { name = inside(name), access = o.access or "read write read_attributes write_attributes",
		options = o.options }
	o[1](file)
	file:close()
end

-- One fact each: told to who asks for it, and not to who asks for another one.
local cases = {
	{ f.file, "added new", function() other:put(inside "new", "") end },
	{ f.file, "removed new", function() other:remove(inside "new") end },
	{ f.dir, "added dir", function() other:mkdir(inside "dir"):close() end },
	{ f.dir, "removed dir", function() other:remove(inside "dir") end },
	{ f.write, "modified file", function() change("file", { function(h) h:write { data = "y" } end }) end },
	{ f.size, "modified file", function()
		change("file", { function(h) h:set { class = "eof", size = 100 } end })
	end },
	{ f.attributes, "modified file", function()
		change("file", { function(h) h:set { class = "basic", file_attributes = 2 } end })
	end },
	{ f.creation, "modified file", function()
		change("file", { function(h) h:set { class = "basic", created = 131000000000000000 } end })
	end },
	{ f.file, "old file, new moved", function()
		change("file", { function(h) h:rename(inside "moved") end, access = "read delete" })
	end },
	{ f.file, "removed moved", function()
		change("moved", { function(h) h:rename(tmp "away") end, access = "read delete" })
	end },
	{ f.file, "added back", function()
		local h = other:create { name = tmp "away", access = "read delete" }
		h:rename(inside "back")
		h:close()
	end },
}
for _, case in ipairs(cases) do
	local wanted = notify.open(t, folder)
	local unwanted = notify.open(t, folder)
	local p = notify.pending(wanted, { filter = case[1] })
	local q = notify.pending(unwanted, { filter = f.ea | f.security | f.access | f.stream })
	case[3]()
	notify.wait(p, case[2])
	wanted:close()
	q:cancel()
	q:wait { expect = "CANCELLED" }
	unwanted:close()
end

-- Below a folder: seen by who watches its tree, with the way there, and by nobody else.
local flat, tree = notify.open(t, folder), notify.open(t, folder)
local p = notify.pending(flat, { filter = notify.NAMES })
local q = notify.pending(tree, { filter = notify.NAMES, notify_flags = notify.TREE })
other:put(inside "sub\\deep", "x")
notify.wait(q, "added sub\\deep")
local h = other:create { name = inside "sub\\deep", access = "read delete" }
h:rename(inside "up")
h:close()
notify.wait(p, "added up")
notify.take(tree, "removed sub\\deep, added up")

-- From one folder's tree to a name of other case, and a name that has no ASCII in it.
h = other:create { name = inside "up", access = "read delete" }
h:rename(inside "UP")
h:close()
notify.take(flat, "old up, new UP")
other:put(inside "sub\\übung \u{1F600}", "")
other:remove(inside "UP")
notify.take(tree, "old up, new UP, added sub\\übung \u{1F600}, removed UP")

-- The folder itself is not in it: neither when it changes nor when it moves.
h = other:create { name = folder, options = "directory", access = "write_attributes" }
h:set { class = "basic", file_attributes = 2 }
h:close()
local all = notify.open(t, folder)
p = notify.pending(all, { filter = 0xfff })
h = other:create { name = folder, options = "directory", access = "write_attributes" }
h:set { class = "basic", file_attributes = 16 }
h:close()
other:put(inside "last", "")
notify.wait(p, "added last")
