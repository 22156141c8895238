-- SPDX-License-Identifier: Apache-2.0
-- Joins that fail at each step, and those of somebody else, leave the session they aim at alone: its
-- channels, its opens, its keys. [MS-SMB2] 3.3.5.5.2
local a = smb.connect()
if a:negotiate { dialects = { 0x0311 } }.capabilities & 8 == 0 then
	smb.skip "the server has no multichannel"
end
local s = a:session()
local t = s:tree(wire.share)
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }

local function lives()
	f:write { data = "alive" }
	expect.equal(f:read { length = 5 }, "alive", "the session's open")
end

local function near()
	local b = smb.connect()
	b:set { client_guid = a:info().client_guid }
	b:negotiate { dialects = { 0x0311 } }
	return b
end

-- Failures, again and again, on connections that stay and on such that go.
local kept = {}
for i = 1, 10 do
	local b = near()
	b:session { of = s, password = "wrong", expect = "LOGON_FAILURE" }
	b:session { of = s, user = wire.user2, password = wire.password2, expect = "ACCESS_DENIED" }
	if i % 2 == 0 then
		b:close()
	else
		table.insert(kept, b)
	end
	lives()
end

-- The other user's own session, on a connection that failed to join, and its end.
local other = kept[1]:session { user = wire.user2, password = wire.password2 }
other:tree(wire.share)
other:logoff()
lives()

-- A join that is asked for without a signature, and its connection lost: nobody notices.
for _ = 1, 5 do
	local b = near()
	b:call { command = "session_setup", sid = s.id, setup_flags = 1, blob = "NTLMSSP\0", expect = "any" }
	b:close()
	lives()
end

-- One that did join goes by itself, and the right user may come again.
for _ = 1, 3 do
	local b = near()
	local second = b:session { of = s }
	b:call { command = "read", session = second, tree = t, file = f, length = 5 }
	b:close()
	lives()
end
