-- SPDX-License-Identifier: Apache-2.0
-- A second NEGOTIATE ends the connection. [MS-SMB2] 3.3.5.4
local c = smb.connect()
c:negotiate { dialects = { 0x0210 } }
c:negotiate { dialects = { 0x0210 }, async = true }
expect.closed(c, "a second NEGOTIATE")

c = smb.connect()
c:negotiate()
c:session()
c:negotiate { dialects = { 0x0311 }, async = true }
expect.closed(c, "a NEGOTIATE after the login")
