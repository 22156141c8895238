// SPDX-License-Identifier: Apache-2.0
/*
 * set.c: SET_INFO. [MS-SMB2] 2.2.39, 2.2.40, 3.3.5.21
 */
#include "info.h"

#define SET_BUFFER (SMB2_HEADER_SIZE + 32)

static ntstatus set_decode(struct smb3_req *req, struct info_req *s)
{
	struct smb3_cursor in = req->body;
	struct smb3_info_call *call = &s->call;
	uint16_t at;
	uint32_t len;
	uint8_t type, class;
	ntstatus status;

	smb3_get_skip(&in, 2); /* StructureSize */
	type = smb3_get_u8(&in);
	class = smb3_get_u8(&in);
	len = smb3_get_u32(&in);
	at = smb3_get_u16(&in);
	smb3_get_skip(&in, 2); /* Reserved */
	call->additional = smb3_get_u32(&in);
	call->in = smb3_cursor_sub(&in, at, len);
	if (!smb3_cursor_ok(&in) || (len && at < SET_BUFFER) || len > req->conn->max_transact)
		return STATUS_INVALID_PARAMETER;
	status = info_find(req, type, class, &s->row);
	return status ? status : smb3_req_charge(req, len);
}

static ntstatus set_check(struct smb3_req *req, const struct info_req *s)
{
	const struct smb3_info *row = s->row;

	if (!row->set)
		return STATUS_INVALID_INFO_CLASS;
	if (smb3_cursor_left(&s->call.in) < row->min_in)
		return STATUS_INFO_LENGTH_MISMATCH;
	if (row->set_access & ~req->open->access)
		return STATUS_ACCESS_DENIED;
	/* What is set in work is set on a handle of a file. */
	if (req->open->pipe && !(row->flags & SMB3_INFO_ON_LOOP))
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

static ntstatus set_work(struct smb3_req *req)
{
	struct info_req *s = req->state;
	struct smb3_handle *h = req->open->handle;
	int err = 0;

	s->call.stat = &s->stat;
	if (h && s->row->flags & SMB3_INFO_WANTS_STAT)
		err = smb3_vfs_stat(h->mount->top, &req->ctx, h, &s->stat);
	return err ? smb3_status_from_errno(err) : s->row->set(&s->call);
}

static ntstatus set_done(struct smb3_req *req)
{
	if (!smb3_status_is_error(req->status))
		smb3_put_u16(smb3_req_out(req), 2); /* StructureSize */
	return req->status;
}

static ntstatus set_run(struct smb3_req *req)
{
	struct info_req *s = smb3_arena_alloc(req->arena, sizeof(*s));
	ntstatus status;

	req->state = s;
	s->call.req = req;
	s->call.open = req->open;
	status = set_decode(req, s);
	if (!status)
		status = set_check(req, s);
	if (status)
		return status;
	if (!req->open->pipe && !(s->row->flags & SMB3_INFO_ON_LOOP))
		return smb3_req_work(req, set_work, set_done, SMB3_WORK_QUICK);
	req->status = set_work(req);
	return set_done(req);
}

static void set_peek(const struct smb3_req *req, struct smb3_peek *peek)
{
	peek->changes = FILE_WRITE_ATTRIBUTES; /* or more: depends on the class */
}

const struct smb3_command set_info_command = {
	.name = "SET_INFO",
	.body_size = 33,
	.fileid_offset = 16,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_MODIFIES |
		 SMB3_TRANSFER,
	.run = set_run,
	.peek = set_peek,
};
