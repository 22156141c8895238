-- SPDX-License-Identifier: Apache-2.0
-- LOCK sent again with its sequence number is not carried out again; with another number it is.
-- [MS-SMB2] 3.3.5.14
local c = smb.connect()
c:negotiate { dialects = { 0x0311 } }
local t = c:session():tree(wire.share)
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
local exclusive, unlock = 2, 4
local function sequence(index, number) return index << 4 | number end

local r = f:lock { locks = { { 0, 10, exclusive | 0x10 } }, lock_sequence = sequence(1, 3),
	expect = "any" }
if r.status == "NOT_SUPPORTED" then
	smb.skip "the server does not lock"
end
r = f:lock { locks = { { 0, 10, exclusive | 0x10 } }, lock_sequence = sequence(1, 3),
	expect = "any" }
if r.status == "LOCK_NOT_GRANTED" then
	smb.skip "the server does not look at lock sequences"
end
expect.status("SUCCESS", r)
f:lock { locks = { { 0, 10, exclusive | 0x10 } }, lock_sequence = sequence(1, 4),
	expect = "LOCK_NOT_GRANTED" }
f:lock { locks = { { 0, 10, exclusive | 0x10 } }, lock_sequence = sequence(1, 3),
	expect = "LOCK_NOT_GRANTED" }
-- 0 and 65 are no entries.
for _, index in ipairs { 0, 65, 0xFFFFFFF } do
	f:lock { locks = { { 100, 1, 1 } }, lock_sequence = sequence(index, 1) }
	f:lock { locks = { { 100, 1, unlock } }, lock_sequence = sequence(index, 2) }
	f:lock { locks = { { 100, 1, unlock } }, lock_sequence = sequence(index, 2),
		expect = "RANGE_NOT_LOCKED" }
end
f:lock { locks = { { 0, 10, unlock } }, lock_sequence = sequence(64, 0) }
f:lock { locks = { { 0, 10, unlock } }, lock_sequence = sequence(64, 0) }
f:lock { locks = { { 0, 10, unlock } }, lock_sequence = sequence(63, 0),
	expect = "RANGE_NOT_LOCKED" }
