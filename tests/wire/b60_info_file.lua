-- SPDX-License-Identifier: Apache-2.0
-- Every file class, and that they agree with each other and with what CREATE said. [MS-FSCC] 2.4
local t = smb.tree()
local name = tmp "file"
t:put(name, ("x"):rep(10000))
local f = t:create { name = name, access = "read write delete" }

local basic, standard = f:query { class = "basic" }, f:query { class = "standard" }
expect.equal(basic.created, f.created, "time of creation")
expect.equal(basic.attributes, f.attributes, "attributes")
expect.is(basic.written > 130000000000000000, "the time is of this century")
expect.equal(standard.size, 10000, "size")
expect.is(standard.allocation >= 10000, "allocation holds the content")
expect.equal(standard.links, 1, "links")
expect.equal(standard.delete_pending, 0, "delete pending")
expect.equal(standard.directory, 0, "directory")

local open, all = f:query { class = "network_open" }, f:query { class = "all" }
expect.equal(open.size, 10000, "size in network_open")
expect.equal(open.written, basic.written, "time in network_open")
expect.equal(all.standard.size, 10000, "size in all")
expect.equal(all.basic.created, basic.created, "time in all")
expect.equal(all.access.access, f:query { class = "access" }.access, "access in all")
expect.is(all.name:find(name, 1, true), "name in all")

local index = f:query { class = "internal" }.index
expect.is(index ~= 0, "there is an index number")
expect.equal(all.internal.index, index, "index number in all")
expect.equal(f:query { class = "ea" }.ea_size, 0, "size of extended attributes")
expect.equal(f:query { class = "mode" }.mode & ~0x30, 0, "mode")
expect.is(f:query { class = "alignment" }.alignment < 512, "alignment")
expect.equal(f:query { class = "attribute_tag" }.attributes, basic.attributes, "attributes by tag")
expect.equal(f:query { class = "compression" }.format, 0, "compression")
expect.equal(f:query { class = "stream" }[1].name, "::$DATA", "the main stream")
f:close()

f = t:create { name = name, access = "read" }
expect.equal(f:query { class = "internal" }.index, index, "index number in another open")
