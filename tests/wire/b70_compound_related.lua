-- SPDX-License-Identifier: Apache-2.0
-- A related compound: each command uses the file that the one before opened. [MS-SMB2] 3.3.5.2.7.2
local t = smb.tree()
local name = tmp "file"

local r = t:compound {
	{ command = "create", name = name, disposition = "create", access = "read write" },
	{ command = "write", data = "one message" },
	{ command = "query_info", class = "standard" },
	{ command = "read", length = 100 },
	{ command = "close" },
}
expect.equal(smb.info.get.standard(r[3].output).size, 11, "size")
expect.equal(r[4].data, "one message", "what was written before in the same message")
t:call { command = "read", fid = r[1].fid, expect = "FILE_CLOSED" }
for i = 1, 4 do
	expect.is(r[i].next == 0 or r[i].next % 8 == 0, "answers are aligned to 8")
end

-- The file id may also be given; session and tree of the first count whatever the others say.
r = t:compound {
	{ command = "create", name = name, access = "read" },
	{ command = "read", length = 3, sid = -1, tid = 0xFFFFFFFF },
	{ command = "close", sid = 0, tid = 0 },
}
expect.equal(r[2].data, "one", "content")

-- Signed, each for itself.
t = smb.tree { security = "required" }
r = t:compound {
	{ command = "create", name = name, access = "read" },
	{ command = "query_info", class = "all" },
	{ command = "close" },
}
for i = 1, 3 do
	expect.equal(r[i].sig, "good", "signature of answer " .. i)
end
