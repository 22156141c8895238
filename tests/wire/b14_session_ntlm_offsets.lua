-- SPDX-License-Identifier: Apache-2.0
-- AUTHENTICATE messages whose fields point outside the message. [MS-NLMP] 2.2.1.3
local negotiate = "NTLMSSP\0" .. string.pack("<I4I4I8I8I8", 1, 0xE2888235, 0, 0, 0)

-- A message of zeros with one field (length, length, offset) set.
local function authenticate(at, len, offset, size)
	local m = "NTLMSSP\0" .. string.pack("<I4", 3) .. ("\0"):rep(76)
	m = m:sub(1, 60) .. string.pack("<I4", 0xE2888235) .. m:sub(65)
	m = m:sub(1, at) .. string.pack("<I2I2I4", len, len, offset) .. m:sub(at + 9)
	return m:sub(1, size)
end

local c = smb.connect()
c:negotiate()
local function refused(blob, what)
	local r = c:call { command = "session_setup", blob = negotiate,
		expect = "MORE_PROCESSING_REQUIRED" }
	r = c:call { command = "session_setup", blob = blob, sid = r.sid, expect = "any" }
	expect.is(r.status == "INVALID_PARAMETER" or r.status == "LOGON_FAILURE" or
		r.status == "ACCESS_DENIED", what .. ": refused, not " .. r.status)
end

for name, at in pairs { lm = 12, nt = 20, domain = 28, user = 36, workstation = 44, key = 52 } do
	refused(authenticate(at, 24, 0xFFFFFFF0), name .. ": offset at the end of the world")
	refused(authenticate(at, 0xFFFF, 64), name .. ": length beyond the message")
	refused(authenticate(at, 100, 80), name .. ": end beyond the message")
	refused(authenticate(at, 7, 81), name .. ": odd length")
	refused(authenticate(at, 24, 0), name .. ": over the header")
end
for _, size in ipairs { 11, 12, 20, 40, 60, 63 } do
	refused(authenticate(20, 24, 64, size), "cut after " .. size .. " bytes")
end
expect.alive(c)
c:session()
