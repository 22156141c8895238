-- SPDX-License-Identifier: Apache-2.0
-- More than NEGOTIATE in the first bytes of a connection: what follows is obeyed in order or ends
-- the connection. [MS-SMB2] 3.3.5.2.3
for i = 1, 30 do
	local c = smb.connect()
	local hello, first = c:encode { command = "negotiate", dialects = { 0x0311 } }
	c:set { credits = 50, next_mid = 1 }
	local bytes, waiting = hello, {}
	for j = 1, i do
		bytes = bytes .. c:encode { command = "echo" }
	end
	if i % 3 == 0 then
		bytes = bytes .. "\0\0\0\x50\xfeSMB"
	end
	c:send_bytes(bytes)
	local ok, r = pcall(first.wait, first)
	expect.is(ok and r.dialect == 0x0311 or r:find("closed", 1, true), "NEGOTIATE comes first")
	c:close()
end
smb.tree()
