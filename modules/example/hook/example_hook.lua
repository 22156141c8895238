-- SPDX-License-Identifier: Apache-2.0
-- Renames are refused on the share that says so, and nowhere else.
local server = require "server"

local kept = smb.session():tree("kept")
local name = "old.txt"
kept:put(name, "content")
local f = kept:create { name = name, access = "read delete", disposition = "open" }
f:rename("new.txt", { expect = "ACCESS_DENIED" })
expect.equal(f:read { length = 7 }, "content", "other commands go through")
f:close()
expect.is(kept:exists(name), "it has its old name")
expect.is(server.ctl("why"):find("example_hook.keep_names of share kept", 1, true), "the reason is told")
expect.is(server.ctl("metrics"):find "example_hook_refused +1", "the refusal is counted")

local free = smb.session():tree("share")
f = free:create { name = name, access = "read delete", disposition = "open" }
f:rename "new.txt"
f:close()
expect.equal(server.read "share/new.txt", "content", "renamed on disk")
