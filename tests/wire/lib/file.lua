-- SPDX-License-Identifier: Apache-2.0
-- file.lua: trees and the files in them.

local info = require "info"
local with = require("request").with

local Tree, File = {}, {}
Tree.__index, File.__index = Tree, File

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

return { Tree = Tree, File = File }
