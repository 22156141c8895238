-- SPDX-License-Identifier: Apache-2.0
-- Encrypted messages that end too early, claim another size or have nothing in them: the connection
-- ends at most, and the session's other users notice nothing. [MS-SMB2] 3.3.5.2.1.1
local keeper = smb.tree()

local function sealed()
	local c = smb.connect()
	local n = c:negotiate { dialects = { 0x0311 }, ciphers = { "aes-128-gcm" } }
	if n.contexts[2] ~= string.pack("<I2I2", 1, 2) then
		smb.skip "the server does not encrypt with AES-128-GCM"
	end
	local s = c:session()
	s:set { seal = true }
	return c, s
end

local c, s = sealed()
local frame = c:encode { command = "echo", session = s }
local whole = frame:sub(5)
c:send_message(whole)
c:close()

-- Of each length below the whole one: within the header, without content, without its end.
for _, n in ipairs { 1, 3, 4, 5, 19, 20, 35, 36, 43, 44, 51, 52, 53, 60, 100, #whole - 1 } do
	c, s = sealed()
	c:send_message(c:encode({ command = "echo", session = s }):sub(5, 4 + n))
	expect.closed(c, n .. " bytes of an encrypted message")
end
-- OriginalMessageSize, at 36, says something else.
for _, size in ipairs { 0, 1, 63, #whole - 53, #whole - 51, 0x7FFFFFFF, 0xFFFFFFFF } do
	c, s = sealed()
	local m = c:encode({ command = "echo", session = s }):sub(5)
	c:send_message(m:sub(1, 36) .. string.pack("<I4", size) .. m:sub(41))
	expect.closed(c, "a size of " .. size)
end
expect.alive(keeper.conn)
