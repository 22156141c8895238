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
local request = require "request"
local Tree = require("file").Tree
local with = request.with

local smb = { text = require "text", const = const, info = require "info", connections = {} }
local Conn = { call = request.call, compound = request.compound, encode = request.encode }
local Session = {}
Conn.__index, Session.__index = Conn, Session

wire.patience = 10000 -- milliseconds that an answer may take

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
	return request.check(r, { expect = o and o.expect or "any" })
end

-- All that was queued is sent; false when the server closed first.
function Conn:drain() return (self.raw_conn:drain(wire.patience)) end
function Conn:close() self.raw_conn:close() end
function Conn:info() return self.raw_conn:info() end
function Conn:set(o) self.raw_conn:set(o) end
function Conn:echo(o) return self:call(with({ command = "echo" }, o)) end

-- ---- sessions ----

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
