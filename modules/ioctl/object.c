// SPDX-License-Identifier: Apache-2.0
/*
 * object.c: object ids. [MS-FSCC] 2.1.3, 2.3.1, 2.3.3, 2.3.24, 2.3.61, 2.3.63; [MS-FSA] 2.1.5.10.1,
 * .3, .10, .33, .34
 *
 * An object that was never given an id has one that is made of what tells it from all others; one
 * that was given is kept in an extended attribute, in the form of the wire.
 */
#include "ioctl.h"

#include <errno.h>

#define OBJECT_XATTR "user.smb3.objectid"
#define ID_SIZE      16
#define EXTENDED     48 /* BirthVolumeId, BirthObjectId, DomainId */
#define BUFFER       (ID_SIZE + EXTENDED)

struct object_id {
	uint8_t bytes[BUFFER];
};

static void id_make(const struct smb3_stat *st, struct object_id *id)
{
	struct smb3_builder b = smb3_builder_init(id->bytes, BUFFER);

	smb3_put_u64(&b, st->ino);
	smb3_put_u64(&b, st->dev);
	smb3_put_u64(&b, st->dev); /* BirthVolumeId */
	smb3_put_u64(&b, 0);
	smb3_put_u64(&b, st->ino); /* BirthObjectId */
	smb3_put_u64(&b, st->dev);
	smb3_put_zero(&b, 16); /* DomainId */
}

/* A stored one that is damaged counts as none. */
static ntstatus id_get(struct smb3_fsctl_call *call, struct object_id *ret_id)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_stat st;
	ntstatus status;

	if (smb3_vfs_getxattr(h->mount->top, &call->req->ctx, h, OBJECT_XATTR, ret_id->bytes,
			      BUFFER) == BUFFER)
		return STATUS_SUCCESS;
	status = ioctl_stat(call, &st);
	if (!status)
		id_make(&st, ret_id);
	return status;
}

static ntstatus id_set(struct smb3_fsctl_call *call, const struct object_id *id)
{
	struct smb3_handle *h = call->open->handle;
	int err = smb3_vfs_setxattr(h->mount->top, &call->req->ctx, h, OBJECT_XATTR,
				    id ? id->bytes : NULL, id ? BUFFER : 0);

	if (err == -EOPNOTSUPP)
		return STATUS_INVALID_DEVICE_REQUEST;
	return smb3_status_from_errno(!id && err == -ENODATA ? 0 : err);
}

static ntstatus get_object_id(struct smb3_fsctl_call *call)
{
	struct object_id id;
	ntstatus status = id_get(call, &id);

	if (!status)
		smb3_put_bytes(call->out, id.bytes, BUFFER);
	return status;
}

/* Only who may restore a backup chooses an id. */
static ntstatus set_object_id(struct smb3_fsctl_call *call)
{
	const uint8_t *bytes = smb3_get_bytes(&call->in, BUFFER);
	struct object_id id;

	if (!bytes || smb3_cursor_left(&call->in))
		return STATUS_INVALID_PARAMETER;
	if (call->req->ctx.who->uid != 0)
		return smb3_req_deny(call->req, STATUS_ACCESS_DENIED,
				     "only an administrator sets an object id");
	memcpy(id.bytes, bytes, BUFFER);
	return id_set(call, &id);
}

static ntstatus set_object_id_extended(struct smb3_fsctl_call *call)
{
	const uint8_t *bytes = smb3_get_bytes(&call->in, EXTENDED);
	struct object_id id;
	ntstatus status;

	if (!bytes || smb3_cursor_left(&call->in))
		return STATUS_INVALID_PARAMETER;
	status = id_get(call, &id);
	if (status)
		return status;
	memcpy(id.bytes + ID_SIZE, bytes, EXTENDED);
	return id_set(call, &id);
}

static ntstatus delete_object_id(struct smb3_fsctl_call *call)
{
	return id_set(call, NULL);
}

const struct smb3_fsctl fsctl_create_or_get_object_id = {
	.name = "FSCTL_CREATE_OR_GET_OBJECT_ID",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_out = BUFFER,
	.run = get_object_id,
};

const struct smb3_fsctl fsctl_get_object_id = {
	.name = "FSCTL_GET_OBJECT_ID",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_out = BUFFER,
	.run = get_object_id,
};

const struct smb3_fsctl fsctl_set_object_id = {
	.name = "FSCTL_SET_OBJECT_ID",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.any_access = FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES,
	.run = set_object_id,
};

const struct smb3_fsctl fsctl_set_object_id_extended = {
	.name = "FSCTL_SET_OBJECT_ID_EXTENDED",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.any_access = FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES,
	.run = set_object_id_extended,
};

const struct smb3_fsctl fsctl_delete_object_id = {
	.name = "FSCTL_DELETE_OBJECT_ID",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.any_access = FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES,
	.run = delete_object_id,
};
