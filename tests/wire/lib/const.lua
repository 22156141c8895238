-- SPDX-License-Identifier: Apache-2.0
-- const.lua: the numbers of the wire by name, so that scenarios read like sentences.
-- [MS-SMB2] 2.2, [MS-ERREF] 2.3, [MS-FSCC] 2.4

local const = {}

const.command = {
	negotiate = 0, session_setup = 1, logoff = 2, tree_connect = 3, tree_disconnect = 4,
	create = 5, close = 6, flush = 7, read = 8, write = 9, lock = 10, ioctl = 11, cancel = 12,
	echo = 13, query_directory = 14, change_notify = 15, query_info = 16, set_info = 17,
	oplock_break = 18,
}

const.status = {
	SUCCESS = 0x00000000, PENDING = 0x00000103, NOTIFY_CLEANUP = 0x0000010B,
	NOTIFY_ENUM_DIR = 0x0000010C, BUFFER_OVERFLOW = 0x80000005, NO_MORE_FILES = 0x80000006,
	STOPPED_ON_SYMLINK = 0x8000002D, NOT_IMPLEMENTED = 0xC0000002,
	INVALID_INFO_CLASS = 0xC0000003, INFO_LENGTH_MISMATCH = 0xC0000004,
	INVALID_LOCK_RANGE = 0xC00001A1,
	INVALID_HANDLE = 0xC0000008, INVALID_PARAMETER = 0xC000000D,
	NO_SUCH_FILE = 0xC000000F, INVALID_DEVICE_REQUEST = 0xC0000010, END_OF_FILE = 0xC0000011,
	MORE_PROCESSING_REQUIRED = 0xC0000016, ACCESS_DENIED = 0xC0000022,
	BUFFER_TOO_SMALL = 0xC0000023, OBJECT_NAME_INVALID = 0xC0000033,
	OBJECT_NAME_NOT_FOUND = 0xC0000034, OBJECT_NAME_COLLISION = 0xC0000035,
	OBJECT_PATH_INVALID = 0xC0000039, OBJECT_PATH_NOT_FOUND = 0xC000003A,
	OBJECT_PATH_SYNTAX_BAD = 0xC000003B, SHARING_VIOLATION = 0xC0000043,
	DELETE_PENDING = 0xC0000056, LOGON_FAILURE = 0xC000006D, DISK_FULL = 0xC000007F,
	INSUFFICIENT_RESOURCES = 0xC000009A, MEDIA_WRITE_PROTECTED = 0xC00000A2,
	FILE_IS_A_DIRECTORY = 0xC00000BA, NOT_SUPPORTED = 0xC00000BB,
	NETWORK_NAME_DELETED = 0xC00000C9, BAD_NETWORK_NAME = 0xC00000CC,
	REQUEST_NOT_ACCEPTED = 0xC00000D0, INTERNAL_ERROR = 0xC00000E5,
	DIRECTORY_NOT_EMPTY = 0xC0000101, NOT_A_DIRECTORY = 0xC0000103, CANCELLED = 0xC0000120,
	CANNOT_DELETE = 0xC0000121, FILE_CLOSED = 0xC0000128, INVALID_ACCOUNT_NAME = 0xC0000062,
	USER_SESSION_DELETED = 0xC0000203, NOT_FOUND = 0xC0000225,
	INSUFF_SERVER_RESOURCES = 0xC0000205, NETWORK_SESSION_EXPIRED = 0xC000035C,
	FILE_NOT_AVAILABLE = 0xC0000467, LOCK_NOT_GRANTED = 0xC0000055,
	FILE_LOCK_CONFLICT = 0xC0000054, RANGE_NOT_LOCKED = 0xC000007E,
	INVALID_SIGNATURE = 0xC000A000, OBJECT_TYPE_MISMATCH = 0xC0000024,
	INVALID_READ_MODE = 0xC00000B4, SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP = 0xC05D0000,
	NO_LOGON_SERVERS = 0xC000005E, REQUEST_OUT_OF_SEQUENCE = 0xC000042A,
	LICENSE_VIOLATION = 0xC000026A, DUPLICATE_NAME = 0xC00000BD, WRONG_PASSWORD = 0xC000006A,
	NO_SUCH_USER = 0xC0000064, PASSWORD_EXPIRED = 0xC0000071, ACCOUNT_DISABLED = 0xC0000072,
	UNEXPECTED_NETWORK_ERROR = 0xC00000C4, ILLEGAL_FUNCTION = 0xC00000AF,
	ILLEGAL_CHARACTER = 0xC0000161, BAD_IMPERSONATION_LEVEL = 0xC00000A5,
	EA_LIST_INCONSISTENT = 0x80000014, NO_MORE_EAS = 0x80000012, INVALID_EA_NAME = 0x80000013,
	EA_TOO_LARGE = 0xC0000050, NONEXISTENT_EA_ENTRY = 0xC0000051, EAS_NOT_SUPPORTED = 0xC000004F,
	NO_EAS_ON_FILE = 0xC0000052,
	HASH_NOT_SUPPORTED = 0xC000A100, NOT_A_REPARSE_POINT = 0xC0000275,
	IO_REPARSE_TAG_INVALID = 0xC0000276, IO_REPARSE_TAG_MISMATCH = 0xC0000277,
	IO_REPARSE_DATA_INVALID = 0xC0000278, IO_REPARSE_TAG_NOT_HANDLED = 0xC0000279,
	REPARSE_ATTRIBUTE_CONFLICT = 0xC00002B2, INVALID_TOKEN = 0xC0000465,
	PRIVILEGE_NOT_HELD = 0xC0000061, INVALID_OWNER = 0xC000005A, INVALID_SECURITY_DESCR = 0xC0000079,
	VOLUME_NOT_UPGRADED = 0xC000029C,
	INVALID_VIEW_SIZE = 0xC000001F, INVALID_BUFFER_SIZE = 0xC0000206, NOT_SAME_DEVICE = 0xC00000D4,
	PIPE_BROKEN = 0xC000014B,
}

const.status_name = {}
for name, code in pairs(const.status) do
	const.status_name[code] = name
end

const.signing = { hmac = 0, cmac = 1, gmac = 2 }
const.cipher = {
	["aes-128-ccm"] = 1, ["aes-128-gcm"] = 2, ["aes-256-ccm"] = 3, ["aes-256-gcm"] = 4,
}
const.disposition = {
	supersede = 0, open = 1, create = 2, open_if = 3, overwrite = 4, overwrite_if = 5,
}
const.action = { [0] = "superseded", "opened", "created", "overwritten" }
const.header_flag = { response = 1, async = 2, related = 4, signed = 8, dfs = 0x10000000 }

-- Words that stand for bits; scenarios write them with spaces between.
const.access = {
	read_data = 0x1, write_data = 0x2, append = 0x4, read_ea = 0x8, write_ea = 0x10,
	execute = 0x20, delete_child = 0x40, read_attributes = 0x80, write_attributes = 0x100,
	delete = 0x10000, read_control = 0x20000, write_dac = 0x40000, synchronize = 0x100000,
	maximum = 0x2000000, all = 0x1F01FF, generic_read = 0x80000000,
	generic_write = 0x40000000, generic_all = 0x10000000, system_security = 0x1000000,
	read = 0x120089, write = 0x120116,
}
const.share = { read = 1, write = 2, delete = 4, none = 0 }
const.options = {
	directory = 0x1, write_through = 0x2, sequential = 0x4, no_buffering = 0x8, sync = 0x10,
	non_directory = 0x40, no_ea = 0x200, random = 0x800, delete_on_close = 0x1000,
	by_file_id = 0x2000, backup = 0x4000, reparse_point = 0x200000,
}
const.attributes = {
	readonly = 0x1, hidden = 0x2, system = 0x4, directory = 0x10, archive = 0x20,
	normal = 0x80, temporary = 0x100, sparse = 0x200,
}
const.query_flags = { restart = 1, single = 2, index = 4, reopen = 16 }

-- [MS-FSCC] 2.4, 2.5; fs classes have the prefix fs_.
const.class = {
	directory = 1, full_directory = 2, both_directory = 3, basic = 4, standard = 5,
	internal = 6, ea = 7, access = 8, name = 9, rename = 10, link = 11, names = 12,
	disposition = 13, position = 14, full_ea = 15, mode = 16, alignment = 17, all = 18,
	allocation = 19, eof = 20, alternate_name = 21, stream = 22, compression = 28,
	network_open = 34, attribute_tag = 35, id_both_directory = 37, id_full_directory = 38,
	disposition_ex = 64, rename_ex = 65,
	normalized_name = 48, id_global_tx_directory = 50, id = 59,
	id_extd_directory = 60, id_extd_both_directory = 63, id_64_extd_directory = 78,
	id_64_extd_both_directory = 79, id_all_extd_directory = 80, id_all_extd_both_directory = 81,
	fs_volume = 1, fs_label = 2, fs_size = 3, fs_device = 4, fs_attribute = 5, fs_control = 6,
	fs_full_size = 7, fs_object_id = 8, fs_sector_size = 11,
}

const.fsctl = {
	validate_negotiate = 0x140204, pipe_wait = 0x110018, pipe_transceive = 0x11C017,
	dfs_referrals = 0x60194, request_resume_key = 0x140078, set_sparse = 0x900C4,
	query_network_interfaces = 0x1401FC,
}

-- "read write" with a table of bits; numbers pass.
function const.bits(value, table, what)
	if type(value) ~= "string" then
		return value
	end
	local sum = 0
	for word in value:gmatch("%S+") do
		sum = sum | assert(table[word], what .. ": what is '" .. word .. "'?")
	end
	return sum
end

-- A name from a table; numbers pass.
function const.name(value, table, what)
	if type(value) ~= "string" then
		return value
	end
	return assert(table[value], what .. ": what is '" .. value .. "'?")
end

return const
