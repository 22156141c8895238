-- SPDX-License-Identifier: Apache-2.0
-- decode.lua: adds to a successful reply what its body says. Offsets are checked against the PDU,
-- so that a server's wrong length is a failure of the scenario. [MS-SMB2] 2.2

local const = require "const"
local decode = {}

-- n bytes at an offset from the header.
local function buffer(r, at, n, what)
	if n == 0 then
		return ""
	end
	assert(at >= 64 and at + n <= #r.pdu, what .. ": the buffer lies outside the message")
	return r.pdu:sub(at + 1, at + n)
end

local function size(r, wanted)
	local n = string.unpack("<I2", r.body)
	assert(n == wanted, ("%s: StructureSize is %d, not %d"):format(r.name, n, wanted))
end

function decode.negotiate(r)
	local at, n
	size(r, 65)
	r.security_mode, r.dialect, r.context_count, r.guid, r.capabilities, r.max_transact,
		r.max_read, r.max_write, r.time, r.start_time, at, n, r.context_offset =
		string.unpack("<I2I2I2c16I4I4I4I4i8i8I2I2I4", r.body, 3)
	r.blob = buffer(r, at, n, "security blob")
	r.contexts = {}
	local p = r.context_offset
	for _ = 1, r.dialect == 0x311 and r.context_count or 0 do
		assert(p % 8 == 0, "negotiate contexts must be aligned to 8")
		local type, len = string.unpack("<I2I2", buffer(r, p, 8, "negotiate context"))
		r.contexts[type] = buffer(r, p + 8, len, "negotiate context")
		p = p + 8 + len + 7 & ~7
	end
end

function decode.session_setup(r)
	local at, n
	size(r, 9)
	r.session_flags, at, n = string.unpack("<I2I2I2", r.body, 3)
	r.blob = buffer(r, at, n, "security blob")
end

function decode.tree_connect(r)
	size(r, 16)
	r.type, r.share_flags, r.capabilities, r.max_access = string.unpack("<I1xI4I4I4", r.body, 3)
end

local function context_list(s)
	local list, at = {}, 1
	while #s > 0 do
		local next, tag_at, tag_n, data_at, data_n = string.unpack("<I4I2I2xxI2I4", s, at)
		local tag = s:sub(at + tag_at, at + tag_at + tag_n - 1)
		list[tag] = s:sub(at + data_at, at + data_at + data_n - 1)
		if next == 0 then
			return list
		end
		assert(next % 8 == 0, "create contexts must be aligned to 8")
		at = at + next
	end
	return list
end

function decode.create(r)
	local at, n
	size(r, 89)
	r.oplock, r.create_flags, r.action, r.created, r.accessed, r.written, r.changed, r.allocation,
		r.size, r.attributes, r.fid, at, n =
		string.unpack("<I1I1I4i8i8i8i8i8i8I4xxxxc16I4I4", r.body, 3)
	r.contexts = context_list(buffer(r, at, n, "create contexts"))
	r.action = const.action[r.action]
end

function decode.close(r)
	size(r, 60)
	r.close_flags, r.created, r.accessed, r.written, r.changed, r.allocation, r.size, r.attributes =
		string.unpack("<I2xxxxi8i8i8i8i8i8I4", r.body, 3)
end

function decode.read(r)
	size(r, 17)
	local at, n = string.unpack("<I1xI4", r.body, 3)
	r.data = buffer(r, at, n, "data")
end

function decode.write(r)
	size(r, 17)
	r.count = string.unpack("<I4", r.body, 5)
end

function decode.ioctl(r)
	size(r, 49)
	local code, fid, _, _, at, n = string.unpack("<I4c16I4I4I4I4", r.body, 5)
	r.fsctl, r.fid, r.output = code, fid, buffer(r, at, n, "output")
end

local function output(r)
	size(r, 9)
	local at, n = string.unpack("<I2I4", r.body, 3)
	r.output = buffer(r, at, n, "output")
end
decode.query_info, decode.query_directory, decode.change_notify = output, output, output

local function empty(n)
	return function(r) size(r, n) end
end
decode.logoff, decode.tree_disconnect, decode.echo = empty(4), empty(4), empty(4)
decode.flush, decode.lock, decode.set_info = empty(4), empty(4), empty(2)

local names = {}
for name, code in pairs(const.command) do
	names[code] = name
end

-- Every reply that is not an error in shape; SUCCESS and the warnings that carry data.
function decode.reply(r)
	r.status = const.status_name[r.code] or ("0x%08X"):format(r.code)
	r.name = names[r.command] or "command " .. r.command
	local carries = r.status == "SUCCESS" or r.status == "BUFFER_OVERFLOW" or
		(r.name == "session_setup" and r.status == "MORE_PROCESSING_REQUIRED") or
		-- a copy that was refused or broken off tells the limits, or how far it came
		(r.name == "ioctl" and r.body and string.unpack("<I2", r.body) == 49)
	if carries and r.body and decode[r.name] then
		local n = string.unpack("<I2", r.body)
		if r.status ~= "BUFFER_OVERFLOW" or n ~= 9 or #r.body > 9 then
			decode[r.name](r)
		end
	elseif r.body and r.code >= 0xC0000000 then
		size(r, 9)
	end
	return r
end

return decode
