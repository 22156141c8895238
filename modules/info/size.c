// SPDX-License-Identifier: Apache-2.0
/*
 * size.c: end of file and allocation. [MS-FSCC] 2.4.4, 2.4.13; [MS-FSA] 2.1.5.15.1, 2.1.5.15.4
 */
#include "info.h"

#include <errno.h>
#include <smb3/times.h>

static ntstatus take_size(struct smb3_info_call *call, uint64_t *ret_size)
{
	uint64_t size = smb3_get_u64(&call->in);

	if (size > INT64_MAX || call->open->directory)
		return STATUS_INVALID_PARAMETER;
	*ret_size = size;
	return STATUS_SUCCESS;
}

/* What was written before is shown from now on; and a new size is a change. */
static ntstatus resized(struct smb3_info_call *call, int err, uint32_t filter)
{
	if (!err)
		err = smb3_times_settle(call->open, &call->req->ctx);
	if (!err) {
		smb3_times_restore(call->open, &call->req->ctx);
		smb3_changed(call->open, FILE_ACTION_MODIFIED, filter);
	}
	return smb3_status_from_errno(err);
}

static ntstatus set_end_of_file(struct smb3_info_call *call)
{
	struct smb3_handle *h = call->open->handle;
	uint64_t size;
	ntstatus status = take_size(call, &size);

	if (status)
		return status;
	return resized(call, smb3_vfs_truncate(h->mount->top, &call->req->ctx, h, size),
		       FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE);
}

/* Less than there is cuts the file; more is reserved where the file system can. */
static ntstatus set_allocation(struct smb3_info_call *call)
{
	struct smb3_handle *h = call->open->handle;
	uint64_t size;
	ntstatus status = take_size(call, &size);
	int err = 0;

	if (status)
		return status;
	if (size < call->stat->size)
		err = smb3_vfs_truncate(h->mount->top, &call->req->ctx, h, size);
	else if (size > call->stat->size)
		err = smb3_vfs_alloc(h->mount->top, &call->req->ctx, h, 0, size, 0);
	return resized(call, err == -EOPNOTSUPP ? 0 : err, FILE_NOTIFY_CHANGE_SIZE);
}

const struct smb3_info info_end_of_file = {
	.name = "FileEndOfFileInformation",
	.min_in = 8,
	.set_access = FILE_WRITE_DATA,
	.set = set_end_of_file,
};

const struct smb3_info info_allocation = {
	.name = "FileAllocationInformation",
	.min_in = 8,
	.flags = SMB3_INFO_WANTS_STAT,
	.set_access = FILE_WRITE_DATA,
	.set = set_allocation,
};
