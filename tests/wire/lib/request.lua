-- SPDX-License-Identifier: Apache-2.0
-- request.lua: one request or a compound: from a scenario's table to the wire, its reply checked.

local const = require "const"
local decode = require "decode"

local request, Pending = {}, {}
Pending.__index = Pending

-- The fields of o over those that the object brings itself.
function request.with(base, o)
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

function request.check(r, o)
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
	self.reply = request.check(r, { expect = o.expect or self.o.expect, session = self.o.session })
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
function request.call(conn, o)
	local p = pending(o, plain(conn, o))
	local ok, why = conn.raw_conn:submit(p.raw)
	if not ok then
		error(("%s: not sent: %s"):format(o.command, why), 2)
	end
	return o.async and p or p:wait()
end

-- Sends several as one message; the list of replies. related = false for an unrelated compound.
function request.compound(conn, list)
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
		raws[i] = plain(conn, o)
	end
	assert(conn.raw_conn:submit(table.unpack(raws)))
	for i, o in ipairs(list) do
		out[i] = pending(o, raws[i]):wait()
	end
	return out
end

-- The bytes of the frame that call would send; the request counts as sent and may be waited for.
function request.encode(conn, ...)
	local list, raws = { ... }, {}
	for i, o in ipairs(list) do
		raws[i] = plain(conn, o)
	end
	return conn.raw_conn:encode(table.unpack(raws)), pending(list[1], raws[1])
end

return request
