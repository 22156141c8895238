-- SPDX-License-Identifier: Apache-2.0
-- A READ of a named pipe waits for an answer that nobody asked for; whatever closes the pipe ends it with
-- STATUS_PIPE_BROKEN, CANCEL with STATUS_CANCELLED. [MS-SMB2] 3.3.5.12
local function waiting()
	local t = smb.session():tree("IPC$")
	local f = t:create { name = "srvsvc", access = "read write", expect = "any" }
	if not f.fid then
		return
	end
	return f:call { command = "read", length = 1024, async = true }, f, t
end

if not waiting() then
	smb.skip("there is no pipe srvsvc")
end
local p, f, t = waiting()
p:cancel()
p:wait { expect = "CANCELLED" }
p = f:call { command = "read", length = 1024, async = true }
f:close()
p:wait { expect = "PIPE_BROKEN" }
expect.alive(t.conn)

p, f, t = waiting()
t:disconnect()
p:wait { expect = "PIPE_BROKEN" }
p, f, t = waiting()
t.session:logoff()
p:wait { expect = "PIPE_BROKEN" }
