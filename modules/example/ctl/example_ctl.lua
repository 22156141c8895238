-- SPDX-License-Identifier: Apache-2.0
-- The command counts what sessions have open, and says who is not there.
local server = require "server"

expect.equal(server.ctl("example_ctl"), "", "nobody is logged on")
local t = smb.tree()
t:create { name = "a", disposition = "create", access = "read" }
t:create { name = "b", disposition = "create", access = "read" }
expect.is(server.ctl("example_ctl"):find(wire.user .. " +2"), "two files are open")
expect.is(server.ctl("example_ctl", wire.user:upper()):find(wire.user .. " +2"), "by name")
expect.is(server.refused("example_ctl", "nobody"):find "nobody is not logged on", "who is not there")
expect.is(server.refused("example_ctl", "a", "b"):find "example_ctl %[USER%]", "too many words")
