-- SPDX-License-Identifier: Apache-2.0
-- Connections that end at every stage, for ends.sh, which then looks whether anything is left of them.
-- ENDS is how many; some live at the same time.
local together = 40
local type1 = "NTLMSSP\0" .. string.pack("<I4I4I8I8I8", 1, 0xE2888235, 0, 0, 0)
local shared = smb.tree()
local name, folder = tmp "file", tmp "folder"
shared:put(name, "x")
shared:mkdir(folder):close()

local function negotiated(o)
	local c = smb.connect()
	c:negotiate(o)
	return c
end

local function half_logged_on()
	local c = negotiated()
	c:call { command = "session_setup", blob = type1, expect = "MORE_PROCESSING_REQUIRED" }
	return c
end

local stages = {
	function() return smb.connect() end,
	function() -- in the middle of a frame
		local c = smb.connect()
		c:send_bytes("\0\0\0\x80\xfeSMB")
		return c
	end,
	function() -- no SMB at all
		local c = smb.connect()
		c:send_bytes("\0\0\0\x40" .. ("?"):rep(64))
		return c
	end,
	function() -- NEGOTIATE that is refused
		local c = smb.connect()
		c:negotiate { dialects = { 0x0999 }, expect = "NOT_SUPPORTED" }
		return c
	end,
	negotiated,
	half_logged_on,
	function() -- and again, in another session
		local c = half_logged_on()
		c:call { command = "session_setup", blob = type1, async = true }
		return c
	end,
	function() -- a wrong password
		local c = negotiated()
		c:session { password = "wrong", expect = "LOGON_FAILURE" }
		return c
	end,
	function() -- the connection ends while the log-on runs
		local c = negotiated()
		c:call { command = "session_setup", blob = type1, async = true }
		return c
	end,
	function() return smb.session().conn end,
	function() -- logged on, and half logged on again
		local c = smb.session().conn
		c:call { command = "session_setup", blob = type1, async = true }
		return c
	end,
	function() -- with trees
		local s = smb.session()
		s:tree(wire.share)
		s:tree("IPC$")
		return s.conn
	end,
	function() -- with an open file, and a request that runs
		local t = smb.tree()
		local f = t:create { name = name, access = "read write" }
		f:call { command = "read", length = 1, async = true }
		return t.conn
	end,
	function() -- with one that waits
		local t = smb.tree()
		t:create({ name = folder, options = "directory", access = "read" }):notify()
		return t.conn
	end,
	function() -- logged off
		local s = smb.session()
		s:tree(wire.share)
		s:logoff()
		return s.conn
	end,
}

local live = {}
for i = 1, tonumber(os.getenv "ENDS" or 3000) do
	local at = i % together + 1
	if live[at] then
		live[at]:close()
	end
	live[at] = stages[i % #stages + 1]()
	smb.connections = {} -- which would keep them all
end
for _, c in pairs(live) do
	c:close()
end
expect.alive(shared.conn)
shared.conn:close()
