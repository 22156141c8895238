-- SPDX-License-Identifier: Apache-2.0
-- What clients read has the letters that the share says; what is on disk stays as it was written.
local server = require "server"

server.write("share/greeting.txt", "Hello, World 1\n")
local t = smb.tree()
expect.equal(t:get "greeting.txt", "HELLO, WORLD 1\n", "all of it")
local f = t:create { name = "greeting.txt", access = "read" }
expect.equal(f:read { offset = 7, length = 5 }, "WORLD", "a part")
expect.equal(f.size, 15, "the size is that of the file")
f:close()

t:put("written.txt", "Written")
expect.equal(server.read "share/written.txt", "Written", "on disk")
expect.equal(t:get "written.txt", "WRITTEN", "read back")

expect.equal(smb.session():tree("low"):get "greeting.txt", "hello, world 1\n", "lower case")
expect.equal(smb.session():tree("plain"):get "greeting.txt", "Hello, World 1\n", "no filter")
