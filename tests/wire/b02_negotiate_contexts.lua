-- SPDX-License-Identifier: Apache-2.0
-- 3.1.1 answers with a hash of its own salt, one signing algorithm, at most one cipher; contexts
-- that nobody knows are ignored. [MS-SMB2] 2.2.3.1, 3.3.5.4
local function ask(o)
	o.dialects = { 0x0311 }
	local c = smb.connect()
	return c:negotiate(o).contexts
end

local function preauth(contexts)
	local count, salt, hash = string.unpack("<I2I2I2", contexts[1])
	expect.equal(count, 1, "number of hash algorithms")
	expect.equal(hash, 1, "SHA-512")
	return contexts[1]:sub(7, 6 + salt)
end

local first = preauth(ask {})
expect.is(#first > 0, "there is a salt")
expect.is(first ~= preauth(ask {}), "the salt is a new one each time")

for name, id in pairs { hmac = 0, cmac = 1, gmac = 2 } do
	expect.equal(ask { signing = { name } }[8], string.pack("<I2I2", 1, id), name)
end
expect.equal(ask { signing = {} }[8], nil, "no signing context unasked")
expect.equal(ask { ciphers = {} }[2], nil, "no encryption context unasked")

local unknown = string.pack("<I2I2I4c8", 0x7777, 8, 0, "whatever")
local contexts = ask { extra = unknown, netname = "files.example" }
expect.equal(contexts[0x7777], nil, "the unknown context")
expect.equal(contexts[5], nil, "the network name has no answer")
preauth(contexts)
