-- SPDX-License-Identifier: Apache-2.0
-- CHANGE_NOTIFY waits, with an interim answer, for a change or for CANCEL. [MS-SMB2] 3.3.5.19
local t, other = smb.tree(), smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
local d = t:create { name = folder, options = "directory", access = "read" }

local p = d:notify()
local interim = p:interim()
if not interim and p:wait { expect = "any" }.code >= 0xC0000000 then
	smb.skip "the server does not notify"
end
expect.equal(interim.status, "PENDING", "interim status")
expect.is(interim.async_id ~= 0, "there is an async id")
expect.equal(interim.flags & 2, 2, "it is marked as asynchronous")
other:put(tmp "folder\\new", "x")
local action, n = select(2, string.unpack("<I4I4I4", p:wait().output))
expect.equal(action, 1, "something was added")
expect.equal(n, 6, "length of the name")

d:close()

d = t:create { name = folder, options = "directory", access = "read" }
p = d:notify { filter = 1 }
p:interim()
p:cancel()
expect.equal(p:wait { expect = "CANCELLED" }.async_id, p.reply.async_id, "async id")
expect.alive(t.conn)

p = d:notify { filter = 1 }
p:interim()
d:close()
p:wait { expect = "NOTIFY_CLEANUP" }

d = t:create { name = folder, options = "directory", access = "read" }
p = d:notify()
p:interim()
t:disconnect()
p:wait { expect = "NOTIFY_CLEANUP|CANCELLED|NETWORK_NAME_DELETED" }
