-- SPDX-License-Identifier: Apache-2.0
-- In 3.1.1 a TREE_CONNECT that proves nothing ends the connection. [MS-SMB2] 3.3.5.7
local path = "\\\\server\\" .. wire.share
local c = smb.connect()
c:negotiate { dialects = { 0x0311 } }
local s = c:session()
s:call { command = "tree_connect", path = path, sign = false, async = true }
expect.closed(c, "an unsigned TREE_CONNECT")

-- Earlier dialects do not ask for it.
s = smb.session { dialects = { 0x0302 } }
s:call { command = "tree_connect", path = path, sign = false }
