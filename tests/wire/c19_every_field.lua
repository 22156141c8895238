-- SPDX-License-Identifier: Apache-2.0
-- Each offset, length, count and id in the body of each command, set to what it can be and cannot:
-- in clear, encrypted, in the middle of a compound, and both. Whatever it is, there is one answer to
-- each request, and the connection goes on. [MS-SMB2] 2.2
local table_of = {
	-- command = { offset in the body, bytes } ...; base: what makes the request a good one
	logoff = { { 0, 2 } },
	tree_connect = { { 2, 2 }, { 4, 2 }, { 6, 2 }, base = { path = "\\\\s\\" .. wire.share } },
	tree_disconnect = { { 0, 2 } },
	create = { { 0, 2 }, { 44, 2 }, { 46, 2 }, { 48, 4 }, { 52, 4 },
		{ 72, 4 }, { 76, 2 }, { 78, 2 }, { 82, 2 }, { 84, 4 }, -- of its first context
		base = { name = "keep.txt", access = "read", disposition = "open",
			contexts = { { "MxAc", "" }, { "QFid", "" } } } },
	close = { { 0, 2 }, { 2, 2 }, { 8, 8 }, { 16, 8 } },
	flush = { { 0, 2 }, { 8, 8 }, { 16, 8 } },
	read = { { 0, 2 }, { 2, 1 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 24, 8 }, { 32, 4 }, { 36, 4 },
		{ 44, 2 }, { 46, 2 }, base = { length = 5 } },
	write = { { 0, 2 }, { 2, 2 }, { 4, 4 }, { 16, 8 }, { 24, 8 }, { 32, 4 }, { 36, 4 }, { 40, 2 },
		{ 42, 2 }, base = { data = "written" } },
	lock = { { 0, 2 }, { 2, 2 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 24, 8 }, { 32, 8 },
		base = { locks = { { 0, 1, 0x12 }, { 4, 1, 0x12 } } } }, -- at once or not at all
	ioctl = { { 0, 2 }, { 4, 4 }, { 8, 8 }, { 24, 4 }, { 28, 4 }, { 32, 4 }, { 36, 4 }, { 40, 4 },
		{ 44, 4 }, { 48, 4 }, { 56, 4 }, { 60, 4 }, { 64, 4 }, { 68, 4 },
		base = { code = 0x940CF, input = ("\0"):rep(16), max_out = 1024 } },
	echo = { { 0, 2 }, { 2, 2 } },
	query_directory = { { 0, 2 }, { 2, 1 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 24, 2 }, { 26, 2 },
		{ 28, 4 }, folder = true, base = { class = 37, pattern = "*", max_out = 4096 } },
	change_notify = { { 0, 2 }, { 2, 2 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 24, 4 }, folder = true,
		waits = true },
	query_info = { { 0, 2 }, { 2, 1 }, { 3, 1 }, { 4, 4 }, { 8, 2 }, { 12, 4 }, { 16, 4 },
		{ 24, 8 }, { 32, 8 }, base = { info_type = 1, class = 15, max_out = 4096,
			input = "\0\0\0\0\4name\0" } },
	set_info = { { 0, 2 }, { 2, 1 }, { 4, 4 }, { 8, 2 }, { 12, 4 }, { 16, 8 }, { 24, 8 },
		{ 32, 4 }, { 36, 4 }, base = { info_type = 1, class = 15,
			input = "\0\0\0\0\0\4\5\0name\0value" } },
	oplock_break = { { 0, 2 }, { 2, 1 }, { 8, 8 }, { 16, 8 } },
}
-- what is right, and must not be sent: it would take the session away
local right = { logoff = 4, tree_disconnect = 4 }

-- Each small number, so that there are lengths and offsets at, before and behind every end.
local function values(size)
	local list = {}
	for v = 0, 40, size == 1 and 1 or 3 do list[#list + 1] = v end
	for v = 56, 176, 5 do list[#list + 1] = v end
	local top = size == 8 and -1 or (1 << 8 * size) - 1
	for _, v in ipairs { top, top - 1, top - 7, top - 63, top >> 1, (top >> 1) + 1 } do
		list[#list + 1] = v
	end
	return list
end

local function each(command, fn)
	for _, field in ipairs(table_of[command]) do
		for _, v in ipairs(values(field[2])) do
			if v ~= right[command] and (field[2] > 1 or v >> 8 == 0) then
				fn { [field[1]] = string.pack("<I" .. field[2], v) }
			end
		end
	end
end

local function request(command, patch)
	local o = { command = command, patch = patch, expect = "any" }
	for k, v in pairs(table_of[command].base or {}) do o[k] = v end
	return o
end

local plays = {}

-- Alone. What waits is cancelled; what was opened or connected is not kept.
function plays.alone(t, name, folder)
	local f = t:create { name = name, access = "maximum", disposition = "open_if" }
	local d = t:create { name = folder, access = "read", options = "directory" }
	for command, how in pairs(table_of) do
		each(command, function(patch)
			local o = request(command, patch)
			o.async = how.waits
			local r = (how.folder and d or f):call(o)
			if how.waits then
				r:cancel()
				r = r:wait()
			end
			if command == "create" and r.fid then
				t:call { command = "close", fid = r.fid, expect = "any" }
			elseif command == "tree_connect" and r.status == "SUCCESS" then
				t.session:call { command = "tree_disconnect", tid = r.tid, expect = "any" }
			elseif command == "close" and r.status == "SUCCESS" then
				f = t:create { name = name, access = "maximum", disposition = "open_if" }
			end
		end)
		expect.alive(t.conn, command)
	end
end

-- Between an open and a close that relate to it.
function plays.compound(t, name, folder)
	for command, how in pairs(table_of) do
		if not how.waits then
			each(command, function(patch)
				local r = t:compound {
					{ command = "create", name = how.folder and folder or name, expect = "any",
						access = how.folder and "read" or "maximum", disposition = "open",
						options = how.folder and "directory" or 0 },
					request(command, patch),
					{ command = "close", expect = "any" },
				}
				if r[3].status ~= "SUCCESS" and r[1].fid then
					t:call { command = "close", fid = r[1].fid, expect = "any" }
				end
			end)
			expect.alive(t.conn, command)
		end
	end
end

for _, seal in ipairs { false, true } do
	for how, play in pairs(plays) do
		local c = smb.connect()
		local n = c:negotiate { dialects = { 0x0311 }, ciphers = { "aes-128-gcm" } }
		if not seal or n.contexts[2] then
			local s = c:session()
			s:set { seal = seal }
			local t = s:tree(wire.share)
			local what = how .. tostring(seal)
			local name, folder = tmp("file" .. what), tmp("folder" .. what)
			t:put(name, "content of the file")
			t:mkdir(folder):close()
			play(t, name, folder)
			t:create { name = name, access = "read" }:close()
		end
	end
end

-- The first two commands: a connection each, for it may end; the server goes on.
local function one(command, patch, fields)
	local c = smb.connect()
	if command ~= "negotiate" then
		c:negotiate { dialects = { 0x0311 } }
	end
	fields.command, fields.patch, fields.async = command, patch, true
	local ok, why = pcall(c.call, c, fields)
	if ok then
		ok, why = pcall(why.wait, why, { expect = "any" })
	end
	expect.is(ok or tostring(why):find("closed", 1, true), command .. ": " .. tostring(why))
	c:close()
end
table_of.negotiate = { { 2, 2 }, { 28, 4 }, { 32, 2 }, { 36, 2 } }
table_of.session_setup = { { 12, 2 }, { 14, 2 }, { 16, 8 } }
each("negotiate", function(patch) one("negotiate", patch, { dialects = { 0x0311 } }) end)
each("session_setup", function(patch) one("session_setup", patch, { blob = "NTLMSSP\0" }) end)
expect.alive(smb.tree().conn)
