-- SPDX-License-Identifier: Apache-2.0
-- Places and what may wait: connections in all, sessions, requests that wait, for bounds.sh.
-- At the limit all is well, one more is refused, and what was given back can be had again.
wire.patience = 60000
local most, sessions, waiting = 16, 5, 12 -- of 16 requests three quarters may wait

-- A place is free a moment after its connection has ended.
local function again(fn)
	local deadline = wire.now() + wire.patience
	while true do
		local ok, got = pcall(fn)
		if ok then
			return got
		end
		expect.is(wire.now() < deadline, "a place was lost: " .. tostring(got))
	end
end

local function none_left(what)
	local c = smb.connect()
	expect.closed(c, what)
end

-- Connections in all. A stranger makes room for a user, and users keep theirs.
local users = {}
for i = 1, most - 2 do
	users[i] = again(smb.session)
end
local stranger = smb.connect()
users[#users + 1] = again(smb.session)
expect.closed(stranger, "the stranger makes room")
users[#users + 1] = again(smb.session)
none_left("at the limit")
for _, s in ipairs(users) do
	expect.alive(s.conn, "a user")
end
for _ = 1, 3 do
	table.remove(users, 1).conn:close()
	users[#users + 1] = again(smb.session)
	none_left("at the limit again")
end
for _, s in ipairs(users) do
	s.conn:close()
end

-- Sessions of a connection.
local c = again(function() return smb.session().conn end)
local list = {}
for i = 2, sessions do
	list[i] = c:session()
end
for _ = 1, 3 do
	c:session { expect = "INSUFFICIENT_RESOURCES" }
	table.remove(list):logoff()
	list[#list + 1] = c:session()
end
c:session { expect = "INSUFFICIENT_RESOURCES" }
expect.is(list[#list]:tree(wire.share):exists("keep.txt"), "a file through the last session")
c:close()

-- Requests that wait. What does not wait has room beside them.
local holder, t = again(smb.tree), again(smb.tree)
local name = tmp "file"
holder:put(name, "x")
local f = holder:create { name = name, access = "read write" }
local g = t:create { name = name, access = "read write" }
local shared, exclusive, unlock = 1, 2, 4

local function wait_for(sharing, n)
	local list = {}
	for i = 1, n do
		list[i] = g:lock { locks = { { 0, 10, sharing } }, async = true }
		expect.is(list[i]:interim(), "it waits")
	end
	return list
end

for _ = 1, 3 do
	f:lock { locks = { { 0, 10, exclusive } } }
	local list = wait_for(shared, waiting)
	g:lock { locks = { { 0, 10, shared } }, expect = "INSUFFICIENT_RESOURCES" }
	g:read { offset = 10, length = 10, expect = "END_OF_FILE" }
	expect.alive(t.conn, "the others wait")
	list[1]:cancel()
	list[1]:wait { expect = "CANCELLED" }
	list[1] = wait_for(shared, 1)[1]
	g:lock { locks = { { 0, 10, shared } }, expect = "INSUFFICIENT_RESOURCES" }
	f:lock { locks = { { 0, 10, unlock } } }
	for _, p in ipairs(list) do
		p:wait()
	end
	for _ = 1, waiting do
		g:lock { locks = { { 0, 10, unlock } } }
	end
end

-- The same for those who wait for changes, and the end of the open ends them.
local folder = tmp "folder"
t:mkdir(folder):close()
for _ = 1, 2 do
	local d = t:create { name = folder, options = "directory", access = "read" }
	local list = {}
	for i = 1, waiting do
		list[i] = d:notify()
		expect.is(list[i]:interim(), "it waits")
	end
	d:notify():wait { expect = "INSUFFICIENT_RESOURCES" }
	expect.alive(t.conn, "the others wait")
	d:close()
	for _, p in ipairs(list) do
		p:wait { expect = "NOTIFY_CLEANUP" }
	end
end
holder.conn:close()
t.conn:close()
