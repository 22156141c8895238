-- SPDX-License-Identifier: Apache-2.0
-- text.lua: UTF-8 to UTF-16LE and back; a surrogate that stands alone passes both ways.

local text = {}

function text.utf16(s)
	local out = {}
	for _, c in utf8.codes(s, true) do
		if c >= 0x10000 then
			c = c - 0x10000
			out[#out + 1] = string.pack("<I2I2", 0xD800 | c >> 10, 0xDC00 | c & 0x3FF)
		else
			out[#out + 1] = string.pack("<I2", c)
		end
	end
	return table.concat(out)
end

function text.utf8(s)
	local out, i = {}, 1
	while i + 1 <= #s do
		local c = string.unpack("<I2", s, i)
		i = i + 2
		if c & 0xFC00 == 0xD800 and i + 1 <= #s then
			local low = string.unpack("<I2", s, i)
			if low & 0xFC00 == 0xDC00 then
				c = 0x10000 + ((c & 0x3FF) << 10 | low & 0x3FF)
				i = i + 2
			end
		end
		out[#out + 1] = utf8.char(c)
	end
	return table.concat(out)
end

return text
