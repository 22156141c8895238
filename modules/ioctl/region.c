// SPDX-License-Identifier: Apache-2.0
/*
 * region.c: ranges that hold nothing of use any more, and ranges that were ever written.
 * [MS-FSCC] 2.3.13, 2.3.14, 2.3.55, 2.3.56; [MS-FSA] 2.1.5.10.8, .32
 */
#include "ioctl.h"

#include <errno.h>

#define TRIM_HEADER   8 /* Key, NumRanges */
#define TRIM_RANGE    16
#define REGION_HEADER 16
#define REGION_SIZE   24
#define REGION_VALID  3u /* VALID_CACHED_DATA, VALID_NONCACHED_DATA */

/* Whole clusters inside the range are given back; what they held is nobody's any more. A file
 * system that cannot do it has lost nothing. */
static ntstatus trim_range(struct smb3_fsctl_call *call, const struct smb3_stat *st,
			   uint64_t cluster)
{
	struct smb3_handle *h = call->open->handle;
	uint64_t from = smb3_get_u64(&call->in), len = smb3_get_u64(&call->in), to;
	ntstatus status;
	int err;

	if (!smb3_cursor_ok(&call->in) || from > INT64_MAX || len > INT64_MAX - from)
		return STATUS_INVALID_PARAMETER;
	to = from + len < st->size ? from + len : st->size;
	from = (from + cluster - 1) / cluster * cluster;
	to -= to == st->size ? 0 : to % cluster;
	if (from >= to)
		return STATUS_SUCCESS;
	status = smb3_io_check(call->req, call->open, FILE_WRITE_DATA, from, to - from);
	if (status)
		return status;
	err = smb3_vfs_alloc(h->mount->top, &call->req->ctx, h, from, to - from, SMB3_ALLOC_PUNCH);
	return smb3_status_from_errno(err == -EOPNOTSUPP ? 0 : err);
}

static ntstatus file_level_trim(struct smb3_fsctl_call *call)
{
	struct smb3_handle *h = call->open->handle;
	struct smb3_fsinfo info;
	struct smb3_stat st;
	ntstatus status = ioctl_stat_file(call, &st);
	uint32_t count, done;

	smb3_get_skip(&call->in, 4); /* Key */
	count = smb3_get_u32(&call->in);
	if (!count || count > smb3_cursor_left(&call->in) / TRIM_RANGE)
		return STATUS_INVALID_PARAMETER;
	if (status)
		return status;
	if (smb3_vfs_statfs(h->mount->top, &call->req->ctx, h, &info) || !info.block)
		info.block = 4096;
	for (done = 0; done < count && !status; done++)
		status = trim_range(call, &st, info.block);
	if (status)
		return status;
	if (call->max_out >= 4)
		smb3_put_u32(call->out, done);
	return STATUS_SUCCESS;
}

/* What was never written reads as zeros like everything else: all up to the end is valid. */
static ntstatus query_file_regions(struct smb3_fsctl_call *call)
{
	bool whole = !smb3_cursor_left(&call->in);
	uint64_t at = smb3_get_u64(&call->in), len = smb3_get_u64(&call->in);
	uint32_t usage = smb3_get_u32(&call->in), count;
	struct smb3_stat st;
	ntstatus status;

	smb3_get_skip(&call->in, 4); /* Reserved */
	if (!whole && (!smb3_cursor_ok(&call->in) || at > INT64_MAX || len > INT64_MAX - at ||
		       !(usage & REGION_VALID)))
		return STATUS_INVALID_PARAMETER;
	status = ioctl_stat_file(call, &st);
	if (status)
		return status;
	if (whole || len > st.size || at + len > st.size)
		len = at < st.size ? st.size - at : 0;
	count = at < st.size && len;
	smb3_put_u32(call->out, 0); /* Flags */
	smb3_put_u32(call->out, count);
	smb3_put_u32(call->out, count);
	smb3_put_u32(call->out, 0); /* Reserved */
	if (count) {
		smb3_put_u64(call->out, at);
		smb3_put_u64(call->out, len);
		smb3_put_u32(call->out, REGION_VALID);
		smb3_put_u32(call->out, 0); /* Reserved */
	}
	return STATUS_SUCCESS;
}

const struct smb3_fsctl fsctl_file_level_trim = {
	.name = "FSCTL_FILE_LEVEL_TRIM",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK | SMB3_FSCTL_SLOW,
	.min_in = TRIM_HEADER + TRIM_RANGE,
	.access = FILE_WRITE_DATA,
	.run = file_level_trim,
	.done = ioctl_modified,
};

const struct smb3_fsctl fsctl_query_file_regions = {
	.name = "FSCTL_QUERY_FILE_REGIONS",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_out = REGION_HEADER + REGION_SIZE,
	.run = query_file_regions,
};
