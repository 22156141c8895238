-- SPDX-License-Identifier: Apache-2.0
-- A token stands for a range of a file; only the session that has the open can write it, and only
-- while the file is as it was. [MS-FSCC] 2.3.41 to 2.3.44, 2.1.11
local READ, WRITE = 0x94264, 0x98268
local s = smb.session()
local t = s:tree("share")
local content = ("abcdefgh"):rep(1024) .. "tail"
t:put(tmp "from", content)
local from = t:create { name = tmp "from", access = "read write" }
local to = t:create { name = tmp "to", access = "read write", disposition = "create" }
local function grow(f, size) f:set { class = "eof", input = string.pack("<I8", size) } end

local function read(o)
	o = o or {}
	local r = (o.file or from):ioctl { code = READ, max_out = o.max_out or 528,
		input = string.pack("<I4I4I4I4I8I8", o.size or 32, 0, o.ttl or 0, 0, o.offset or 0,
			o.len or 1 << 20):sub(1, o.cut or 32),
		expect = o.expect or "SUCCESS" }
	if r.status == "SUCCESS" then
		local size, _, len = string.unpack("<I4I4I8", r.output)
		expect.equal(size, 528)
		expect.equal(#r.output, 528)
		return r.output:sub(17), len
	end
end
local function write(token, o)
	o = o or {}
	local r = (o.file or to):ioctl { code = WRITE, max_out = o.max_out or 16,
		input = (string.pack("<I4I4I8I8I8", o.size or 544, 0, o.offset or 0, o.len or 1 << 20,
			o.at or 0) .. token):sub(1, o.cut or 544),
		expect = o.expect or "SUCCESS" }
	return r.output and #r.output == 16 and select(3, string.unpack("<I4I4I8", r.output))
end

-- Whole sectors are told, what is in the file is copied, and neither file grows.
local token, len = read()
expect.equal(len, 8704, "whole sectors")
write(token, { expect = "END_OF_FILE" })
grow(to, #content)
expect.equal(write(token), 8704)
expect.equal(t:get(tmp "to"), content)
grow(to, 0)
grow(to, 2000)
expect.equal(write(token, { len = 1024, at = 4096, offset = 512 }), 1024)
expect.equal(to:read { length = 5000 }, ("\0"):rep(512) .. content:sub(4097, 5120) .. ("\0"):rep(464))
expect.equal(write(token, { len = 0 }), 0)

-- Fields of READ
read { size = 31, expect = "INVALID_PARAMETER" }
read { cut = 31, expect = "INVALID_PARAMETER" }
read { offset = 100, expect = "INVALID_PARAMETER" }
read { len = 100, expect = "INVALID_PARAMETER" }
read { offset = -512, expect = "INVALID_PARAMETER" }
read { offset = 1 << 40, expect = "END_OF_FILE" }
read { max_out = 527, expect = "BUFFER_TOO_SMALL" }
read { file = t:create { name = tmp "from", access = "write_data" }, expect = "ACCESS_DENIED" }

-- Fields of WRITE
for _, o in ipairs { { size = 543 }, { cut = 543 }, { offset = 7 }, { len = 7 }, { at = 7 },
	{ offset = -512 }, { at = -512 }, { at = 1 << 20 } } do
	o.expect = "INVALID_PARAMETER"
	write(token, o)
end
write(token, { max_out = 15, expect = "BUFFER_TOO_SMALL" })
write(token, { file = t:create { name = tmp "to", access = "read" }, expect = "ACCESS_DENIED" })

-- Tokens that are not ours
for at = 1, 56, 5 do
	local wrong = token:sub(1, at - 1) .. string.char(token:byte(at) ~ 0xFF) .. token:sub(at + 1)
	if at ~= 6 then -- reserved
		write(wrong, { expect = "INVALID_TOKEN" })
	end
end
write(("\0"):rep(512), { expect = "INVALID_TOKEN" })
local other = smb.session():tree("share"):create { name = tmp "to", access = "read write" }
write(token, { file = other, expect = "INVALID_TOKEN" })

-- Zeros need no file.
local zeros = "\xFF\xFF\0\1" .. ("\0"):rep(508)
expect.equal(write(zeros, { len = 1024, offset = 512 }), 1024)
expect.equal(to:read { length = 2000 }, ("\0"):rep(2000))

-- The file changed, or is closed: its tokens are worth nothing.
from:write { data = "and more", offset = 20000 }
write(token, { expect = "INVALID_TOKEN" })
token = read()
expect.equal(write(token, { len = 512 }), 512)
from:close()
write(token, { expect = "INVALID_TOKEN" })
