-- SPDX-License-Identifier: Apache-2.0
-- TREE_DISCONNECT ends the tree and its opens; other trees of the session go on. [MS-SMB2] 3.3.5.8
local s = smb.session()
local t, other = s:tree(wire.share), s:tree(wire.share)
local name = tmp "held"
local f = t:create { name = name, disposition = "create", access = "read write", share = "none" }
other:create { name = name, access = "read", expect = "SHARING_VIOLATION" }

t:disconnect()
f:read { length = 1, expect = "NETWORK_NAME_DELETED" }
t:create { name = name, expect = "NETWORK_NAME_DELETED" }
t:disconnect { expect = "NETWORK_NAME_DELETED" }

other:create { name = name, access = "read write" }:close()
other:call { command = "create", name = name, tid = 0, expect = "NETWORK_NAME_DELETED" }
other:call { command = "create", name = name, tid = 0xFFFFFFFF, expect = "NETWORK_NAME_DELETED" }
expect.alive(s.conn)
