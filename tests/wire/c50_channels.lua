-- SPDX-License-Identifier: Apache-2.0
-- A second connection joins a session, if the server says that it can; only the session's own user
-- may, and a channel lost does not end the session. [MS-SMB2] 3.3.5.5.2
local a = smb.connect()
local multi = a:negotiate { dialects = { 0x0311 } }.capabilities & 8 ~= 0
local s = a:session()
local t = s:tree(wire.share)
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
f:write { data = "by the first" }

local function channel(o)
	local b = smb.connect()
	b:set { client_guid = a:info().client_guid }
	b:negotiate { dialects = { 0x0311 } }
	o.of = s
	return b, b:session(o)
end

if not multi then
	channel { expect = "REQUEST_NOT_ACCEPTED" }
	smb.skip "the server has no multichannel"
end
channel { user = wire.user2, password = wire.password2, expect = "ACCESS_DENIED" }
channel { password = "wrong", expect = "LOGON_FAILURE" }
local b, second = channel {}
expect.equal(second.sig, "good", "signature with the channel's own key")
local r = b:call { command = "read", session = second, tree = t, file = f, length = 12,
	sign = true }
expect.equal(r.data, "by the first", "content through the second channel")
expect.equal(r.sig, "good", "signature")
a:close()
b:call { command = "read", session = second, tree = t, file = f, length = 12 }
