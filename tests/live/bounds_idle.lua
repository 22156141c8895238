-- SPDX-License-Identifier: Apache-2.0
-- limits.idle_time, for bounds.sh: who says nothing goes after it, and not before; who has a file open
-- stays, until the file is closed.
local idle = 4000
wire.patience = 60000

local t = smb.tree()
local f = t:create { name = tmp "file", access = "read write", disposition = "create" }
expect.alive(t.conn)
local began = wire.now()
local silent, busy = smb.session(), smb.session()
silent.conn:echo()
while wire.now() < began + idle + 500 do
	busy.conn:echo()
	silent.conn.raw_conn:stray(200)
end
expect.closed(silent.conn, "nothing was said")
expect.is(wire.now() - began >= idle - 100, "it was closed early")
expect.alive(t.conn, "a file is open")
f:write { data = "still here" }
expect.alive(busy.conn, "it was never silent")
began = wire.now()
f:close()
expect.closed(t.conn, "the file is closed")
expect.is(wire.now() - began >= idle - 100, "it was closed early")
