-- SPDX-License-Identifier: Apache-2.0
-- 300 small files made, written, read and removed with all requests in flight at once.
-- [MS-SMB2] 3.3.5.2.7
local t = smb.tree()
local c, folder, count = t.conn, tmp "folder", 300
t:mkdir(folder):close()
for _ = 1, 20 do
	c:echo { credits = 400 }
end

for i = 1, count do
	smb.tmp(("folder\\%d"):format(i))
end
local function each(make)
	for i = 1, count, 10 do
		local waiting = {}
		for j = i, i + 9 do
			waiting[#waiting + 1] = make(j)
		end
		for _, p in ipairs(waiting) do
			p:wait()
		end
	end
end

local files = {}
each(function(i)
	files[i] = t:create { name = folder .. "\\" .. i, disposition = "create", access = "all",
		async = true }
	return files[i]
end)
each(function(i)
	files[i] = files[i].reply
	return t:call { command = "write", fid = files[i].fid, data = "content " .. i, async = true }
end)
each(function(i) return t:call { command = "close", fid = files[i].fid, async = true } end)

local d = t:create { name = folder, options = "directory", access = "read" }
expect.equal(#d:names(), count + 2, "entries")
d:close()
expect.equal(t:get(folder .. "\\77"), "content 77", "content")
each(function(i)
	return t:create { name = folder .. "\\" .. i, access = "delete", options = "delete_on_close",
		async = true }
end)
t.session:logoff() -- closes them all

t = smb.tree()
d = t:create { name = folder, options = "directory", access = "read" }
expect.equal(#d:names(), 2, "entries when all are removed")
