-- SPDX-License-Identifier: Apache-2.0
-- LOCK with fields that are wrong, ranges at the end of the numbers, and what of a request with
-- several ranges stays when one of them fails. [MS-SMB2] 2.2.26, 3.3.5.14; [MS-FSA] 2.1.5.8
local t = smb.tree()
local name = tmp "file"
t:put(name, ("x"):rep(100))
local shared, exclusive, unlock, at_once = 1, 2, 4, 0x10
local f, g = t:create { name = name, access = "read write" },
	t:create { name = name, access = "read write" }
local bad = "INVALID_PARAMETER"

local r = f:lock { locks = { { 0, 1, shared } }, expect = "any" }
if r.status == "NOT_SUPPORTED" then
	smb.skip "the server does not lock"
end
f:lock { locks = { { 0, 1, unlock } } }

f:lock { locks = {}, expect = bad }
f:lock { locks = { { 0, 1, shared } }, patch = { [2] = "\2\0" }, expect = bad }
for _, flags in ipairs { 0, shared | exclusive, unlock | shared, unlock | exclusive,
	unlock | at_once, at_once, 0x20, 0x80000000 } do
	f:lock { locks = { { 0, 1, flags } }, expect = bad }
end
f:lock { locks = { { 0, 1, exclusive }, { 2, 1, exclusive | at_once } }, expect = bad }

-- The last byte that a number can name may be locked, none behind it.
local top = -1
f:lock { locks = { { top, 1, exclusive } } }
g:lock { locks = { { top, 1, shared | at_once } }, expect = "LOCK_NOT_GRANTED" }
g:lock { locks = { { 0, top, shared | at_once } } }
f:lock { locks = { { top, 2, exclusive } }, expect = "INVALID_LOCK_RANGE" }
f:lock { locks = { { 2, top, unlock } }, expect = "INVALID_LOCK_RANGE" }
f:lock { locks = { { top, 1, unlock } } }
g:lock { locks = { { 0, top, unlock } } }

-- Without bytes: between two bytes, and nowhere at the start of the file.
f:lock { locks = { { 0, 0, exclusive | at_once }, { 0, 0, exclusive | at_once } } }
f:lock { locks = { { 10, 0, exclusive } } }
g:lock { locks = { { 9, 1, exclusive | at_once }, { 10, 1, exclusive | at_once } } }
f:lock { locks = { { 0, 0, unlock }, { 0, 0, unlock }, { 10, 0, unlock } } }
f:lock { locks = { { 10, 0, exclusive } } }
g:lock { locks = { { 9, 1, unlock }, { 10, 1, unlock } } }
g:lock { locks = { { 9, 2, shared | at_once } }, expect = "LOCK_NOT_GRANTED" }
f:lock { locks = { { 10, 0, unlock } } }

-- A range that is taken undoes those before it; one that is no lock does not.
f:lock { locks = { { 50, 1, exclusive } } }
g:lock { locks = { { 40, 1, exclusive | at_once }, { 50, 1, exclusive | at_once } },
	expect = "LOCK_NOT_GRANTED" }
g:lock { locks = { { 40, 1, unlock } }, expect = "RANGE_NOT_LOCKED" }
g:lock { locks = { { 40, 1, exclusive | at_once }, { 0, 1, unlock | at_once } }, expect = bad }
g:lock { locks = { { 40, 1, unlock } } }
-- What was unlocked before an error stays unlocked.
f:lock { locks = { { 50, 1, unlock }, { 60, 1, unlock } }, expect = "RANGE_NOT_LOCKED" }
g:lock { locks = { { 50, 1, exclusive } } }

-- Neither folders, nor opens that can neither read nor write.
local folder = t:mkdir(tmp "folder")
folder:lock { locks = { { 0, 1, shared } }, expect = bad }
local look = t:create { name = name, access = 0x80 }
look:lock { locks = { { 70, 1, shared } }, expect = "ACCESS_DENIED" }
