-- SPDX-License-Identifier: Apache-2.0
-- 1,000 opens at once in one session; all different, all usable, all gone at logoff.
-- [MS-SMB2] 3.3.5.9
local t = smb.tree()
local folder = tmp "folder"
t:mkdir(folder):close()
local files, ids = {}, {}
for i = 1, 1000 do
	files[i] = t:create { name = tmp("folder\\" .. i % 10), disposition = "open_if",
		access = "read write", share = "read write delete" }
	expect.is(not ids[files[i].fid], "each has an id of its own")
	ids[files[i].fid] = true
end
for i = 1, 1000, 37 do
	files[i]:write { data = ("%04d"):format(i), offset = i * 4 }
end
expect.equal(files[11]:read { offset = 38 * 4, length = 4 }, "\0\0\0\0", "not written by this file")
expect.equal(files[8]:read { offset = 38 * 4, length = 4 }, "0038", "seen by another open")

t.session:logoff()
local other = smb.tree()
other:create { name = folder .. "\\1", access = "read", share = "none" }:close()
