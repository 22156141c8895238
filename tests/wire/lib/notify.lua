-- SPDX-License-Identifier: Apache-2.0
-- notify.lua: what a CHANGE_NOTIFY reply says, and waiting for it. [MS-FSCC] 2.7.1

local text = require "text"
local notify = { TREE = 1 }

notify.filter = {
	file = 0x001, dir = 0x002, attributes = 0x004, size = 0x008, write = 0x010, access = 0x020,
	creation = 0x040, ea = 0x080, security = 0x100, stream = 0x200, stream_size = 0x400,
	stream_write = 0x800,
}
notify.NAMES = 3

local actions = { "added", "removed", "modified", "old", "new", "stream added",
	"stream removed", "stream modified" }

-- "added name, removed name": the changes of a reply in their order.
function notify.said(r)
	local said, at = {}, 1
	while #r.output > 0 do
		local next_at, action, len = string.unpack("<I4I4I4", r.output, at)
		local name = text.utf8(r.output:sub(at + 12, at + 11 + len))
		said[#said + 1] = actions[action] .. " " .. name
		assert(next_at % 4 == 0, "entries are aligned")
		if next_at == 0 then
			assert(at + 11 + len > #r.output - 4, "only padding follows the last entry")
			break
		end
		at = at + next_at
	end
	return table.concat(said, ", ")
end

-- A request that waits: its interim answer has come.
function notify.pending(file, o)
	local p = file:notify(o)
	local interim = p:interim()
	if not interim and p:wait { expect = "any" }.status == "NOT_SUPPORTED" then
		smb.skip "the server does not notify"
	end
	expect.is(interim, "an interim answer")
	expect.equal(interim.status, "PENDING", "interim status")
	return p
end

function notify.wait(p, wanted) expect.equal(notify.said(p:wait()), wanted, "changes") end

-- Asks for what has come already.
function notify.take(file, wanted, o) notify.wait(file:notify(o), wanted) end

function notify.open(tree, name, o)
	o = o or {}
	return tree:create { name = name, options = "directory", access = o.access or "read",
		share = o.share }
end

return notify
