-- SPDX-License-Identifier: Apache-2.0
-- info.lua: takes the information classes apart and puts them together. [MS-FSCC] 2.4, 2.5

local const = require "const"
local text = require "text"
local info = { get = {}, set = {}, fs = {} }
local get, set, fs = info.get, info.set, info.fs

-- Names the values that string.unpack gives.
local function fields(format, ...)
	local names = { ... }
	return function(s)
		local values, out = { string.unpack(format, s) }, {}
		for i, name in ipairs(names) do
			out[name] = values[i]
		end
		return out
	end
end

get.basic = fields("<i8i8i8i8I4I4", "created", "accessed", "written", "changed", "attributes")
get.standard = fields("<i8i8I4I1I1I2", "allocation", "size", "links", "delete_pending",
	"directory")
get.internal = fields("<I8", "index")
get.ea = fields("<I4", "ea_size")
get.access = fields("<I4", "access")
get.position = fields("<i8", "position")
get.mode = fields("<I4", "mode")
get.alignment = fields("<I4", "alignment")
get.compression = fields("<i8I2I1I1I1", "size", "format")
get.network_open = fields("<i8i8i8i8i8i8I4I4", "created", "accessed", "written", "changed",
	"allocation", "size", "attributes")
get.attribute_tag = fields("<I4I4", "attributes", "tag")
get.id = fields("<I8c16", "volume", "id")

function get.name(s)
	return { name = text.utf8((string.unpack("<s4", s))) }
end
get.alternate_name, get.normalized_name = get.name, get.name

-- All of the small ones in a row.
function get.all(s)
	local out, at = {}, 1
	for _, part in ipairs { { "basic", 40 }, { "standard", 24 }, { "internal", 8 }, { "ea", 4 },
		{ "access", 4 }, { "position", 8 }, { "mode", 4 }, { "alignment", 4 } } do
		out[part[1]] = get[part[1]](s:sub(at, at + part[2] - 1))
		at = at + part[2]
	end
	out.name = get.name(s:sub(at)).name
	return out
end

-- Entries that are linked by NextEntryOffset, each at a multiple of 8.
local function each(s, one)
	local list, at = {}, 1
	while #s > 0 do
		local next = string.unpack("<I4", s, at)
		list[#list + 1] = one(s, at)
		if next == 0 then
			return list
		end
		assert(next % 8 == 0, "entries must be aligned to 8")
		at = at + next
	end
	return list
end

function get.stream(s)
	return each(s, function(p, at)
		local _, n, size, allocation = string.unpack("<I4I4i8i8", p, at)
		return { name = text.utf8(p:sub(at + 24, at + 23 + n)), size = size,
			allocation = allocation }
	end)
end

-- The directory classes differ in what stands between FileNameLength and the name.
local entry = "<I4I4i8i8i8i8i8i8I4I4"
local function directory(format, ...)
	local names = { ... }
	return function(s)
		return each(s, function(p, at)
			local e, n, _ = {}
			_, e.index, e.created, e.accessed, e.written, e.changed, e.size, e.allocation,
				e.attributes, n = string.unpack(entry, p, at)
			local rest = { string.unpack(format, p, at + 64) }
			for i, name in ipairs(names) do
				e[name] = rest[i]
			end
			e.name = text.utf8(p:sub(rest[#rest], rest[#rest] + n - 1))
			return e
		end)
	end
end

get.directory = directory("<")
get.full_directory = directory("<I4", "ea_size")
get.both_directory = directory("<I4I1Bc24", "ea_size", "short_length", "_", "short_name")
get.id_both_directory = directory("<I4I1Bc24I2I8", "ea_size", "short_length", "_", "short_name",
	"_", "id")
get.id_full_directory = directory("<I4I4I8", "ea_size", "_", "id")
get.id_extd_directory = directory("<I4I4I8I8", "ea_size", "tag", "id", "id_high")
get.id_extd_both_directory = directory("<I4I4I8I8I1Bc24", "ea_size", "tag", "id", "id_high",
	"short_length", "_", "short_name")
get.id_64_extd_directory = directory("<I4I4I8", "ea_size", "tag", "id")
get.id_64_extd_both_directory = directory("<I4I4I8I1Bc24", "ea_size", "tag", "id",
	"short_length", "_", "short_name")
get.id_all_extd_directory = directory("<I4I4I8I8I8", "ea_size", "tag", "id", "id_128", "id_high")
get.id_all_extd_both_directory = directory("<I4I4I8I8I8I1Bc24", "ea_size", "tag", "id", "id_128",
	"id_high", "short_length", "_", "short_name")

function get.names(s)
	return each(s, function(p, at)
		local _, index, n = string.unpack("<I4I4I4", p, at)
		return { index = index, name = text.utf8(p:sub(at + 12, at + 11 + n)) }
	end)
end

fs.fs_size = fields("<i8i8I4I4", "total", "free", "sectors", "bytes")
fs.fs_full_size = fields("<i8i8i8I4I4", "total", "caller_free", "free", "sectors", "bytes")
fs.fs_device = fields("<I4I4", "type", "characteristics")
fs.fs_sector_size = fields("<I4I4I4I4I4I4I4", "logical", "physical", "performance", "effective",
	"flags", "alignment", "partition")

function fs.fs_attribute(s)
	local flags, longest, n = string.unpack("<I4i4I4", s)
	return { flags = flags, longest = longest, name = text.utf8(s:sub(13, 12 + n)) }
end

function fs.fs_volume(s)
	local created, serial, n = string.unpack("<i8I4I4", s)
	return { created = created, serial = serial, label = text.utf8(s:sub(19, 18 + n)) }
end

function set.basic(o)
	return string.pack("<i8i8i8i8I4I4", o.created or 0, o.accessed or 0, o.written or 0,
		o.changed or 0, const.bits(o.file_attributes or 0, const.attributes, "file_attributes"), 0)
end

function set.eof(o) return string.pack("<i8", o.size) end
set.allocation = set.eof

function set.disposition(o) return string.pack("<I1", o.delete and 1 or 0) end
function set.position(o) return string.pack("<i8", o.position) end
function set.mode(o) return string.pack("<I4", o.mode) end

-- The buffer is padded to the fixed size of the structure. [MS-FSCC] 2.4.42.2
function set.rename(o)
	local name = text.utf16(o.to)
	local s = string.pack("<I1c7I8s4", o.replace and 1 or 0, "", 0, name)
	return s .. ("\0"):rep(24 - #s)
end
set.link = set.rename

return info
