-- SPDX-License-Identifier: Apache-2.0
-- No dialect in common, and no dialect at all. [MS-SMB2] 3.3.5.4
local c = smb.connect()
c:negotiate { dialects = { 0x0999, 0x0400 }, expect = "NOT_SUPPORTED" }

c = smb.connect()
c:negotiate { dialects = {}, expect = "INVALID_PARAMETER" }

-- After such a refusal a new attempt on a new connection is unharmed.
c = smb.connect()
c:negotiate()
c:session()
