-- SPDX-License-Identifier: Apache-2.0
-- CHANGE_NOTIFY: changes between requests are kept; what the first request said holds; when there is
-- too much, the client is to list the folder. [MS-FSA] 2.1.5.11, [MS-SMB2] 3.3.4.4
local notify = require "notify"
local t, other = smb.tree(), smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
local function inside(name) return folder .. "\\" .. name end
local function begin(o)
	local d = notify.open(t, folder)
	local p = notify.pending(d, o)
	p:cancel()
	p:wait { expect = "CANCELLED" }
	return d
end

-- Nothing is kept before the first request, all after it.
local d = notify.open(t, folder)
other:put(inside "before", "")
local p = notify.pending(d, { filter = notify.NAMES })
other:put(inside "a", "")
notify.wait(p, "added a")
other:put(inside "b", "")
other:remove(inside "a")
notify.take(d, "added b, removed a")

-- Filter and tree stay as they were first given.
p = notify.pending(d, { filter = notify.filter.attributes, notify_flags = notify.TREE })
other:mkdir(inside "sub"):close()
notify.wait(p, "added sub")
other:put(inside "sub\\below", "")
p = notify.pending(d, { filter = 0xfff })
other:put(inside "c", "x")
notify.wait(p, "added c")

-- Two that wait: the first gets what comes first.
p = notify.pending(d, {})
local q = notify.pending(d, {})
other:put(inside "d", "")
notify.wait(p, "added d")
expect.is(q:pending(), "the second one still waits")
other:put(inside "e", "")
notify.wait(q, "added e")
d:close()

-- The same file written again and again is one change.
d = begin { filter = notify.filter.write }
local f = other:create { name = inside "e", access = "read write" }
for i = 1, 20 do
	f:write { data = "x", offset = i }
end
f:close()
notify.take(d, "modified e")
d:close()

-- A reply that does not fit; afterwards it goes on.
d = begin { filter = notify.NAMES, max_out = 1000 }
other:put(inside "long enough not to fit", "")
d:notify({ max_out = 20 }):wait { expect = "NOTIFY_ENUM_DIR" }
other:put(inside "f", "")
notify.take(d, "added f")
d:close()

-- The first request also says how much is kept.
d = begin { filter = notify.NAMES, max_out = 14 }
other:put(inside "g", "")
notify.take(d, "added g")
other:put(inside "hh", "")
d:notify({ max_out = 65536 }):wait { expect = "NOTIFY_ENUM_DIR" }
d:close()
d = begin { filter = notify.NAMES, max_out = 0 }
other:put(inside "i", "")
d:notify({ max_out = 65536 }):wait { expect = "NOTIFY_ENUM_DIR" }
p = notify.pending(d, {})
other:put(inside "j", "")
p:wait { expect = "NOTIFY_ENUM_DIR" }
d:close()

-- More than is kept, and nothing of it is told.
d = begin { filter = notify.NAMES, max_out = 2000 }
for i = 1, 200 do
	other:put(inside("many" .. i), "")
end
d:notify({}):wait { expect = "NOTIFY_ENUM_DIR" }
other:remove(inside "many1")
notify.take(d, "removed many1")
