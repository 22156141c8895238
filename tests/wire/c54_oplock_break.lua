-- SPDX-License-Identifier: Apache-2.0
-- An exclusive oplock is broken by a second open, which waits for the acknowledgement.
-- [MS-SMB2] 3.3.4.6, 3.3.5.22
local a, b = smb.tree(), smb.tree()
local name = tmp "file"
a:put(name, "content")
local batch, level2 = 9, 1

local f = a:create { name = name, access = "read write", oplock = batch }
if f.oplock ~= batch then
	smb.skip "the server grants no oplocks"
end
local p = b:create { name = name, access = "read", async = true }
local r = a.conn:stray()
expect.equal(r.command, 18, "command of the notification")
expect.equal(r.mid, -1, "message id of what nobody asked for")
local level, fid = string.unpack("<I1xxxxxc16", r.body, 3)
expect.equal(fid, f.fid, "file id")
expect.equal(level, level2, "new level")
expect.is(p:pending(), "the second open waits")
f:call { command = "oplock_break", oplock = level2 }
expect.equal(p:wait().action, "opened", "the second open")
f:call { command = "oplock_break", oplock = 0, expect = "0xC0000184|0xC00000E3" }

-- The notification is never signed, and encrypted when its client encrypts.
for _, seal in ipairs { false, true } do
	local c = smb.connect()
	local n = c:negotiate { dialects = { 0x0311 }, signing = { "gmac" }, security = "required",
		ciphers = { "aes-128-gcm" } }
	if n.contexts[2] then
		local s = c:session()
		s:set { seal = seal }
		local held = tmp("held" .. tostring(seal))
		a:put(held, "content")
		local g = s:tree(wire.share):create { name = held, access = "read write", oplock = batch }
		local q = b:create { name = held, access = "read", async = true }
		local notice = c:stray()
		expect.equal(notice.sig, "none", "a notification is not signed")
		expect.equal(notice.sealed, seal, "a notification is encrypted")
		g:call { command = "oplock_break", oplock = level2 }
		q:wait()
	end
end
