// SPDX-License-Identifier: Apache-2.0
/*
 * store.c: how contents are stored: compressed, and with checksums. [MS-FSCC] 2.3.17, 2.3.18, 2.3.58,
 * 2.3.60, 2.3.61; [MS-FSA] 2.1.5.10.7, .9, .30, .31
 */
#include "ioctl.h"

#include <errno.h>

#define COMPRESSION_FORMAT_NONE    0
#define COMPRESSION_FORMAT_DEFAULT 1
#define COMPRESSION_FORMAT_LZNT1   2
#define CHECKSUM_TYPE_NONE         0
#define CHECKSUM_TYPE_UNCHANGED    0xFFFFu

/* The file system does not say how; LZNT1 is the only name that the protocol has for it. */
static ntstatus get_compression(struct smb3_fsctl_call *call)
{
	struct smb3_stat st;
	ntstatus status = ioctl_stat(call, &st);

	if (!status)
		smb3_put_u16(call->out, st.attributes & FILE_ATTRIBUTE_COMPRESSED ?
						COMPRESSION_FORMAT_LZNT1 :
						COMPRESSION_FORMAT_NONE);
	return status;
}

/* Where nothing can be compressed, nothing is what may still be asked for. */
static ntstatus set_compression(struct smb3_fsctl_call *call)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_setattr set = { .mask = SMB3_SET_COMPRESSION };
	uint16_t format = smb3_get_u16(&call->in);
	int err;

	if (format > COMPRESSION_FORMAT_LZNT1)
		return STATUS_INVALID_PARAMETER;
	if (format != COMPRESSION_FORMAT_NONE)
		set.attributes = FILE_ATTRIBUTE_COMPRESSED;
	err = smb3_vfs_setattr(h->mount->top, &call->req->ctx, h, &set);
	if (err == -EOPNOTSUPP && format == COMPRESSION_FORMAT_NONE)
		err = 0;
	return smb3_status_from_errno(err);
}

/* No checksums are kept that a client could switch: what a file system does by itself is its own
 * business. */
static ntstatus get_integrity(struct smb3_fsctl_call *call)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_fsinfo info;
	int err = smb3_vfs_statfs(h->mount->top, &call->req->ctx, h, &info);

	if (err)
		return smb3_status_from_errno(err);
	smb3_put_u16(call->out, CHECKSUM_TYPE_NONE);
	smb3_put_u16(call->out, 0);          /* Reserved */
	smb3_put_u32(call->out, 0);          /* Flags */
	smb3_put_u32(call->out, info.block); /* ChecksumChunkSizeInBytes */
	smb3_put_u32(call->out, info.block); /* ClusterSizeInBytes */
	return STATUS_SUCCESS;
}

static ntstatus set_integrity(struct smb3_fsctl_call *call)
{
	uint16_t algorithm = smb3_get_u16(&call->in);

	if (algorithm == CHECKSUM_TYPE_NONE || algorithm == CHECKSUM_TYPE_UNCHANGED)
		return STATUS_SUCCESS;
	return STATUS_INVALID_PARAMETER;
}

/* EnableIntegrity, KeepIntegrityStateUnchanged */
static ntstatus set_integrity_ex(struct smb3_fsctl_call *call)
{
	bool enable = smb3_get_u8(&call->in), keep = smb3_get_u8(&call->in);

	return enable && !keep ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

const struct smb3_fsctl fsctl_get_compression = {
	.name = "FSCTL_GET_COMPRESSION",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_out = 2,
	.run = get_compression,
};

const struct smb3_fsctl fsctl_set_compression = {
	.name = "FSCTL_SET_COMPRESSION",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_in = 2,
	.access = FILE_WRITE_DATA,
	.run = set_compression,
};

const struct smb3_fsctl fsctl_get_integrity_information = {
	.name = "FSCTL_GET_INTEGRITY_INFORMATION",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_out = 16,
	.run = get_integrity,
};

const struct smb3_fsctl fsctl_set_integrity_information = {
	.name = "FSCTL_SET_INTEGRITY_INFORMATION",
	.flags = SMB3_FSCTL_FILE,
	.min_in = 8,
	.access = FILE_WRITE_DATA,
	.run = set_integrity,
};

const struct smb3_fsctl fsctl_set_integrity_information_ex = {
	.name = "FSCTL_SET_INTEGRITY_INFORMATION_EX",
	.flags = SMB3_FSCTL_FILE,
	.min_in = 16,
	.any_access = FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES,
	.run = set_integrity_ex,
};
