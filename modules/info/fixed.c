// SPDX-License-Identifier: Apache-2.0
/*
 * fixed.c: classes whose answer never changes: documented, but for local use only, or about what
 * no file system below has. [MS-SMB2] 3.3.5.20.1, 3.3.5.20.2, 3.3.5.21.1, 3.3.5.21.2
 */
#include "info.h"

static ntstatus not_supported(struct smb3_info_call *call)
{
	return STATUS_NOT_SUPPORTED;
}

/* [MS-FSA] 2.1.5.15.14: for who may restore, but no short names are kept. */
static ntstatus no_short_names(struct smb3_info_call *call)
{
	return call->open->identity->uid ? STATUS_PRIVILEGE_NOT_HELD : STATUS_NOT_SUPPORTED;
}

/* [MS-FSA] 2.1.5.15.17: all that lies before the end of a file is valid here, so there is no
 * length that could be set, even for those who may. */
static ntstatus set_valid_data_length(struct smb3_info_call *call)
{
	if (call->open->identity->uid != 0)
		return STATUS_PRIVILEGE_NOT_HELD;
	return STATUS_INVALID_PARAMETER;
}

const struct smb3_info info_local_query = {
	.name = "a class for local use",
	.flags = SMB3_INFO_ON_LOOP,
	.query = not_supported,
};

const struct smb3_info info_quota = {
	.name = "FileQuotaInformation",
	.flags = SMB3_INFO_ON_LOOP,
	.query = not_supported,
	.set = not_supported,
};

const struct smb3_info info_short_name = {
	.name = "FileShortNameInformation",
	.min_in = 4,
	.flags = SMB3_INFO_ON_LOOP,
	.set_access = SMB3_DELETE,
	.set = no_short_names,
};

const struct smb3_info info_valid_data_length = {
	.name = "FileValidDataLengthInformation",
	.min_in = 8,
	.flags = SMB3_INFO_ON_LOOP,
	.set_access = FILE_WRITE_DATA,
	.set = set_valid_data_length,
};

const struct smb3_info fs_label = {
	.name = "FileFsLabelInformation",
	.min_in = 4,
	.flags = SMB3_INFO_ON_LOOP,
	.set = not_supported,
};

const struct smb3_info fs_local_query = {
	.name = "a class for local use",
	.flags = SMB3_INFO_ON_LOOP,
	.query = not_supported,
};
