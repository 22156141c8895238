-- SPDX-License-Identifier: Apache-2.0
-- CHANGE_NOTIFY: what ends a request that waits, and what is refused at once. [MS-SMB2] 3.3.5.19
local notify = require "notify"
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
t:put(folder .. "\\file", "x")
local function waiting(tree, n)
	local d, list = notify.open(tree, folder), {}
	for i = 1, n or 1 do
		list[i] = notify.pending(d, { filter = 1 })
	end
	return list, d
end
local function ended(list, status)
	for _, p in ipairs(list) do
		local async_id = p:wait { expect = status }.async_id
		expect.is(async_id and async_id ~= 0, "the reply has the interim one's async id")
	end
end

-- CANCEL ends one of several, and the handle goes on.
local list, d = waiting(t, 3)
list[2]:cancel()
ended({ table.remove(list, 2) }, "CANCELLED")
d:close()
ended(list, "NOTIFY_CLEANUP")

-- Everything that closes the handle.
list = waiting(t, 2)
t:disconnect()
ended(list, "NOTIFY_CLEANUP")
t = smb.tree()
list = waiting(t, 2)
t.session:logoff()
ended(list, "NOTIFY_CLEANUP")
t = smb.tree()
list = waiting(t)
local c = smb.connect()
c:negotiate()
c:session { previous = t.session.id }
ended(list, "NOTIFY_CLEANUP")

-- The connection is lost: the server does not mind.
t = smb.tree()
waiting(t, 5)
t.conn:close()
t = smb.tree()

-- The folder is to be deleted: by another handle, at once or when that is closed, or by the same.
local doomed = tmp "doomed"
for _, how in ipairs { "disposition", "on close", "itself" } do
	t:mkdir(doomed):close()
	d = notify.open(t, doomed, { access = "read delete" })
	local p = notify.pending(d, { filter = 1 })
	if how == "itself" then
		d:set { class = "disposition", delete = true }
	elseif how == "disposition" then
		local h = t:create { name = doomed, access = "delete", options = "directory" }
		h:set { class = "disposition", delete = true }
		h:close()
	else
		t:create { name = doomed, access = "delete", options = "directory delete_on_close" }:close()
	end
	ended({ p }, "DELETE_PENDING")
	d:notify({ filter = 1 }):wait { expect = "DELETE_PENDING" }
	d:close()
	expect.equal(t:exists(doomed), false, "the folder")
end

-- Refused.
local f = t:create { name = folder .. "\\file", access = "read" }
f:notify({}):wait { expect = "INVALID_PARAMETER" }
d = notify.open(t, folder, { access = "read_attributes" })
d:notify({}):wait { expect = "ACCESS_DENIED" }
d = notify.open(t, folder)
d:notify({ max_out = 0x7fffffff, charge = 1 }):wait { expect = "INVALID_PARAMETER" }
d:notify({ max_out = 65537, charge = 1 }):wait { expect = "INVALID_PARAMETER" }
d:notify({ fid = ("\xee"):rep(16) }):wait { expect = "FILE_CLOSED" }
for _, size in ipairs { 0, 31, 33 } do
	d:notify({ patch = { [0] = string.pack("<I2", size) } }):wait { expect = "INVALID_PARAMETER" }
end
d:notify({ truncate = 31 }):wait { expect = "INVALID_PARAMETER" }

-- In a compound it may be the last, which waits; one that others stand behind does not.
local r = t:compound { { command = "create", name = folder, options = "directory", access = "read" },
	{ command = "change_notify", expect = "INTERNAL_ERROR" }, { command = "close" } }
expect.equal(r[3].status, "SUCCESS", "the close behind it")
expect.alive(t.conn)
