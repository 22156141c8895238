// SPDX-License-Identifier: Apache-2.0
/*
 * write.c: WRITE. [MS-SMB2] 2.2.21, 2.2.22, 3.3.5.13; [MS-FSA] 2.1.5.4
 */
#include "file.h"

#include <errno.h>
#include <smb3/times.h>

#define WRITE_BUFFER (SMB2_HEADER_SIZE + 48) /* where the data may begin */
#define WRITE_REPLY  17                      /* StructureSize; 16 bytes are sent */

struct writing {
	uint64_t offset;
	uint32_t length, channel, flags;
	const uint8_t *data;
	size_t written; /* so far: a try that would have blocked goes on from here */
	bool through;
};

static ntstatus write_decode(struct smb3_req *req, struct writing *w)
{
	struct smb3_cursor in = req->body, data;
	uint16_t data_at;

	smb3_get_skip(&in, 2); /* StructureSize */
	data_at = smb3_get_u16(&in);
	w->length = smb3_get_u32(&in);
	w->offset = smb3_get_u64(&in);
	smb3_get_skip(&in, 16); /* FileId */
	w->channel = smb3_get_u32(&in);
	smb3_get_skip(&in, 8); /* RemainingBytes, WriteChannelInfo */
	w->flags = smb3_get_u32(&in);
	data = smb3_cursor_sub(&in, data_at, w->length);
	if (!smb3_cursor_ok(&in) || (w->length && data_at < WRITE_BUFFER))
		return STATUS_INVALID_PARAMETER;
	w->data = data.base;
	w->through = w->flags & SMB2_WRITEFLAG_WRITE_THROUGH ||
		     req->open->options & FILE_WRITE_THROUGH;
	return STATUS_SUCCESS;
}

static ntstatus write_check(const struct smb3_req *req, const struct writing *w)
{
	const struct smb3_open *o = req->open;

	if (w->length > req->conn->max_write || w->channel != SMB2_CHANNEL_NONE)
		return STATUS_INVALID_PARAMETER;
	if (o->directory)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (!(o->access & (FILE_WRITE_DATA | FILE_APPEND_DATA)))
		return STATUS_ACCESS_DENIED;
	if (!o->pipe && (w->offset > INT64_MAX || w->length > INT64_MAX - w->offset))
		return STATUS_INVALID_PARAMETER;
	return smb3_req_charge(req, w->length);
}

/* Who may only append does not change what is there. */
static ntstatus write_check_append(struct smb3_req *req, const struct writing *w)
{
	struct smb3_handle *h = req->open->handle;
	struct smb3_stat st;
	int err;

	if (req->open->access & FILE_WRITE_DATA || w->written)
		return STATUS_SUCCESS;
	err = smb3_vfs_stat(h->mount->top, &req->ctx, h, &st);
	if (err)
		return smb3_status_from_errno(err);
	return w->offset < st.size ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

static ntstatus write_work(struct smb3_req *req)
{
	struct writing *w = req->state;
	struct smb3_handle *h = req->open->handle;
	ntstatus status = write_check_append(req, w);

	if (!status && w->length)
		status = smb3_status_from_errno(file_times_before_write(req->open, &req->ctx));
	while (!status && w->written < w->length) {
		ssize_t n = smb3_vfs_pwrite(h->mount->top, &req->ctx, h, w->data + w->written,
					    w->length - w->written, w->offset + w->written);

		if (n > 0)
			w->written += (size_t)n;
		else
			status = n == -EFBIG || n == 0 ? STATUS_DISK_FULL :
							 smb3_status_from_errno((int)n);
	}
	if (w->written)
		smb3_times_restore(req->open, &req->ctx);
	if (!status && w->through && w->length)
		status = smb3_status_from_errno(smb3_vfs_flush(h->mount->top, &req->ctx, h));
	return status;
}

static ntstatus write_put_reply(struct smb3_req *req, uint32_t count)
{
	struct smb3_builder *out = smb3_req_out(req);

	smb3_put_u16(out, WRITE_REPLY);
	smb3_put_u16(out, 0); /* Reserved */
	smb3_put_u32(out, count);
	smb3_put_zero(out, 8); /* Remaining, WriteChannelInfo */
	return STATUS_SUCCESS;
}

static ntstatus write_done(struct smb3_req *req)
{
	const struct writing *w = req->state;

	if (w->written) {
		req->open->modified = true;
		smb3_changed(req->open, FILE_ACTION_MODIFIED,
			     FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE);
	}
	if (req->status)
		return req->status;
	req->open->position = w->offset + w->written;
	return write_put_reply(req, w->length);
}

static ntstatus write_pipe(struct smb3_req *req, const struct writing *w)
{
	struct smb3_pipe *pipe = req->open->pipe;

	write_put_reply(req, w->length);
	return pipe->service->write(pipe, req, w->data, w->length);
}

static ntstatus write_run(struct smb3_req *req)
{
	struct writing *w = smb3_arena_alloc(req->arena, sizeof(*w));
	ntstatus status;

	req->state = w;
	status = write_decode(req, w);
	if (!status)
		status = write_check(req, w);
	if (status)
		return status;
	if (req->open->pipe)
		return write_pipe(req, w);
	status = smb3_io_check(req, req->open, FILE_WRITE_DATA, w->offset, w->length);
	if (status)
		return status;
	return smb3_req_work(req, write_work, write_done,
			     w->through ? SMB3_WORK_SLOW : SMB3_WORK_NOWAIT);
}

static void write_peek(const struct smb3_req *req, struct smb3_peek *peek)
{
	struct smb3_cursor in = req->body;
	uint16_t data_at;

	smb3_get_skip(&in, 2); /* StructureSize */
	data_at = smb3_get_u16(&in);
	peek->transfer = true;
	peek->bytes = smb3_get_u32(&in);
	peek->offset = smb3_get_u64(&in);
	in = smb3_cursor_sub(&in, data_at, peek->bytes);
	peek->data = in.pos;
	peek->data_len = smb3_cursor_left(&in);
	peek->changes = FILE_WRITE_DATA;
}

const struct smb3_command write_command = {
	.name = "WRITE",
	.body_size = 49,
	.fileid_offset = 16,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_MODIFIES |
		 SMB3_TRANSFER,
	.run = write_run,
	.peek = write_peek,
};
