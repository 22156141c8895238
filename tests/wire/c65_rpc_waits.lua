-- SPDX-License-Identifier: Apache-2.0
-- Remote procedure calls that wait: others of the pipe and of other pipes are answered meanwhile; the
-- client may give them up; how many wait is limited. [C706] 12.6.4, [MS-RPCE] 3.3.2
local RESPONSE, FAULT, CANCEL, ORPHANED = 2, 3, 18, 19
local SLEEP, LONG = 6, 60
local CANCELLED, BUSY = 0x1C00000D, 0x1C010014

local function pdu(type, id, body)
	return string.pack("<BBBBI4I2I2I4", 5, 0, type, 3, 0x10, 16 + #body, 0, id) .. body
end

local function request(id, opnum, number)
	return pdu(0, id, string.pack("<I4I2I2I4", 4, 0, opnum, number))
end

local function bind()
	return pdu(11, 99, string.pack("<I2I2I4I4I2BB", 4280, 4280, 0, 1, 0, 1, 0) ..
		"\xc5\x5e\xa1\x60\xe8\x4d\xd7\x11\xa6\x37\x00\x50\x56\xa2\x01\x82" .. string.pack("<I4", 1) ..
		"\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60" .. string.pack("<I4", 2))
end

local function both(f, data, o)
	return f:ioctl { code = "pipe_transceive", input = data, max_output = 4280,
		async = o and o.async, expect = o and o.expect }
end

-- Which call it is about, and a number: what was answered, or the fault.
local function said(data, type)
	local kind, id = string.unpack("<xxBxxxxxxxxxI4", data)
	expect.equal(kind, type, "type of the PDU")
	return id, (string.unpack("<I4", data, 25))
end

local function opened(t)
	local f = t:create { name = "rpcecho", access = "read write", expect = "any" }
	if not f.fid then
		smb.skip("there is no pipe rpcecho")
	end
	both(f, bind())
	return f
end

local function add_one(f, id)
	local got, n = said(both(f, request(id, 0, id)).output, RESPONSE)
	expect.equal(got, id, "call")
	expect.equal(n, id + 1, "sum")
end

-- n calls that wait, and one more that may not.
local function fill(f, n)
	for id = 1, n do
		f:write { data = request(id, SLEEP, LONG) }
	end
	local _, fault = said(both(f, request(n + 1, SLEEP, LONG)).output, FAULT)
	expect.equal(fault, BUSY, "one too many")
end

local t = smb.session():tree("IPC$")
local f = opened(t)
f:write { data = request(1, SLEEP, LONG) }
add_one(f, 2)
f:write { data = pdu(CANCEL, 1, "") }
local id, fault = said(f:read { length = 4280 }, FAULT)
expect.equal(id, 1, "cancelled call")
expect.equal(fault, CANCELLED, "fault")
f:write { data = request(3, SLEEP, LONG) }
f:write { data = pdu(ORPHANED, 3, "") }
add_one(f, 4)

-- The client does not wait any more: nothing is left of a transceive, and a read says it at the next one.
local p = both(f, request(5, SLEEP, LONG), { async = true })
p:interim()
p:cancel()
p:wait { expect = "CANCELLED" }
add_one(f, 6)
f:write { data = request(7, SLEEP, LONG) }
p = f:call { command = "read", length = 4280, async = true }
p:interim()
p:cancel()
p:wait { expect = "CANCELLED" }
id, fault = said(f:read { length = 4280 }, FAULT)
expect.equal(id, 7, "cancelled call")
expect.equal(fault, CANCELLED, "fault")

-- Each is answered when its own time has come.
f:write { data = request(8, SLEEP, 2) }
f:write { data = request(9, SLEEP, 0) }
expect.equal((said(f:read { length = 4280 }, RESPONSE)), 9, "the first that ends")
expect.equal((said(f:read { length = 4280 }, RESPONSE)), 8, "the second")

-- Limits of a pipe and of a session; what is closed waits no more.
fill(f, 16)
local g = opened(t)
add_one(g, 1)
f:close()
g:close()
local pipes = {}
for i = 1, 4 do
	pipes[i] = opened(t)
	fill(pipes[i], 16)
end
f = opened(t)
fill(f, 0)
add_one(f, 1)
local other = smb.session():tree("IPC$")
fill(opened(other), 16)
t.session:logoff()
other.session:logoff()
t = smb.session():tree("IPC$")
for i = 1, 4 do
	pipes[i] = opened(t)
	fill(pipes[i], 16)
end
expect.alive(t.conn)
