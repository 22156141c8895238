// SPDX-License-Identifier: Apache-2.0
/*
 * object.c: controls that say what an object is, or that it is nothing special.
 * [MS-FSCC] 2.3.1, 2.3.22, 2.3.26, 2.3.67
 */
#include "ioctl.h"

#define COMPRESSION_FORMAT_NONE 0

/* Ids are not stored: they are made of what tells the object from all others. */
static ntstatus create_or_get_object_id(struct smb3_fsctl_call *call)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_stat st;
	int err = smb3_vfs_stat(h->mount->top, &call->req->ctx, h, &st);

	if (err)
		return smb3_status_from_errno(err);
	for (int i = 0; i < 2; i++) { /* ObjectId and BirthVolumeId, then BirthObjectId */
		smb3_put_u64(call->out, st.ino);
		smb3_put_u64(call->out, st.dev);
		if (i == 0) {
			smb3_put_u64(call->out, st.dev);
			smb3_put_u64(call->out, 0);
		}
	}
	smb3_put_zero(call->out, 16); /* DomainId */
	return STATUS_SUCCESS;
}

static ntstatus get_reparse_point(struct smb3_fsctl_call *call)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_stat st;
	int err = smb3_vfs_stat(h->mount->top, &call->req->ctx, h, &st);

	if (err)
		return smb3_status_from_errno(err);
	return st.attributes & FILE_ATTRIBUTE_REPARSE_POINT ? STATUS_NOT_SUPPORTED :
							      STATUS_NOT_A_REPARSE_POINT;
}

static ntstatus get_compression(struct smb3_fsctl_call *call)
{
	smb3_put_u16(call->out, COMPRESSION_FORMAT_NONE);
	return STATUS_SUCCESS;
}

static ntstatus set_compression(struct smb3_fsctl_call *call)
{
	return smb3_get_u16(&call->in) == COMPRESSION_FORMAT_NONE ? STATUS_SUCCESS :
								    STATUS_NOT_SUPPORTED;
}

const struct smb3_fsctl fsctl_create_or_get_object_id = {
	.name = "FSCTL_CREATE_OR_GET_OBJECT_ID",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_out = 64,
	.run = create_or_get_object_id,
};

const struct smb3_fsctl fsctl_get_reparse_point = {
	.name = "FSCTL_GET_REPARSE_POINT",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.run = get_reparse_point,
};

const struct smb3_fsctl fsctl_get_compression = {
	.name = "FSCTL_GET_COMPRESSION",
	.flags = SMB3_FSCTL_FILE,
	.min_out = 2,
	.run = get_compression,
};

const struct smb3_fsctl fsctl_set_compression = {
	.name = "FSCTL_SET_COMPRESSION",
	.flags = SMB3_FSCTL_FILE,
	.min_in = 2,
	.access = FILE_WRITE_DATA,
	.run = set_compression,
};
