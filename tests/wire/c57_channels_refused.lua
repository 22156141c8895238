-- SPDX-License-Identifier: Apache-2.0
-- Who may not join a session, what he is told, and that the session does not suffer from it.
-- [MS-SMB2] 3.3.5.5.2
local function first(dialect, signing)
	local c = smb.connect()
	local r = c:negotiate { dialects = { dialect }, signing = signing, security = "required" }
	local s = c:session()
	return c, s, s:tree(wire.share), r.capabilities & 8 ~= 0
end

-- A second connection of the client asks for the session; o says what is different.
local function ask(c, s, o)
	local d = smb.connect()
	if not o.other_client then
		d:set { client_guid = c:info().client_guid }
	end
	d:negotiate { dialects = { o.dialect or c.dialect }, signing = o.signing or { "cmac" },
		security = "required" }
	d:session { of = s, user = o.user, password = o.password, expect = o.expect }
	return d
end

local c, s, t, multi = first(0x0311, { "cmac" })
if not multi then
	smb.skip "the server has no multichannel"
end
ask(c, s, { expect = "USER_SESSION_DELETED", other_client = true }):close()
ask(c, s, { expect = "INVALID_PARAMETER", dialect = 0x0300 }):close()
ask(c, s, { expect = "REQUEST_NOT_ACCEPTED", dialect = 0x0210 }):close()
ask(c, s, { expect = "LOGON_FAILURE", password = "wrong" }):close()
ask(c, s, { expect = "ACCESS_DENIED", user = wire.user2, password = wire.password2 }):close()
t:put(tmp "alive", "yes")

-- After a refusal the connection may log on by itself, and the right user may join.
local d = ask(c, s, { expect = "ACCESS_DENIED", user = wire.user2, password = wire.password2 })
d:session { of = s }
local own = d:session()
own:tree(wire.share)
-- Joined already: the request is signed with a key that is not this channel's any more.
d:session { of = s, expect = "ACCESS_DENIED" }
t:put(tmp "alive", "still")
d:close()
c:close()

-- AES-GMAC on one side only.
c, s, t = first(0x0311, { "gmac" })
ask(c, s, { expect = "REQUEST_OUT_OF_SEQUENCE", signing = { "cmac" } }):close()
t:put(tmp "alive", "yes")
c:close()
c, s, t = first(0x0311, { "cmac" })
ask(c, s, { expect = "NOT_SUPPORTED", signing = { "gmac" } }):close()
t:put(tmp "alive", "yes")
