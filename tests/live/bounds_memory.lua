-- SPDX-License-Identifier: Apache-2.0
-- limits.memory_in_all, for bounds.sh: a client that never reads takes all of it. Small messages go on,
-- large ones wait for their turn, he is cut off, and then nobody waits any more.
-- BOUNDS_CTL is smb3ctl with its options.
wire.patience = 60000
local megabyte = 1 << 20

local function ask(words)
	local p = assert(io.popen(os.getenv "BOUNDS_CTL" .. " " .. words))
	local text = p:read "a"
	assert(p:close(), text)
	return text
end

local function waits()
	return tonumber(ask("metrics"):match "limit_memory_in_all%s+(%d+)")
end

local function connections()
	return tonumber(ask("--json status"):match '"connections":%s*(%d+)')
end

local function until_true(fn, what)
	local deadline = wire.now() + wire.patience
	while not fn() do
		expect.is(wire.now() < deadline, what)
	end
end

local t = smb.tree()
local name = tmp "large"
local f = t:create { name = name, access = "read write", disposition = "create" }
for i = 0, 3 do
	f:write { offset = i * megabyte // 4, data = ("x"):rep(megabyte // 4) }
end

-- Asks for much, reads nothing.
local function hog()
	local h = smb.tree():create { name = name, access = "read" }
	h.conn:set { credits_goal = 512 }
	for _ = 1, 4 do
		h.conn:echo()
	end
	for _ = 1, 24 do
		h:call { command = "read", length = megabyte, async = true }
	end
end

-- On a slow machine he may have been cut off before anybody has felt him.
local before, began = waits()
until_true(function()
	began = wire.now()
	hog()
	f:write { data = ("y"):rep(megabyte // 2) }
	return waits() > before
end, "memory never ran out")

-- The others.
local small = t:create { name = tmp "small", access = "read write", disposition = "create" }
small:write { data = "hello" }
expect.equal(#small:read { length = 5 }, 5, "a small file")
local g = t:create { name = name, access = "read write" }
for _ = 1, 2 do
	g:write { data = ("y"):rep(megabyte // 2) }
	expect.equal(#g:read { length = megabyte // 2 }, megabyte // 2, "a large answer")
end

-- Relief.
until_true(function() return connections() == 1 end, "he was never cut off")
expect.is(wire.now() - began >= 9900, "he was cut off early")
before = waits()
for _ = 1, 20 do
	g:write { data = ("z"):rep(megabyte // 2) }
	expect.equal(#g:read { length = megabyte // 2 }, megabyte // 2, "a large answer")
end
expect.equal(waits(), before, "how often somebody had to wait")
