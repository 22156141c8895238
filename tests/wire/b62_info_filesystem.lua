-- SPDX-License-Identifier: Apache-2.0
-- The classes of the file system. [MS-FSCC] 2.5
local t = smb.tree()
local f = t:create { name = "", options = "directory", access = "read" }

local size, full = f:query { class = "fs_size" }, f:query { class = "fs_full_size" }
expect.is(size.total > 0 and size.free <= size.total, "free is not more than all")
expect.is(size.bytes >= 512 and size.bytes & size.bytes - 1 == 0, "bytes per sector")
expect.equal(full.total * full.sectors * full.bytes, size.total * size.sectors * size.bytes,
	"the whole in two ways")
expect.is(full.caller_free <= full.free, "free for the caller")

expect.equal(f:query { class = "fs_device" }.type, 7, "a disk")
local attribute = f:query { class = "fs_attribute" }
expect.equal(attribute.longest, 255, "longest name")
expect.equal(attribute.flags & 6, 6, "keeps case, has Unicode")
expect.is(#attribute.name > 0, "the file system has a name")
local volume = f:query { class = "fs_volume" }
expect.is(volume.created > 0, "time of creation")
local sector = f:query { class = "fs_sector_size" }
expect.is(sector.logical >= 512 and sector.physical >= sector.logical, "sector sizes")

f:query { class = "fs_size", max_out = 23, expect = "INFO_LENGTH_MISMATCH" }
f:query { class = "fs_volume", max_out = 8, expect = "INFO_LENGTH_MISMATCH" }
f:query { class = "fs_device", max_out = 7, expect = "INFO_LENGTH_MISMATCH" }
