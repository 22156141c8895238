-- SPDX-License-Identifier: Apache-2.0
-- Every control code that clients know has an answer of its own, on a file, a folder, a pipe share
-- and without a file. [MS-SMB2] 3.3.5.15, [MS-FSA] 2.1.5.10
local text = require "text"
local t = smb.tree()
local root = t:create { name = "", access = "read", options = "directory" }
local f = t:create { name = tmp "file", disposition = "create", access = "read write" }
f:write { data = ("x"):rep(10000) }

for what, code in pairs {
	QUERY_FAT_BPB = 0x90058, FILESYSTEM_GET_STATISTICS = 0x90060, GET_RETRIEVAL_POINTERS = 0x90073,
	FIND_FILES_BY_SID = 0x9008F, SET_ENCRYPTION = 0x900D7, WRITE_RAW_ENCRYPTED = 0x900DF,
	READ_RAW_ENCRYPTED = 0x900E3, READ_FILE_USN_DATA = 0x900EB, WRITE_USN_CLOSE_RECORD = 0x900EF,
	MARK_HANDLE = 0x900FC, SIS_COPYFILE = 0x90100, RECALL_FILE = 0x90117,
	SET_DEFECT_MANAGEMENT = 0x98134, QUERY_SPARING_INFO = 0x90138,
	QUERY_ON_DISK_VOLUME_INFO = 0x9013C, SET_ZERO_ON_DEALLOCATION = 0x90194,
	SHARED_VIRTUAL_DISK_SUPPORT = 0x90300, SVHDX_SYNC = 0x90304, SVHDX_ASYNC = 0x90364,
	STORAGE_QOS_CONTROL = 0x90350, REFS_STREAM_SNAPSHOTS = 0x90440,
	LMR_SET_LINK_TRACKING = 0x1400EC, SRV_NOTIFY_TRANSACTION = 0x148118,
} do
	local r = f:ioctl { code = code, input = ("\0"):rep(64), max_out = 1024,
		expect = "INVALID_DEVICE_REQUEST" }
	expect.equal(r.status, "INVALID_DEVICE_REQUEST", what)
end
f:ioctl { code = 0x1441BB, input = ("\0"):rep(24), max_out = 1024, expect = "HASH_NOT_SUPPORTED" }
f:ioctl { code = 0x1401D4, input = ("\0"):rep(8), expect = "NOT_SUPPORTED" }

-- Previous versions: there are none.
local r = f:ioctl { code = 0x144064, max_out = 16 }
expect.equal(r.output, ("\0"):rep(16), "no snapshots")
f:ioctl { code = 0x144064, max_out = 15, expect = "INVALID_PARAMETER" }

-- The volume.
r = root:ioctl { code = 0x90064, max_out = 96 }
local sectors, clusters = string.unpack("<I8I8", r.output, 9)
local sector, cluster = string.unpack("<I4I4", r.output, 41)
expect.equal(#r.output, 96)
expect.equal(sectors // (cluster // sector), clusters, "sectors and clusters agree")
f:ioctl { code = 0x90064, max_out = 95, expect = "BUFFER_TOO_SMALL" }
expect.equal(root:ioctl { code = 0x90078, max_out = 4 }.output, "\0\0\0\0", "not dirty")
f:ioctl { code = 0x90078, max_out = 4, expect = "INVALID_PARAMETER" }

-- Names.
local function valid(name, expected, len)
	f:ioctl { code = 0x9002C, input = string.pack("<I4", len or #name * 2) .. text.utf16(name),
		expect = expected }
end
valid("a\\b", "SUCCESS")
valid("a*b", "OBJECT_NAME_INVALID")
valid("a", "INVALID_PARAMETER", 3000)

-- Checksums and compression that are not there.
r = f:ioctl { code = 0x9027C, max_out = 16 }
expect.equal(string.unpack("<I2", r.output), 0, "no checksums")
f:ioctl { code = 0x9C280, input = string.pack("<I2I2I4", 0xFFFF, 0, 0) }
f:ioctl { code = 0x9C280, input = string.pack("<I2I2I4", 2, 0, 0), expect = "INVALID_PARAMETER" }
f:ioctl { code = 0x9C280, input = "\0\0", expect = "INVALID_PARAMETER" }
f:ioctl { code = 0x90380, input = "\1" .. ("\0"):rep(15), expect = "INVALID_PARAMETER" }
f:ioctl { code = 0x90380, input = "\1\1" .. ("\0"):rep(14) }
f:ioctl { code = 0x9C040, input = "\7\0", expect = "INVALID_PARAMETER" }
f:ioctl { code = 0x9C040, input = "\0", expect = "INVALID_PARAMETER" }
f:ioctl { code = 0x9C040, input = "\0\0" }
expect.equal(f:ioctl { code = 0x9003C, max_out = 2 }.output, "\0\0", "not compressed")
f:ioctl { code = 0x9003C, max_out = 1, expect = "BUFFER_TOO_SMALL" }
