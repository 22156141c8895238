-- SPDX-License-Identifier: Apache-2.0
-- Frames: of no length, of a huge one, of other types. Who sends them loses the connection at most,
-- and nobody else notices. [MS-SMB2] 2.1
local watcher = smb.tree()
local function sent(what, bytes, must_close)
	local c = smb.connect()
	c:negotiate()
	c:send_bytes(bytes)
	if must_close then
		expect.closed(c, what)
	end
	expect.alive(watcher.conn)
end

sent("an empty message", "\0\0\0\0", true)
sent("a length of 16 MiB", "\0\xff\xff\xff" .. ("x"):rep(1000))
sent("a session request of NetBIOS", "\x81\0\0\x44" .. ("x"):rep(0x44))
sent("an unknown type", "\x42\0\0\4abcd")
sent("HTTP", "GET / HTTP/1.1\r\nHost: files\r\n\r\n")
sent("TLS", "\x16\3\1\2\0\1\0\1\xfc\3\3" .. ("x"):rep(500))
sent("a length without a message", "\0\0\1\0")
sent("an echo that never ends", "\0\0\0\x44\xfeSMB")

-- Before NEGOTIATE as well.
for _, bytes in ipairs { "\0\0\0\0", "\0\xff\xff\xff", "\0\0\0\1x", ("\xff"):rep(100),
	"\0\0\0\x40" } do
	smb.connect():send_bytes(bytes)
end
expect.alive(watcher.conn)
