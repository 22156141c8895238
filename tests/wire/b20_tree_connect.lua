-- SPDX-License-Identifier: Apache-2.0
-- Shares by name, whatever server is named; what does not exist or has no folder. [MS-SMB2] 3.3.5.7
local s = smb.session()
local t = s:tree(wire.share)
expect.equal(t.reply.type, 1, "a disk share")
expect.is(t.reply.max_access & 0x1 ~= 0, "the maximal access has reading")
expect.equal(s:tree("IPC$").reply.type, 2, "IPC$ is for pipes")
expect.is(s:tree(wire.share).tid ~= t.tid, "each TREE_CONNECT gives an id of its own")
expect.is(s:tree(wire.share:upper()):exists("keep.txt"), "names are compared without case")
expect.is(s:tree("\\\\anything\\" .. wire.share):exists("keep.txt"), "by another server's name")
expect.equal(s:tree("ro").reply.max_access & 0x2, 0, "a read-only share has no write access")

s:tree("nosuchshare", { expect = "BAD_NETWORK_NAME" })
s:tree("nosuchpath", { expect = "BAD_NETWORK_NAME" })
s:tree("..", { expect = "BAD_NETWORK_NAME|INVALID_PARAMETER" })
s:tree(("s"):rep(200), { expect = "BAD_NETWORK_NAME|INVALID_PARAMETER" })
s:tree("ünïcødé\u{1F600}", { expect = "BAD_NETWORK_NAME" })
expect.is(t:exists("keep.txt"), "the first tree is well")
