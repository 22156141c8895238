-- SPDX-License-Identifier: Apache-2.0
-- smb.lua: the cast of a scenario: connections, sessions, trees, files.
--
--   local c = smb.connect()                     a connection; also smb.connect{host=, port=}
--   c:negotiate{dialects = {0x0311}}            all dialects when none are named
--   local s = c:session()                       logs in as the runner's user
--   local t = s:tree("share")
--   local f = t:create{name = tmp "x", disposition = "create", access = "read write"}
--   f:write{data = "hello"}  f:read{length = 5}  f:query{class = "basic"}  f:close()
--   local t = smb.tree()                        all of the first four at once
--
-- Each call takes the fields of its command by name, and further
--   expect = "STATUS" or "A|B" or "any"   what is wanted; SUCCESS otherwise. The reply is returned.
--   async = true                          sends and returns a pending request: wait, interim, cancel
--   mid, charge, credits, flags, next, sid, tid, channel_sequence, signature, header_size
--                                         header fields as they shall be, right or wrong
--   sign, seal = true or false            otherwise as the session was agreed
--   tamper = offset                       flips a byte of the PDU after it was signed
--   body = "…"                            the whole body by hand
--   patch = {[offset] = "…"}, truncate = n, append = "…"   changes to the body that was built
-- A reply has status, code, sig, the header's fields, body and pdu, and what its body says.

_G.expect = require "expect"

local const = require "const"
local decode = require "decode"
local info = require "info"
local text = require "text"

local smb = { text = text, const = const, info = info, connections = {} }
local Conn, Session, Tree, File, Pending = {}, {}, {}, {}, {}
for _, class in ipairs { Conn, Session, Tree, File, Pending } do
	class.__index = class
end

wire.patience = 10000

-- ---- requests ----

-- The fields of o over those that the object brings itself.
local function with(base, o)
	for k, v in pairs(o or {}) do
		base[k] = v
	end
	return base
end

local words = {
	access = const.access, share = const.share, options = const.options,
	attributes = const.attributes, query_flags = const.query_flags,
	flags = const.header_flag,
}
local names = { disposition = const.disposition, command = const.command, code = const.fsctl }

-- The table for the client library: a copy with numbers for names, and raw objects.
local function plain(conn, o)
	local p = {}
	for k, v in pairs(o) do
		if words[k] then
			v = const.bits(v, words[k], k)
		elseif names[k] then
			v = const.name(v, names[k], k)
		end
		p[k] = v
	end
	p.session = o.session and o.session.raw
	p.tid = o.tid or (o.tree and o.tree.tid) or 0
	p.fid = o.fid or (o.file and o.file.fid)
	if type(o.class) == "string" then
		p.class = const.name(o.class, const.class, "class")
		p.info_type = o.info_type or (o.class:find("^fs_") and 2) or 1
	end
	return conn.raw_conn:request(p)
end

local function check(r, o)
	local wanted = o.expect or "SUCCESS"
	decode.reply(r)
	-- Without a session there is no key: then the flag of the request may be echoed.
	assert(r.sig ~= "bad" or r.status == "USER_SESSION_DELETED",
		r.name .. ": the reply is signed wrongly")
	if o.session and o.session.signing and r.status == "SUCCESS" and r.body then
		assert(r.sig == "good" or r.sealed, r.name .. ": the reply is not signed")
	end
	if wanted ~= "any" then
		expect.status(wanted, r)
	end
	return r
end

-- Waits for the reply; o.expect here goes before that of the request.
function Pending:wait(o)
	o = o or {}
	local r, why = self.raw:wait(o.timeout or wire.patience)
	if not r then
		error(("%s: no reply: %s"):format(self.o.command, why), 2)
	end
	self.reply = check(r, { expect = o.expect or self.o.expect, session = self.o.session })
	return self.reply
end

-- The interim reply, waited for; false when the final one came without.
function Pending:interim()
	local r, why = self.raw:interim(wire.patience)
	assert(r ~= nil, why)
	return r and decode.reply(r)
end

function Pending:cancel() self.raw:cancel() end
function Pending:pending() return self.raw:pending() end

local function pending(o, raw)
	return setmetatable({ o = o, raw = raw }, Pending)
end

-- Sends one request; gives a Pending when it is async, else the reply.
function Conn:call(o)
	local p = pending(o, plain(self, o))
	local ok, why = self.raw_conn:submit(p.raw)
	if not ok then
		error(("%s: not sent: %s"):format(o.command, why), 2)
	end
	return o.async and p or p:wait()
end

-- Sends several as one message; the list of replies. related = false for an unrelated compound.
function Conn:compound(list)
	local raws, out = {}, {}
	for i, o in ipairs(list) do
		if i > 1 and list.related ~= false then
			o.flags = const.bits(o.flags or 0, const.header_flag, "flags") | 4
		end
		for k, v in pairs(list) do
			if type(k) == "string" and k ~= "related" and o[k] == nil then
				o[k] = v
			end
		end
		raws[i] = plain(self, o)
	end
	assert(self.raw_conn:submit(table.unpack(raws)))
	for i, o in ipairs(list) do
		out[i] = pending(o, raws[i]):wait()
	end
	return out
end

-- The bytes of the frame that call would send; the request counts as sent and may be waited for.
function Conn:encode(...)
	local list, raws = { ... }, {}
	for i, o in ipairs(list) do
		raws[i] = plain(self, o)
	end
	return self.raw_conn:encode(table.unpack(raws)), pending(list[1], raws[1])
end

-- ---- connections ----

function smb.connect(o)
	o = o or {}
	local raw, why = wire.connect(wire.lib, o.host or wire.host, tostring(o.port or wire.port),
		wire.patience)
	if not raw then
		error("connect: " .. why, 2)
	end
	local c = setmetatable({ raw_conn = raw }, Conn)
	table.insert(smb.connections, c)
	return c
end

local modes = { enabled = 1, required = 2, none = 0, both = 3 }

function Conn:negotiate(o)
	o = o or {}
	local p = { command = "negotiate" }
	for k, v in pairs(o) do
		p[k] = v
	end
	p.dialects = o.dialects or { 0x0202, 0x0210, 0x0300, 0x0302, 0x0311 }
	p.security_mode = modes[o.security] or o.security_mode
	for field, map in pairs { signing = const.signing, ciphers = const.cipher } do
		local list = {}
		for i, name in ipairs(o[field] or {}) do
			list[i] = const.name(name, map, field)
		end
		p[field] = o[field] and list
	end
	local r = self:call(p)
	if not o.async and r.status == "SUCCESS" then
		assert(self.raw_conn:negotiated(r))
		self.dialect = r.dialect
		self.signing = o.security == "required" or r.security_mode & 2 ~= 0
	end
	return r
end

-- user, password, domain, anonymous, raw (no SPNEGO), previous, of (a session, to add a channel to),
-- no_mic, bad_mic, no_key_exchange, ntlmv1, bad_proof, no_list_mic, bad_list_mic
function Conn:session(o)
	o = o or {}
	local raw = o.again and o.again.raw or self.raw_conn:session(o.of and o.of.raw)
	local code, why = raw:setup({
		user = o.user or wire.user, password = o.password or wire.password,
		domain = o.domain, anonymous = o.anonymous, raw = o.raw, previous = o.previous,
		no_mic = o.no_mic, bad_mic = o.bad_mic, no_key_exchange = o.no_key_exchange,
		ntlmv1 = o.ntlmv1, bad_proof = o.bad_proof, no_list_mic = o.no_list_mic,
		bad_list_mic = o.bad_list_mic,
	}, wire.patience)
	if not code then
		error("session_setup: no reply: " .. why, 2)
	end
	local r = { name = "session_setup", code = code, status = const.status_name[code] or
		("0x%08X"):format(code) }
	if (o.expect or "SUCCESS") ~= "any" then
		expect.status(o.expect or "SUCCESS", r)
	end
	if r.status ~= "SUCCESS" then
		return r
	end
	local s = setmetatable({ conn = self, raw = raw, status = r.status }, Session)
	for k, v in pairs(raw:info()) do
		s[k] = v
	end
	s.signing = self.signing and s.can_sign
	assert(s.sig ~= "bad", "the end of the login is signed wrongly")
	assert(s.list_mic ~= "bad", "mechListMIC of the server is wrong")
	return s
end

function Conn:send_bytes(s) self.raw_conn:send(s) end

-- A message behind a frame header of its own length.
function Conn:send_message(s) self.raw_conn:send(string.pack(">I4", #s) .. s) end

-- The next message that answers no request: breaks, and answers to raw bytes.
function Conn:stray(o)
	local r, why = self.raw_conn:stray(o and o.timeout or wire.patience)
	if not r then
		error("no message came: " .. why, 2)
	end
	return check(r, { expect = o and o.expect or "any" })
end

-- All that was queued is sent; false when the server closed first.
function Conn:drain() return (self.raw_conn:drain(wire.patience)) end
function Conn:close() self.raw_conn:close() end
function Conn:info() return self.raw_conn:info() end
function Conn:set(o) self.raw_conn:set(o) end
function Conn:echo(o) return self:call(with({ command = "echo" }, o)) end

-- ---- sessions and trees ----

function Session:call(o) return self.conn:call(with({ session = self }, o)) end
function Session:logoff(o) return self:call(with({ command = "logoff" }, o)) end
function Session:set(o) self.raw:set(o) end

-- A share by name, or a whole path when it begins with \\.
function Session:tree(share, o)
	local path = share:find("^\\\\") and share or "\\\\" .. wire.host .. "\\" .. share
	local r = self:call(with({ command = "tree_connect", path = path }, o))
	if r.status ~= "SUCCESS" then
		return r
	end
	return setmetatable({ conn = self.conn, session = self, tid = r.tid, reply = r }, Tree)
end

function Tree:call(o) return self.conn:call(with({ session = self.session, tree = self }, o)) end
function Tree:disconnect(o) return self:call(with({ command = "tree_disconnect" }, o)) end

function Tree:compound(list)
	list.session, list.tree = list.session or self.session, list.tree or self
	return self.conn:compound(list)
end

-- A file object when it succeeds, which has the reply's fields too; else the reply.
function Tree:create(o)
	local r = self:call(with({ command = "create" }, o))
	if r.status ~= "SUCCESS" or o.async then
		return r
	end
	return setmetatable(with({ conn = self.conn, tree = self, session = self.session }, r), File)
end

function Tree:open(name, o) return self:create(with({ name = name }, o)) end

function Tree:mkdir(name)
	return self:create { name = name, disposition = "create", options = "directory" }
end

-- A new file with this content, closed again.
function Tree:put(name, data)
	local f = self:create { name = name, disposition = "overwrite_if", access = "read write" }
	if data and #data > 0 then
		f:write { data = data }
	end
	f:close()
end

-- The whole content of a file.
function Tree:get(name)
	local f = self:create { name = name, access = "read" }
	local data = f.size > 0 and f:read { length = f.size } or ""
	f:close()
	return data
end

function Tree:exists(name)
	local f = self:create { name = name, access = "read_attributes",
		expect = "SUCCESS|OBJECT_NAME_NOT_FOUND|OBJECT_PATH_NOT_FOUND" }
	return f.fid ~= nil and f:close() and true
end

function Tree:remove(name)
	self:create { name = name, access = "delete", options = "delete_on_close" }:close()
end

-- ---- files ----

function File:call(o)
	return self.conn:call(with({ session = self.session, tree = self.tree, file = self }, o))
end

function File:close(o) return self:call(with({ command = "close" }, o)) end
function File:flush(o) return self:call(with({ command = "flush" }, o)) end
function File:ioctl(o) return self:call(with({ command = "ioctl" }, o)) end
function File:lock(o) return self:call(with({ command = "lock" }, o)) end
function File:notify(o) return self:call(with({ command = "change_notify", async = true }, o)) end

-- The data; the reply when another status was expected.
function File:read(o)
	local r = self:call(with({ command = "read" }, o))
	return r.data or r
end

-- The number of bytes.
function File:write(o)
	local r = self:call(with({ command = "write" }, o))
	return r.count or r
end

-- The fields of the class; output is the raw buffer. The reply when it failed as expected.
function File:query(o)
	local r = self:call(with({ command = "query_info" }, o))
	local parse = info.get[o.class] or info.fs[o.class]
	if r.status ~= "SUCCESS" or not parse then
		return r
	end
	local out = parse(r.output)
	out.output = out.output or r.output
	return out
end

-- The class's fields are among those of o; input sets the buffer by hand.
function File:set(o)
	local p = with({ command = "set_info" }, o)
	p.input = o.input or info.set[o.class](o)
	return self:call(p)
end

function File:rename(to, o) return self:set(with({ class = "rename", to = to }, o)) end

-- One QUERY_DIRECTORY: the list of entries, or the reply when it failed as expected.
function File:list(o)
	local p = with({ command = "query_directory", class = "id_both_directory" }, o)
	local r = self:call(p)
	local parse = info.get[p.class]
	return r.status == "SUCCESS" and parse and parse(r.output) or r
end

-- All names, in as many calls as it takes.
function File:names(o)
	local names, flags = {}, "restart"
	while true do
		local list = self:list(with({ query_flags = flags, expect = "SUCCESS|NO_MORE_FILES" }, o))
		if list.status == "NO_MORE_FILES" then
			return names
		end
		for _, e in ipairs(list) do
			names[#names + 1] = e.name
		end
		flags = 0
	end
end

-- ---- the stage ----

function smb.session(o)
	local c = smb.connect()
	c:negotiate(o)
	return c:session(o and o.login)
end

function smb.tree(o)
	return smb.session(o):tree(o and o.share or wire.share)
end

local scratch = {}
local stem = ("%s-%04x-"):format(wire.file:match("([^/]+)%.lua$"), math.random(0, 0xFFFF))

-- A name of this run's own in the share; what has it is removed when the scenario ends.
function smb.tmp(name)
	scratch[#scratch + 1] = stem .. name
	return scratch[#scratch]
end

-- Ends the scenario without a verdict, when the server lacks what it is about.
function smb.skip(why)
	error({ skip = why }, 0)
end

local function sweep()
	for _, c in ipairs(smb.connections) do
		c:close()
	end
	local t = #scratch > 0 and smb.tree()
	for i = #scratch, 1, -1 do
		local f = t:create { name = scratch[i], access = "delete write_attributes",
			options = "reparse_point", expect = "any" }
		if f.fid then
			f:set { class = "basic", file_attributes = 0x80, expect = "any" }
			f:set { class = "disposition", delete = true, expect = "any" }
			f:close()
		end
	end
end

-- The message with the scenario's own lines before it, outermost first, instead of the line here.
local function located(err)
	if type(err) == "table" then
		return err
	end
	local text, lines = tostring(err):gsub("^[^%s:]+:%d+: ", ""), {}
	for level = 2, 40 do
		local frame = debug.getinfo(level, "Sl")
		if frame and frame.source == "@" .. wire.file then
			table.insert(lines, 1, tostring(frame.currentline))
		end
	end
	return debug.traceback(("line %s: %s"):format(table.concat(lines, " > "), text), 2)
end

-- Runs a scenario's file and removes what it left. Gives the reason when it was skipped.
function smb.play(file)
	_G.smb, _G.tmp = smb, smb.tmp
	local ok, err = xpcall(dofile, located, file)
	pcall(sweep)
	if type(err) == "table" then
		return err.skip
	elseif not ok then
		error(err, 0)
	end
end

return smb
