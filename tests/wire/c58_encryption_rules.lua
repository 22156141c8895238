-- SPDX-License-Identifier: Apache-2.0
-- What is under which keys: interim answers, answers in another session's name, and that nothing is
-- left of a NEGOTIATE that failed. [MS-SMB2] 3.3.4.1.4, 3.3.4.2, 3.3.5.2.1.1, 3.3.5.4
local function encrypting(o)
	local c = smb.connect()
	local n = c:negotiate(o)
	return c, n.contexts and n.contexts[2] == string.pack("<I2I2", 1, 2)
end

-- the interim answer: encrypted like the final one, and never signed (AES-GMAC would repeat a nonce)
local function waits(seal, algorithm)
	local c = encrypting { dialects = { 0x0311 }, ciphers = { "aes-128-gcm" },
		signing = { algorithm }, security = "required" }
	local s = c:session()
	s:set { seal = seal }
	local t = s:tree(wire.share)
	local folder = tmp "waits"
	t:create { name = folder, options = "directory", disposition = "open_if" }:close()
	local d = t:create { name = folder, options = "directory", access = "read" }
	local p = d:notify()
	local interim = p:interim()
	expect.equal(interim.sealed, seal, "the interim answer is encrypted")
	expect.equal(interim.sig, "none", "the interim answer is signed")
	p:cancel()
	local r = p:wait { expect = "CANCELLED" }
	expect.equal(r.sealed, seal, "the final answer is encrypted")
	expect.equal(r.sig, seal and "none" or "good", "the final answer is signed")
	d:close()
end

local _, has = encrypting { dialects = { 0x0311 }, ciphers = { "aes-128-gcm" } }
if not has then
	smb.skip "the server does not encrypt"
end
for _, algorithm in ipairs { "hmac", "cmac", "gmac" } do
	waits(true, algorithm)
	waits(false, algorithm)
end

-- another session's name: refused, under the keys that the request was encrypted with
local c = encrypting { dialects = { 0x0311 }, ciphers = { "aes-128-gcm" } }
local one, two = c:session(), c:session()
for _, command in ipairs { "tree_connect", "echo", "logoff", "session_setup" } do
	for _, sid in ipairs { two.id, 0x1234567890 } do
		local r = one:call { command = command, seal = true, sid = sid, path = "\\\\s\\share",
			blob = "x", expect = "ACCESS_DENIED" }
		expect.is(r.sealed, command .. ": the refusal is encrypted")
	end
end
two:call { command = "echo" }

-- a NEGOTIATE that failed leaves nothing behind
c = smb.connect()
c:negotiate { dialects = { 0x0311 }, ciphers = { "aes-128-gcm" }, signing = { "gmac" },
	no_preauth = true, expect = "INVALID_PARAMETER" }
local n = c:negotiate { dialects = { 0x0311 }, ciphers = {}, signing = {} }
expect.is(not n.contexts[2], "no cipher that nobody asked for now")
expect.is(not n.contexts[8], "no signing algorithm that nobody asked for now")
expect.alive(c)
