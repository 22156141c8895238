-- SPDX-License-Identifier: Apache-2.0
-- IOCTL that asks for more than was agreed. [MS-SMB2] 3.3.5.15
local t = smb.tree()
local f = t:create { name = "keep.txt", access = "read" }
local more = t.conn:info().max_transact + 1
f:ioctl { code = "request_resume_key", max_out = more, expect = "INVALID_PARAMETER" }
f:ioctl { code = "request_resume_key", max_in = more, expect = "INVALID_PARAMETER" }
