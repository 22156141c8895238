// SPDX-License-Identifier: Apache-2.0
/*
 * read.c: READ. [MS-SMB2] 2.2.19, 2.2.20, 3.3.5.12
 */
#include "file.h"

#include <errno.h>

#define READ_REPLY    17 /* StructureSize; 16 bytes and the data */
#define READ_REPLY_AT (SMB2_HEADER_SIZE + 16)

struct reading {
	uint32_t length, minimum, channel;
	uint64_t offset;
};

static void read_decode(const struct smb3_req *req, struct reading *rd)
{
	struct smb3_cursor in = req->body;

	smb3_get_skip(&in, 4); /* StructureSize, Padding, Flags */
	rd->length = smb3_get_u32(&in);
	rd->offset = smb3_get_u64(&in);
	smb3_get_skip(&in, 16); /* FileId */
	rd->minimum = smb3_get_u32(&in);
	rd->channel = smb3_get_u32(&in);
}

static ntstatus read_check(const struct smb3_req *req, const struct reading *rd)
{
	const struct smb3_open *o = req->open;

	if (rd->length > req->conn->max_read || rd->channel != SMB2_CHANNEL_NONE)
		return STATUS_INVALID_PARAMETER;
	if (o->directory)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (!(o->access & (FILE_READ_DATA | FILE_EXECUTE)))
		return STATUS_ACCESS_DENIED;
	if (!o->pipe && (rd->offset > INT64_MAX || rd->length > INT64_MAX - rd->offset))
		return STATUS_INVALID_PARAMETER;
	return smb3_req_charge(req, rd->length);
}

static void read_put_reply(struct smb3_req *req, size_t len)
{
	struct smb3_builder *out = smb3_req_out(req);

	smb3_put_u16(out, READ_REPLY);
	smb3_put_u16(out, READ_REPLY_AT); /* DataOffset, Reserved */
	smb3_put_u32(out, (uint32_t)len);
	smb3_put_zero(out, 8); /* DataRemaining, Reserved2 */
}

/* As much as there is, in as many calls as it takes. */
static int read_copy(struct smb3_req *req, const struct reading *rd)
{
	struct smb3_handle *h = req->open->handle;
	struct smb3_buf *buf = smb3_req_payload(req, rd->length ? rd->length : 1);

	buf->len = 0;
	while (buf->len < rd->length) {
		ssize_t n = smb3_vfs_pread(h->mount->top, &req->ctx, h, buf->data + buf->len,
					   rd->length - buf->len, rd->offset + buf->len);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		buf->len += (size_t)n;
	}
	return 0;
}

/* Into the transport's pipes; whatever keeps them out of there, they may still be copied. */
static int read_splice(struct smb3_req *req, const struct reading *rd)
{
	struct smb3_handle *h = req->open->handle;
	struct smb3_buf *buf = req->payload;
	ssize_t n = smb3_vfs_splice(h->mount->top, &req->ctx, h, buf->tube, rd->length, rd->offset);

	if (n < 0)
		return n == -EAGAIN ? -EAGAIN : read_copy(req, rd);
	buf->len = (size_t)n;
	return 0;
}

static ntstatus read_work(struct smb3_req *req)
{
	const struct reading *rd = req->state;
	bool tube = req->payload && req->payload->tube;
	int err = tube ? read_splice(req, rd) : read_copy(req, rd);
	const struct smb3_buf *buf = req->payload;

	if (err)
		return smb3_status_from_errno(err);
	if (buf->len < rd->minimum || (rd->length && !buf->len))
		return STATUS_END_OF_FILE;
	return STATUS_SUCCESS;
}

static ntstatus read_done(struct smb3_req *req)
{
	const struct reading *rd = req->state;

	if (req->status)
		return req->status;
	req->open->position = rd->offset + req->payload->len;
	read_put_reply(req, req->payload->len);
	return STATUS_SUCCESS;
}

/* The service appends to the reply, so its length is known when the request ends. */
static ntstatus read_pipe_built(struct smb3_req *req)
{
	struct smb3_builder *out = smb3_req_out(req);

	if (!smb3_status_is_error(req->status))
		smb3_set_u32(out, 4, (uint32_t)(out->len - (READ_REPLY_AT - SMB2_HEADER_SIZE)));
	return req->status;
}

static ntstatus read_pipe(struct smb3_req *req, const struct reading *rd)
{
	struct smb3_pipe *pipe = req->open->pipe;
	ntstatus status;

	if (pipe->no_wait && pipe->service->peek && !pipe->service->peek(pipe))
		return STATUS_PIPE_EMPTY;
	read_put_reply(req, 0);
	status = pipe->service->read(pipe, req, smb3_req_out(req), rd->length);
	if (status == STATUS_PENDING) {
		req->complete = read_pipe_built;
		return status;
	}
	req->status = status;
	return read_pipe_built(req);
}

static ntstatus read_run(struct smb3_req *req)
{
	struct reading *rd = smb3_arena_alloc(req->arena, sizeof(*rd));
	ntstatus status;

	req->state = rd;
	read_decode(req, rd);
	status = read_check(req, rd);
	if (status)
		return status;
	if (req->open->pipe)
		return read_pipe(req, rd);
	status = smb3_io_check(req, req->open, FILE_READ_DATA, rd->offset, rd->length);
	if (status)
		return status;
	if (!req->payload && smb3_req_bare(req) && req->conn->transport->tube)
		req->payload = req->conn->transport->tube(req->conn, rd->offset, rd->length);
	if (!req->payload) /* from the worker's pool, which work may not have */
		smb3_req_payload(req, rd->length ? rd->length : 1);
	return smb3_req_work(req, read_work, read_done, SMB3_WORK_NOWAIT);
}

static void read_peek(const struct smb3_req *req, struct smb3_peek *peek)
{
	struct reading rd;

	read_decode(req, &rd);
	peek->transfer = true;
	peek->bytes = rd.length;
	peek->offset = rd.offset;
}

const struct smb3_command read_command = {
	.name = "READ",
	.body_size = 49,
	.fileid_offset = 16,
	.flags = SMB3_NEED_SESSION | SMB3_NEED_TREE | SMB3_NEED_OPEN | SMB3_TRANSFER,
	.run = read_run,
	.peek = read_peek,
};
