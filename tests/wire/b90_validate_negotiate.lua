-- SPDX-License-Identifier: Apache-2.0
-- FSCTL_VALIDATE_NEGOTIATE_INFO repeats what was negotiated; when the client remembers otherwise,
-- somebody was in between, and the connection ends. [MS-SMB2] 3.3.5.15.12
local function ask(change)
	local c = smb.connect()
	local dialects = { 0x0202, 0x0210, 0x0300 }
	local n = c:negotiate { dialects = dialects }
	local t = c:session():tree("IPC$")
	local o = { capabilities = 0x7F, guid = c:info().client_guid, mode = 1, dialects = dialects }
	for k, v in pairs(change or {}) do
		o[k] = v
	end
	local input = string.pack("<I4c16I2I2", o.capabilities, o.guid, o.mode, #o.dialects)
	for _, dialect in ipairs(o.dialects) do
		input = input .. string.pack("<I2", dialect)
	end
	local p = t:call { command = "ioctl", code = "validate_negotiate", input = input,
		max_out = o.max_out or 24, sign = true, async = true, fid = ("\xff"):rep(16) }
	return c, p, n
end

local _, p, n = ask()
local capabilities, guid, mode, dialect = string.unpack("<I4c16I2I2", p:wait().output)
expect.equal(capabilities, n.capabilities, "capabilities")
expect.equal(guid, n.guid, "GUID of the server")
expect.equal(mode, n.security_mode, "security mode")
expect.equal(dialect, n.dialect, "dialect")

for what, change in pairs {
	["other capabilities"] = { capabilities = 1 },
	["another GUID"] = { guid = ("g"):rep(16) },
	["another security mode"] = { mode = 3 },
	["dialects that give another one"] = { dialects = { 0x0202, 0x0210 } },
} do
	expect.closed(ask(change), what)
end
