-- SPDX-License-Identifier: Apache-2.0
-- 200 connections that say nothing, or stop in the middle, do not keep others out.
-- [MS-SMB2] 3.3.4.1
local idle = {}
for i = 1, 200 do
	idle[i] = smb.connect()
	if i % 3 == 0 then
		idle[i]:send_bytes("\0\0\0\x80\xfeSMB")
	elseif i % 3 == 1 then
		idle[i]:negotiate()
	end
end
local t = smb.tree()
expect.is(t:exists("keep.txt"), "a file of the share")
for _, c in ipairs(idle) do
	c:close()
end
expect.alive(t.conn)
