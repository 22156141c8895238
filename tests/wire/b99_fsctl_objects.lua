-- SPDX-License-Identifier: Apache-2.0
-- Object ids, clones, and where the server can be reached. [MS-FSCC] 2.3.1, 2.3.7, 2.3.61;
-- [MS-SMB2] 3.3.5.15.11
local GET, CREATE_OR_GET, SET, SET_EXTENDED, DELETE = 0x9009C, 0x900C0, 0x90098, 0x900BC, 0x900A0
local t = smb.tree()
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
local r = t:create { name = tmp "file", access = "read" }

local id = r:ioctl { code = CREATE_OR_GET, max_out = 64 }.output
expect.equal(#id, 64)
expect.equal(f:ioctl { code = GET, max_out = 64 }.output, id, "the same for all")
r:ioctl { code = GET, max_out = 63, expect = "BUFFER_TOO_SMALL" }
r:ioctl { code = SET_EXTENDED, input = ("e"):rep(48), expect = "ACCESS_DENIED" }
r:ioctl { code = DELETE, expect = "ACCESS_DENIED" }
f:ioctl { code = SET, input = ("i"):rep(64), expect = "ACCESS_DENIED" }
f:ioctl { code = SET, input = ("i"):rep(63), expect = "INVALID_PARAMETER" }
f:ioctl { code = SET_EXTENDED, input = ("e"):rep(47), expect = "INVALID_PARAMETER" }
f:ioctl { code = SET_EXTENDED, input = ("e"):rep(49), expect = "INVALID_PARAMETER" }
f:ioctl { code = SET_EXTENDED, input = ("e"):rep(48) }
expect.equal(r:ioctl { code = GET, max_out = 64 }.output, id:sub(1, 16) .. ("e"):rep(48))
f:ioctl { code = DELETE }
f:ioctl { code = DELETE }
expect.equal(r:ioctl { code = GET, max_out = 64 }.output, id, "as it was")

-- Clones: bad fields first, for not every file system can do it.
local CLONE, CLONE_EX = 0x98344, 0x983E8
local function clone(o)
	return string.pack("<c16I8I8I8", o.fid or f.fid, o.from or 0, o.to or 0, o.len or 4096)
end
f:ioctl { code = CLONE, input = clone {}:sub(1, 39), expect = "BUFFER_TOO_SMALL" }
f:ioctl { code = CLONE, input = clone { fid = ("?"):rep(16) }, expect = "INVALID_HANDLE" }
f:ioctl { code = CLONE, input = clone { from = -1 }, expect = "INVALID_PARAMETER" }
f:ioctl { code = CLONE, input = clone { to = -1 }, expect = "INVALID_PARAMETER" }
f:ioctl { code = CLONE, input = clone { len = -1 }, expect = "INVALID_PARAMETER" }
f:ioctl { code = CLONE_EX, input = string.pack("<I8", 56) .. clone {} .. ("\0"):rep(7), expect = "BUFFER_TOO_SMALL" }
f:ioctl { code = CLONE_EX, input = string.pack("<I8", 7) .. clone {} .. ("\0"):rep(8),
	expect = "INVALID_PARAMETER" }
r:ioctl { code = CLONE, input = clone {}, expect = "ACCESS_DENIED" }

-- Addresses: asked of no file, and only by dialects that know channels.
local INTERFACES = 0x1401FC
f:ioctl { code = INTERFACES, max_out = 65536, expect = "INVALID_PARAMETER" }
local function interfaces(tree, o)
	return tree:call { command = "ioctl", code = INTERFACES, fid = ("\xff"):rep(16),
		max_out = o and o.max_out or 65536, expect = o and o.expect or "SUCCESS" }
end
local list = interfaces(t).output
expect.equal(#list % 152, 0, "whole entries")
for at = 1, #list, 152 do
	local next, index, _, _, speed, family = string.unpack("<I4I4I4I4I8I2", list, at)
	expect.equal(next, at + 152 > #list and 0 or 152, "Next")
	expect.equal(index > 0 and speed > 0, true, "an interface with a speed")
	expect.equal(family == 2 or family == 0x17, true, "family")
end
if #list > 0 then
	interfaces(t, { max_out = #list - 1, expect = "BUFFER_TOO_SMALL" })
end
local old = smb.connect()
old:negotiate { dialects = { 0x0210 } }
interfaces(old:session():tree("share"), { expect = "NOT_SUPPORTED" })
