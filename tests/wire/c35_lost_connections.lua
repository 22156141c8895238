-- SPDX-License-Identifier: Apache-2.0
-- Connections that vanish in the middle of everything leave nothing behind that hinders others.
-- [MS-SMB2] 3.3.7.1
local name, doomed = tmp "file", tmp "doomed"
local watcher = smb.tree()
watcher:put(name, ("x"):rep(100000))

for i = 1, 10 do
	local t = smb.tree()
	local f = t:create { name = name, access = "read write", share = "none",
		expect = "SUCCESS|SHARING_VIOLATION" }
	if f.fid then
		for _ = 1, 20 do
			f:call { command = "read", length = 65536, async = true }
		end
	end
	t:create { name = doomed, disposition = "open_if", access = "delete",
		options = "delete_on_close", async = true }
	if i % 2 == 0 then
		local frame = t.conn:encode { command = "echo" }
		t.conn:send_bytes(frame:sub(1, 20))
	end
	t.conn:close()
end

local f
repeat
	f = watcher:create { name = name, access = "read write", share = "none",
		expect = "SUCCESS|SHARING_VIOLATION" }
until f.fid
f:close()
