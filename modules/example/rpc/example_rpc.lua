-- SPDX-License-Identifier: Apache-2.0
-- The procedure adds; what does not decode, and what is not there, is a fault.
local interface = "\x14\x9a\x2d\x7c\xe6\x50\x0f\x4b\x93\x1e\x6a\x08\xc5\x77\xd2\x3b"
local ndr = "\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60"

-- One PDU of [C706] 12.6, its answer's type and what follows the common header.
local pipe = smb.session():tree("IPC$"):create { name = "example_rpc", access = "read write" }
local function ask(type, body)
	local pdu = string.pack("<BBBBI4I2I2I4", 5, 0, type, 3, 0x10, 16 + #body, 0, 1) .. body
	local out = pipe:ioctl { code = "pipe_transceive", input = pdu, max_out = 4280 }.output
	return out:byte(3), out:sub(17)
end

local function call(opnum, stub)
	return ask(0, string.pack("<I4I2I2", #stub, 0, opnum) .. stub)
end

local bind = string.pack("<I2I2I4BBI2I2BB", 4280, 4280, 0, 1, 0, 0, 0, 1, 0) .. interface ..
	string.pack("<I2I2", 1, 0) .. ndr .. string.pack("<I4", 2)
expect.equal((ask(11, bind)), 12, "bind_ack")

local type, out = call(0, string.pack("<I4I4", 20, 22))
expect.equal(type, 2, "response")
expect.equal(string.unpack("<I4I4", out, 9), 42, "the sum")
type, out = call(0, string.pack("<I4I4", 0xffffffff, 2))
expect.equal(select(2, string.unpack("<I4I4", out, 9)), 534, "it does not fit")
type, out = call(0, "abc")
expect.equal(type, 3, "a fault for arguments that do not decode")
expect.equal(string.unpack("<I4", out, 9), 0x6F7, "RPC_X_BAD_STUB_DATA")
expect.equal((call(1, "")), 3, "a fault for a procedure that is not there")
