-- SPDX-License-Identifier: Apache-2.0
-- Security blobs that are no token are refused, and nobody else suffers. [MS-SMB2] 3.3.5.5.3
local spnego = "\x60\x48\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x3e\x30\x3c\xa0\x0e\x30\x0c"

for what, blob in pairs {
	["nothing"] = "",
	["one byte"] = "\x60",
	["text"] = "this is no token at all",
	["the start of SPNEGO"] = spnego,
	["SPNEGO of a length that lies"] = "\x60\x84\xff\xff\xff\xff" .. spnego,
	["an indefinite length"] = "\x60\x80" .. spnego .. "\0\0",
	["NTLMSSP's name alone"] = "NTLMSSP\0",
	["NTLMSSP of an unknown type"] = "NTLMSSP\0\9\0\0\0" .. ("\0"):rep(64),
	["AUTHENTICATE before NEGOTIATE"] = "NTLMSSP\0\3\0\0\0" .. ("\0"):rep(80),
	["CHALLENGE from a client"] = "NTLMSSP\0\2\0\0\0" .. ("\0"):rep(80),
	["60 KB of nesting"] = ("\x30\x82\xff\xff"):rep(15000),
} do
	local c = smb.connect()
	c:negotiate()
	local r = c:call { command = "session_setup", blob = blob, expect = "any" }
	expect.is(r.code >= 0xC0000000, what .. ": not accepted, but " .. r.status)
	c:session()
end
