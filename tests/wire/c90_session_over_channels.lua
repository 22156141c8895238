-- SPDX-License-Identifier: Apache-2.0
-- What ends a session ends it on all its channels, with requests of any of them in flight, and a
-- CLOSE meets the LOGOFF of another channel. [MS-SMB2] 3.3.5.6, 3.3.5.10
local name = tmp "file"
smb.tree():put(name, ("x"):rep(65536))
local fine = "SUCCESS|FILE_CLOSED|NETWORK_NAME_DELETED|USER_SESSION_DELETED|CANCELLED"

-- Two connections of a client in one session; t and f are the same through either.
local function both()
	local a = smb.connect()
	local multi = a:negotiate { dialects = { 0x0311 } }.capabilities & 8 ~= 0
	if not multi then
		smb.skip "the server has no multichannel"
	end
	local s = a:session()
	local b = smb.connect()
	b:set { client_guid = a:info().client_guid }
	b:negotiate { dialects = { 0x0311 } }
	return a, s, b, b:session { of = s }
end

-- Used on the other channel after its end: by each command that wants a session.
local a, s, b, second = both()
local t = s:tree(wire.share)
local f = t:create { name = name, access = "read write" }
b:call { command = "read", session = second, tree = t, file = f, length = 10 }
s:logoff()
for _, o in ipairs {
	{ command = "read", tree = t, file = f, length = 10 },
	{ command = "create", tree = t, name = name },
	{ command = "close", tree = t, file = f },
	{ command = "tree_connect", path = "\\\\x\\" .. wire.share },
	{ command = "logoff" },
} do
	o.session, o.expect = second, "USER_SESSION_DELETED"
	b:call(o)
end
expect.alive(a)
expect.alive(b)
b:session():tree(wire.share)
a:close()
b:close()

-- Requests of both channels, a CLOSE on one, LOGOFF on the other or on both: one answer each.
local function race(ending)
	a, s, b, second = both()
	t = s:tree(wire.share)
	f = t:create { name = name, access = "read write" }
	a:echo { credits = 100 }
	b:echo { credits = 100 }
	local waiting = {}
	for i = 1, 20 do
		local on, session = a, s
		if i % 2 == 0 then
			on, session = b, second
		end
		waiting[i] = on:call { command = "read", session = session, tree = t, file = f,
			length = 4096, async = true, expect = fine }
	end
	for _, p in ipairs(ending()) do
		table.insert(waiting, p)
	end
	for _, p in ipairs(waiting) do
		p:wait()
	end
	expect.alive(a)
	expect.alive(b)
	a:close()
	b:close()
end

local function close_on(c, session)
	return c:call { command = "close", session = session, tree = t, file = f, async = true,
		expect = fine }
end
local function logoff_on(c, session)
	return c:call { command = "logoff", session = session, async = true, expect = fine }
end
for _ = 1, 5 do
	race(function() return { close_on(a, s), logoff_on(b, second) } end)
	race(function() return { logoff_on(a, s), close_on(b, second) } end)
	race(function() return { logoff_on(a, s), logoff_on(b, second) } end)
	race(function()
		local disconnect = b:call { command = "tree_disconnect", session = second, tree = t,
			async = true, expect = fine }
		return { close_on(a, s), disconnect, logoff_on(a, s) }
	end)
end
