// SPDX-License-Identifier: Apache-2.0
/*
 * kinds.c: classes that Windows has for its Linux subsystem: owner and mode, and folders whose
 * names tell case. FILE_STAT_LX_INFORMATION and FILE_CASE_SENSITIVE_INFORMATION of ntifs.h
 */
#include "info.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#define LX_FILE_METADATA_HAS_UID       0x01u
#define LX_FILE_METADATA_HAS_GID       0x02u
#define LX_FILE_METADATA_HAS_MODE      0x04u
#define LX_FILE_METADATA_HAS_DEVICE_ID 0x08u
#define LX_FILE_CASE_SENSITIVE_DIR     0x10u

#define FILE_CS_FLAG_CASE_SENSITIVE_DIR 0x01u

static int names_tell_case(const struct smb3_info_call *call, bool *ret_sensitive)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_fsinfo info;
	int err = smb3_vfs_statfs(h->mount->top, &call->req->ctx, h, &info);

	if (!err)
		*ret_sensitive = info.features & FILE_CASE_SENSITIVE_SEARCH;
	return err;
}

static ntstatus query_stat_lx(struct smb3_info_call *call)
{
	const struct smb3_stat *st = call->stat;
	struct smb3_builder *out = call->out;
	uint32_t flags = LX_FILE_METADATA_HAS_UID | LX_FILE_METADATA_HAS_GID |
			 LX_FILE_METADATA_HAS_MODE;
	bool sensitive = false;
	int err = call->open->directory ? names_tell_case(call, &sensitive) : 0;

	if (err)
		return smb3_status_from_errno(err);
	if (S_ISCHR(st->mode) || S_ISBLK(st->mode))
		flags |= LX_FILE_METADATA_HAS_DEVICE_ID;
	if (sensitive)
		flags |= LX_FILE_CASE_SENSITIVE_DIR;
	info_put_stat(call);
	smb3_put_u32(out, flags);
	smb3_put_u32(out, st->uid);
	smb3_put_u32(out, st->gid);
	smb3_put_u32(out, st->mode);
	smb3_put_u32(out, major(st->rdev));
	smb3_put_u32(out, minor(st->rdev));
	return STATUS_SUCCESS;
}

static ntstatus query_case(struct smb3_info_call *call)
{
	bool sensitive;
	int err;

	if (!call->open->directory)
		return STATUS_INVALID_PARAMETER;
	err = names_tell_case(call, &sensitive);
	if (!err)
		smb3_put_u32(call->out, sensitive ? FILE_CS_FLAG_CASE_SENSITIVE_DIR : 0);
	return smb3_status_from_errno(err);
}

/* A share tells case as a whole, or not at all. */
static ntstatus set_case(struct smb3_info_call *call)
{
	uint32_t flags = smb3_get_u32(&call->in);
	bool sensitive;
	int err;

	if (!call->open->directory || flags & ~FILE_CS_FLAG_CASE_SENSITIVE_DIR)
		return STATUS_INVALID_PARAMETER;
	err = names_tell_case(call, &sensitive);
	if (err)
		return smb3_status_from_errno(err);
	return sensitive == (bool)flags ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

const struct smb3_info info_stat_lx = {
	.name = "FileStatLxInformation",
	.min_out = 96,
	.flags = SMB3_INFO_WANTS_STAT,
	.query_access = FILE_READ_ATTRIBUTES | FILE_READ_EA,
	.query = query_stat_lx,
};

const struct smb3_info info_case_sensitive = {
	.name = "FileCaseSensitiveInformation",
	.min_in = 4,
	.min_out = 4,
	.query_access = FILE_READ_ATTRIBUTES,
	.set_access = FILE_WRITE_ATTRIBUTES,
	.query = query_case,
	.set = set_case,
};
