// SPDX-License-Identifier: Apache-2.0
/*
 * sparse.c: files with holes. [MS-FSCC] 2.3.48, 2.3.71, 2.3.73; [MS-FSA] 2.1.5.10.22, .35, .36
 */
#include "ioctl.h"

#include <errno.h>

#define RANGE_SIZE 16

/* No buffer means: yes. Any right to change the contents or the attributes will do. */
static ntstatus set_sparse(struct smb3_fsctl_call *call)
{
	struct smb3_handle *h = call->open->handle;
	bool on = !smb3_cursor_left(&call->in) || smb3_get_u8(&call->in);
	struct smb3_setattr set = { .mask = SMB3_SET_ATTRIBUTES };
	struct smb3_stat st;
	ntstatus status;

	status = ioctl_stat_file(call, &st);
	if (status)
		return status;
	set.attributes = st.attributes & ~FILE_ATTRIBUTE_SPARSE_FILE;
	if (on)
		set.attributes |= FILE_ATTRIBUTE_SPARSE_FILE;
	status = smb3_status_from_errno(smb3_vfs_setattr(h->mount->top, &call->req->ctx, h, &set));
	if (!status)
		smb3_changed(call->open, FILE_ACTION_MODIFIED, FILE_NOTIFY_CHANGE_ATTRIBUTES);
	return status;
}

/* Beyond the end there is nothing to zero, and nothing is made there. */
static ntstatus set_zero_data(struct smb3_fsctl_call *call)
{
	struct smb3_handle *h = call->open->handle;
	uint64_t from = smb3_get_u64(&call->in), to = smb3_get_u64(&call->in);
	struct smb3_stat st;
	ntstatus status = ioctl_stat_file(call, &st);
	uint32_t how;

	if (from > INT64_MAX || to > INT64_MAX || from > to)
		return STATUS_INVALID_PARAMETER;
	if (status)
		return status;
	if (to > st.size)
		to = st.size;
	if (from >= to)
		return STATUS_SUCCESS;
	status = smb3_io_check(call->req, call->open, FILE_WRITE_DATA, from, to - from);
	if (status)
		return status;
	how = st.attributes & FILE_ATTRIBUTE_SPARSE_FILE ? SMB3_ALLOC_PUNCH : SMB3_ALLOC_ZERO;
	status = smb3_status_from_errno(
		smb3_vfs_alloc(h->mount->top, &call->req->ctx, h, from, to - from, how));
	if (!status)
		smb3_changed(call->open, FILE_ACTION_MODIFIED, FILE_NOTIFY_CHANGE_LAST_WRITE);
	return status;
}

/* Appends a range; false when there is no room for it. */
static bool put_range(struct smb3_fsctl_call *call, uint64_t from, uint64_t to)
{
	if (call->out->len + RANGE_SIZE > call->max_out)
		return false;
	smb3_put_u64(call->out, from);
	smb3_put_u64(call->out, to - from);
	return true;
}

static ntstatus put_ranges(struct smb3_fsctl_call *call, uint64_t at, uint64_t end)
{
	struct smb3_handle *h = call->open->handle;

	while (at < end) {
		uint64_t from = at, len = 0, to;
		int err = smb3_vfs_next_data(h->mount->top, &call->req->ctx, h, &from, &len);

		if (err == -ENXIO || (!err && (from >= end || !len)))
			break;
		if (err)
			return smb3_status_from_errno(err);
		to = len > end - from ? end : from + len;
		if (!put_range(call, from, to))
			return call->out->len ? STATUS_BUFFER_OVERFLOW : STATUS_BUFFER_TOO_SMALL;
		at = to;
	}
	return STATUS_SUCCESS;
}

static ntstatus query_allocated_ranges(struct smb3_fsctl_call *call)
{
	uint64_t at = smb3_get_u64(&call->in), len = smb3_get_u64(&call->in), end;
	struct smb3_stat st;
	ntstatus status = ioctl_stat_file(call, &st);

	if (at > INT64_MAX || len > INT64_MAX - at)
		return STATUS_INVALID_PARAMETER;
	if (status)
		return status;
	end = at + len < st.size ? at + len : st.size;
	if (at >= end)
		return STATUS_SUCCESS;
	if (st.attributes & FILE_ATTRIBUTE_SPARSE_FILE)
		return put_ranges(call, at, end);
	return put_range(call, at, end) ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}

const struct smb3_fsctl fsctl_set_sparse = {
	.name = "FSCTL_SET_SPARSE",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.any_access = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_ATTRIBUTES,
	.run = set_sparse,
};

const struct smb3_fsctl fsctl_set_zero_data = {
	.name = "FSCTL_SET_ZERO_DATA",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK | SMB3_FSCTL_SLOW,
	.min_in = RANGE_SIZE,
	.access = FILE_WRITE_DATA,
	.run = set_zero_data,
	.done = ioctl_modified,
};

const struct smb3_fsctl fsctl_query_allocated_ranges = {
	.name = "FSCTL_QUERY_ALLOCATED_RANGES",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_in = RANGE_SIZE,
	.access = FILE_READ_DATA,
	.run = query_allocated_ranges,
};
