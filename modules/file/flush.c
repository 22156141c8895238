// SPDX-License-Identifier: Apache-2.0
/*
 * flush.c: FLUSH. [MS-SMB2] 2.2.17, 2.2.18, 3.3.5.11
 */
#include "file.h"

#include <smb3/times.h>

static ntstatus flush_work(struct smb3_req *req)
{
	struct smb3_handle *h = req->open->handle;

	int err = smb3_times_settle(req->open, &req->ctx);

	if (!err)
		err = smb3_vfs_flush(h->mount->top, &req->ctx, h);
	return smb3_status_from_errno(err);
}

static ntstatus flush_done(struct smb3_req *req)
{
	if (req->status)
		return req->status;
	smb3_put_u16(smb3_req_out(req), 4); /* StructureSize */
	smb3_put_u16(smb3_req_out(req), 0); /* Reserved */
	return STATUS_SUCCESS;
}

static ntstatus flush_run(struct smb3_req *req)
{
	const struct smb3_open *o = req->open;

	/* On a folder the same bits mean adding files and folders. */
	if (!(o->access & (FILE_WRITE_DATA | FILE_APPEND_DATA)))
		return STATUS_ACCESS_DENIED;
	if (o->pipe)
		return flush_done(req);
	return smb3_req_work(req, flush_work, flush_done, SMB3_WORK_SLOW);
}

const struct smb3_command flush_command = {
	.name = "FLUSH",
	.body_size = 24,
	.fileid_offset = 8,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_MODIFIES | SMB3_DRAINS,
	.run = flush_run,
};
