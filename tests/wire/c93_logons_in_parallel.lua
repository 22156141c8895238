-- SPDX-License-Identifier: Apache-2.0
-- Log-ons of several sessions on one connection that take turns step by step, some of which are begun
-- only: each has a hash and keys of its own. [MS-SMB2] 3.3.5.5, 3.3.5.5.3
local c = smb.connect()
c:negotiate { dialects = { 0x0311 }, security = "required" }
c:echo { credits = 100 }

-- Begun, in one go, and left; their answers mix with those of log-ons that succeed.
local begun = "NTLMSSP\0" .. string.pack("<I4I4", 1, 0xe2088297) .. ("\0"):rep(16)
for round = 1, 5 do
	local waiting = {}
	for i = 1, 4 do
		waiting[i] = c:call { command = "session_setup", blob = begun, async = true,
			expect = "any" }
	end
	local s = c:session()
	expect.equal(s.sig, "good", "the end of log-on " .. round .. " is signed with its own key")
	local t = s:tree(wire.share)
	t:put(tmp "file", "content")
	for _, p in ipairs(waiting) do
		expect.equal(p:wait().status, "MORE_PROCESSING_REQUIRED", "a log-on that is begun")
	end
	-- The same session's second step twice at once: one of them at most is taken.
	local sid = waiting[1]:wait().sid
	local twice = {}
	for i = 1, 2 do
		twice[i] = c:call { command = "session_setup", sid = sid, blob = begun, async = true,
			expect = "any" }
	end
	for _, p in ipairs(twice) do
		expect.is(p:wait().status ~= "SUCCESS", "nobody is logged on by that")
	end
	s:logoff()
end
expect.alive(c)
