// SPDX-License-Identifier: Apache-2.0
/*
 * query.c: QUERY_INFO. [MS-SMB2] 2.2.37, 2.2.38, 3.3.5.20
 *
 * A row writes all that it has; what is more than the client has room for is cut here.
 */
#include "info.h"

#include <smb3/times.h>
#include <string.h>

#define QUERY_BUFFER   (SMB2_HEADER_SIZE + 40)
#define QUERY_REPLY    9 /* StructureSize; 8 bytes and the output */
#define QUERY_REPLY_AT (SMB2_HEADER_SIZE + 8)
#define OUTPUT_MAX     (1u << 20) /* of a row; a list that is longer is cut */

/* Types that have no class known here, but perhaps one in another module. */
static ntstatus no_row(uint8_t type)
{
	switch (type) {
	case SMB2_0_INFO_FILE:
	case SMB2_0_INFO_FILESYSTEM:
		return STATUS_INVALID_INFO_CLASS;
	case SMB2_0_INFO_SECURITY:
	case SMB2_0_INFO_QUOTA:
		return STATUS_NOT_SUPPORTED;
	default:
		return STATUS_INVALID_PARAMETER;
	}
}

ntstatus info_find(struct smb3_req *req, uint8_t type, uint8_t class,
		   const struct smb3_info **ret_row)
{
	const struct smb3_info *row;

	if (type < SMB2_0_INFO_FILE || type > SMB2_0_INFO_QUOTA)
		return STATUS_INVALID_PARAMETER;
	row = smb3_row(req->server, SMB3_KIND_INFO, (uint64_t)type << 8 | class);
	if (!row)
		return no_row(type);
	if (req->open->pipe && !(row->flags & SMB3_INFO_PIPE_OK))
		return STATUS_INVALID_PARAMETER;
	if (row->flags & SMB3_INFO_ROOT_ONLY && *smb3_open_path(req->open, req->arena))
		return STATUS_INVALID_PARAMETER;
	*ret_row = row;
	return STATUS_SUCCESS;
}

const char *info_path(const struct smb3_info_call *call)
{
	return smb3_open_path(call->open, call->req->arena);
}

const char *info_shown(const struct smb3_info_call *call, const char *path)
{
	if (!call->open->snapshot)
		return path;
	path += strcspn(path, "/:");
	return path + (*path == '/');
}

bool info_delete_pending(const struct smb3_open *open)
{
	bool pending;

	if (!open->file)
		return true; /* a pipe is gone with its last handle */
	smb3_file_lock(open->file);
	pending = open->file->delete_pending;
	smb3_file_unlock(open->file);
	return pending;
}

static ntstatus query_decode(struct smb3_req *req, struct info_req *q)
{
	struct smb3_cursor in = req->body;
	struct smb3_info_call *call = &q->call;
	uint16_t in_at;
	uint32_t in_len;
	uint8_t type, class;
	ntstatus status;

	smb3_get_skip(&in, 2); /* StructureSize */
	type = smb3_get_u8(&in);
	class = smb3_get_u8(&in);
	call->max = smb3_get_u32(&in);
	in_at = smb3_get_u16(&in);
	smb3_get_skip(&in, 2); /* Reserved */
	in_len = smb3_get_u32(&in);
	call->additional = smb3_get_u32(&in);
	call->flags = smb3_get_u32(&in);
	status = info_find(req, type, class, &q->row);
	if (status)
		return status;
	call->in = smb3_cursor_sub(&in, in_at, in_len);
	if (!smb3_cursor_ok(&in) || (in_len && in_at < QUERY_BUFFER) ||
	    call->max > req->conn->max_transact)
		return STATUS_INVALID_PARAMETER;
	return smb3_req_charge(req, call->max > in_len ? call->max : in_len);
}

static ntstatus query_check(struct smb3_req *req, const struct info_req *q)
{
	const struct smb3_info *row = q->row;

	if (!row->query)
		return STATUS_INVALID_INFO_CLASS;
	if (q->call.max < row->min_out)
		return STATUS_INFO_LENGTH_MISMATCH;
	if (row->query_access & ~req->open->access)
		return STATUS_ACCESS_DENIED;
	return STATUS_SUCCESS;
}

static ntstatus query_work(struct smb3_req *req)
{
	struct info_req *q = req->state;
	struct smb3_handle *h = req->open->handle;
	int err = 0;

	q->out = smb3_builder_arena(req->arena, OUTPUT_MAX);
	q->call.out = &q->out;
	q->call.stat = &q->stat;
	if (h && q->row->flags & SMB3_INFO_WANTS_STAT) {
		err = smb3_vfs_stat(h->mount->top, &req->ctx, h, &q->stat);
		smb3_times_show(req->open, &q->stat);
	}
	return err ? smb3_status_from_errno(err) : q->row->query(&q->call);
}

/* A builder that is full has swallowed the rest; what it holds is whole fields. */
static ntstatus query_done(struct smb3_req *req)
{
	struct info_req *q = req->state;
	struct smb3_builder *out = smb3_req_out(req);
	bool over = q->out.len > q->call.max || q->out.bad;
	size_t len = q->out.len < q->call.max ? q->out.len : q->call.max;
	ntstatus status = req->status;

	if (smb3_status_is_error(status))
		return status;
	if (over && q->row->flags & SMB3_INFO_NO_OVERFLOW)
		return STATUS_INFO_LENGTH_MISMATCH;
	if (over)
		status = STATUS_BUFFER_OVERFLOW;
	smb3_put_u16(out, QUERY_REPLY);
	smb3_put_u16(out, len ? QUERY_REPLY_AT : 0);
	smb3_put_u32(out, (uint32_t)len);
	smb3_put_bytes(out, q->out.data, len);
	return status;
}

static ntstatus query_run(struct smb3_req *req)
{
	struct info_req *q = smb3_arena_alloc(req->arena, sizeof(*q));
	ntstatus status;

	req->state = q;
	q->call.req = req;
	q->call.open = req->open;
	q->call.position = req->open->position;
	q->call.mode = req->open->mode;
	status = query_decode(req, q);
	if (!status)
		status = query_check(req, q);
	if (status)
		return status;
	if (!req->open->pipe && !(q->row->flags & SMB3_INFO_ON_LOOP))
		return smb3_req_work(req, query_work, query_done,
				     q->row->flags & SMB3_INFO_SLOW ? SMB3_WORK_SLOW :
								      SMB3_WORK_QUICK);
	req->status = query_work(req);
	return query_done(req);
}

const struct smb3_command query_info_command = {
	.name = "QUERY_INFO",
	.body_size = 41,
	.fileid_offset = 24,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_TRANSFER,
	.run = query_run,
};
