-- SPDX-License-Identifier: Apache-2.0
-- Byte ranges: exclusive and shared, conflicts at once, waiting for one, unlocking.
-- [MS-SMB2] 3.3.5.14
local a, b = smb.tree(), smb.tree()
local name = tmp "file"
a:put(name, ("x"):rep(100))
local shared, exclusive, unlock, at_once = 1, 2, 4, 0x10
local f, g = a:create { name = name, access = "read write" },
	b:create { name = name, access = "read write" }

local r = f:lock { locks = { { 0, 10, exclusive | at_once } }, expect = "any" }
if r.status == "NOT_SUPPORTED" or r.status == "NOT_IMPLEMENTED" or
	r.status == "INVALID_DEVICE_REQUEST" then
	smb.skip "the server does not lock"
end
expect.status("SUCCESS", r)
g:lock { locks = { { 5, 10, shared | at_once } }, expect = "LOCK_NOT_GRANTED" }
g:read { length = 5, expect = "FILE_LOCK_CONFLICT" }
g:write { data = "y", expect = "FILE_LOCK_CONFLICT" }
expect.equal(#g:read { offset = 10, length = 10 }, 10, "beside the range")
expect.equal(#f:read { length = 100 }, 100, "the holder's own")
g:lock { locks = { { 0, 10, unlock } }, expect = "RANGE_NOT_LOCKED" }

-- Who waits gets it when the holder lets go.
local p = g:lock { locks = { { 0, 10, exclusive } }, async = true }
expect.is(p:interim(), "it waits")
f:lock { locks = { { 0, 10, unlock } } }
p:wait()

p = f:lock { locks = { { 0, 10, exclusive } }, async = true }
p:interim()
p:cancel()
p:wait { expect = "CANCELLED" }
g:close()
f:lock { locks = { { 0, 10, exclusive | at_once }, { 20, 5, exclusive | at_once } } }
f:lock { locks = { { 0, 10, 0 } }, expect = "INVALID_PARAMETER" }

-- Who waits and closes meanwhile is answered; what is cancelled afterwards is gone already.
g = b:create { name = name, access = "read write" }
p = g:lock { locks = { { 0, 10, exclusive } }, async = true }
expect.is(p:interim(), "it waits")
g:close()
p:cancel()
p:wait { expect = "RANGE_NOT_LOCKED" }
f:lock { locks = { { 0, 10, unlock } } }
g = b:create { name = name, access = "read write" }
g:lock { locks = { { 0, 10, exclusive | at_once } } }
g:close()
