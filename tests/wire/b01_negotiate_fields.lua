-- SPDX-License-Identifier: Apache-2.0
-- The fields of the NEGOTIATE response: sizes, capabilities by dialect, the first security token.
-- [MS-SMB2] 2.2.4
local large_mtu, encryption = 4, 0x40

local function ask(dialect)
	local c = smb.connect()
	local r = c:negotiate { dialects = { dialect } }
	expect.equal(r.security_mode & 1, 1, "signing is enabled")
	expect.is(r.max_transact >= 65536, "MaxTransactSize of 64 KiB at least")
	expect.is(r.max_read >= 65536, "MaxReadSize of 64 KiB at least")
	expect.is(r.max_write >= 65536, "MaxWriteSize of 64 KiB at least")
	expect.is(r.time > 130000000000000000, "the time is of this century")
	expect.equal(r.blob:byte(), 0x60, "first byte of the SPNEGO token")
	expect.is(r.blob:find("\x2b\x06\x01\x05\x05\x02", 1, true), "SPNEGO is named")
	expect.is(r.blob:find("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 1, true), "NTLM is offered")
	expect.is(r.credits >= 1, "a credit is granted")
	expect.equal(r.flags & 1, 1, "it is marked as a response")
	return r
end

local r = ask(0x0202)
expect.equal(r.capabilities & large_mtu, 0, "2.0.2 has no large MTU")
expect.equal(ask(0x0210).capabilities & large_mtu, large_mtu, "2.1 has large MTU")
local a, b = ask(0x0300), ask(0x0311)
expect.equal(a.capabilities & large_mtu, large_mtu, "3.0 has large MTU")
expect.equal(a.guid, b.guid, "the server's GUID stays the same")
expect.equal(b.capabilities & encryption, 0, "3.1.1 says its ciphers in a context")
