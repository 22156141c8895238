// SPDX-License-Identifier: Apache-2.0
/*
 * close.c: CLOSE. [MS-SMB2] 2.2.15, 2.2.16, 3.3.5.10
 */
#include "file.h"

#include <smb3/times.h>

#define CLOSE_REPLY 60

struct closing {
	bool query;
	struct smb3_stat stat;
};

static ntstatus close_work(struct smb3_req *req)
{
	struct closing *cl = req->state;
	struct smb3_handle *h = req->open->handle;

	if (h)
		file_times_at_close(req->open, &req->ctx);
	/* A close never fails for what is only information. */
	if (cl->query && h && smb3_vfs_stat(h->mount->top, &req->ctx, h, &cl->stat))
		cl->query = false;
	smb3_open_finish(req->open);
	return STATUS_SUCCESS;
}

static void close_put_stat(struct smb3_builder *out, const struct smb3_stat *st)
{
	smb3_put_times(out, st);
	smb3_put_u64(out, st->alloc);
	smb3_put_u64(out, st->size);
	smb3_put_u32(out, smb3_stat_attributes(st));
}

static ntstatus close_done(struct smb3_req *req)
{
	const struct closing *cl = req->state;
	struct smb3_builder *out = smb3_req_out(req);
	bool query = cl->query && !req->open->pipe;

	smb3_put_u16(out, CLOSE_REPLY);
	smb3_put_u16(out, query ? SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB : 0);
	smb3_put_u32(out, 0); /* Reserved */
	if (query)
		close_put_stat(out, &cl->stat);
	else
		smb3_put_zero(out, CLOSE_REPLY - 8);
	return req->status;
}

static ntstatus close_run(struct smb3_req *req)
{
	struct smb3_cursor in = req->body;
	struct closing *cl = smb3_arena_alloc(req->arena, sizeof(*cl));

	smb3_get_skip(&in, 2); /* StructureSize */
	cl->query = smb3_get_u16(&in) & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB;
	req->state = cl;
	smb3_open_detach(req->open);
	if (req->open->pipe)
		return close_done(req);
	return smb3_req_work(req, close_work, close_done, SMB3_WORK_QUICK);
}

const struct smb3_command close_command = {
	.name = "CLOSE",
	.body_size = 24,
	.fileid_offset = 8,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_DRAINS |
		 SMB3_EXPIRED_OK,
	.run = close_run,
};
