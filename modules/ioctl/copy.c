// SPDX-License-Identifier: Apache-2.0
/*
 * copy.c: copies that stay inside the server. [MS-SMB2] 2.2.31.1, 2.2.32.1, 2.2.32.3, 3.3.5.15.5,
 * 3.3.5.15.6
 *
 * The source is named by a resume key, which is its file id: it counts only in the session that
 * has the open.
 */
#include "ioctl.h"

#include <errno.h>

#define KEY_SIZE        24
#define RESUME_REPLY    32 /* key, ContextLength, padding */
#define COPY_HEADER     32 /* key, ChunkCount, Reserved */
#define COPY_REPLY      12
#define COPY_CHUNKS_MAX 256
#define COPY_CHUNK_MAX  (1u << 20)
#define COPY_TOTAL_MAX  (16u << 20)

struct chunk {
	uint64_t from, to;
	uint32_t len;
};

struct copying {
	struct smb3_open *source; /* a reference, and counted as working on it */
	struct chunk chunks[COPY_CHUNKS_MAX];
	uint32_t n_chunks, done;
	uint64_t total;
	uint8_t *buf; /* for what cannot be copied below */
};

/* ---- resume key ---- */

static ntstatus request_resume_key(struct smb3_fsctl_call *call)
{
	if (call->max_out < RESUME_REPLY)
		return STATUS_INVALID_PARAMETER;
	smb3_put_u64(call->out, call->open->persistent_id);
	smb3_put_u64(call->out, call->open->volatile_id);
	smb3_put_zero(call->out, RESUME_REPLY - 16);
	return STATUS_SUCCESS;
}

/* ---- request ---- */

/* Too much was asked for: the answer says how much may be. */
static ntstatus refuse_limits(struct smb3_fsctl_call *call)
{
	call->req->keep_body = true;
	smb3_put_u32(call->out, COPY_CHUNKS_MAX);
	smb3_put_u32(call->out, COPY_CHUNK_MAX);
	smb3_put_u32(call->out, COPY_TOTAL_MAX);
	return STATUS_INVALID_PARAMETER;
}

static ntstatus decode_chunks(struct smb3_fsctl_call *call, struct copying *cp, uint32_t count)
{
	uint64_t total = 0;

	if (count > COPY_CHUNKS_MAX)
		return refuse_limits(call);
	for (uint32_t i = 0; i < count; i++) {
		struct chunk *ch = &cp->chunks[i];

		ch->from = smb3_get_u64(&call->in);
		ch->to = smb3_get_u64(&call->in);
		ch->len = smb3_get_u32(&call->in);
		smb3_get_skip(&call->in, 4); /* Reserved */
		total += ch->len;
		if (!smb3_cursor_ok(&call->in))
			return STATUS_INVALID_PARAMETER;
		if (!ch->len || ch->len > COPY_CHUNK_MAX || total > COPY_TOTAL_MAX)
			return refuse_limits(call);
		if (ch->from > (uint64_t)INT64_MAX - ch->len ||
		    ch->to > (uint64_t)INT64_MAX - ch->len)
			return STATUS_INVALID_PARAMETER;
	}
	cp->n_chunks = count;
	return STATUS_SUCCESS;
}

static ntstatus check_rights(const struct smb3_open *source, const struct smb3_open *dest,
			     bool read_dest)
{
	const uint32_t write = FILE_WRITE_DATA | FILE_APPEND_DATA;
	const uint32_t read = FILE_READ_DATA | FILE_EXECUTE;

	if (source->directory || source->pipe || dest->directory)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (!(source->access & read) || !(dest->access & write) ||
	    (read_dest && !(dest->access & FILE_READ_DATA)))
		return STATUS_ACCESS_DENIED;
	return STATUS_SUCCESS;
}

static ntstatus decode(struct smb3_fsctl_call *call, struct copying *cp, bool read_dest)
{
	uint64_t persistent = smb3_get_u64(&call->in), volatile_id = smb3_get_u64(&call->in);
	uint32_t count;
	ntstatus status;

	smb3_get_skip(&call->in, KEY_SIZE - 16);
	count = smb3_get_u32(&call->in);
	smb3_get_skip(&call->in, 4); /* Reserved */
	if (call->max_out < COPY_REPLY)
		return STATUS_INVALID_PARAMETER;
	status = decode_chunks(call, cp, count);
	if (status)
		return status;
	cp->source = smb3_open_find(call->req->session, persistent, volatile_id);
	if (!cp->source)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	return check_rights(cp->source, call->open, read_dest);
}

/* ---- work ---- */

static bool overlap(const struct smb3_open *source, const struct smb3_open *dest,
		    const struct chunk *ch)
{
	return source->file == dest->file && ch->from < ch->to + ch->len &&
	       ch->to < ch->from + ch->len;
}

/* Bytes read, up to the end of the file. */
static ssize_t read_whole(const struct smb3_ctx *ctx, struct smb3_handle *h, uint8_t *buf,
			  const struct chunk *ch)
{
	size_t got = 0;

	while (got < ch->len) {
		ssize_t n = smb3_vfs_pread(h->mount->top, ctx, h, buf + got, ch->len - got,
					   ch->from + got);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* Through memory: also right when the two ranges overlap. */
static int copy_through(struct smb3_req *req, struct copying *cp, const struct chunk *ch)
{
	struct smb3_handle *from = cp->source->handle, *to = req->open->handle;
	size_t put = 0;
	ssize_t got;

	if (!cp->buf)
		cp->buf = smb3_arena_alloc(req->arena, COPY_CHUNK_MAX);
	got = read_whole(&req->ctx, from, cp->buf, ch);
	while (got > 0 && put < (size_t)got) {
		ssize_t n = smb3_vfs_pwrite(to->mount->top, &req->ctx, to, cp->buf + put,
					    (size_t)got - put, ch->to + put);

		if (n <= 0)
			return n ? (int)n : -ENOSPC;
		put += (size_t)n;
	}
	return got < 0 ? (int)got : 0;
}

static int copy_below(struct smb3_req *req, struct copying *cp, const struct chunk *ch)
{
	struct smb3_handle *from = cp->source->handle, *to = req->open->handle;
	size_t put = 0;

	while (put < ch->len) {
		ssize_t n = smb3_vfs_copy(to->mount->top, &req->ctx, from, ch->from + put, to,
					  ch->to + put, ch->len - put, 0);

		if (n <= 0)
			return n ? (int)n : -EIO;
		put += (size_t)n;
	}
	return 0;
}

static ntstatus copy_chunk(struct smb3_req *req, struct copying *cp, const struct chunk *ch)
{
	struct smb3_handle *from = cp->source->handle, *to = req->open->handle;
	struct smb3_stat st;
	int err = smb3_vfs_stat(from->mount->top, &req->ctx, from, &st);

	if (err)
		return smb3_status_from_errno(err);
	if (ch->from + ch->len > st.size)
		return STATUS_INVALID_VIEW_SIZE;
	if (from->mount == to->mount && !overlap(cp->source, req->open, ch))
		err = copy_below(req, cp, ch);
	else
		err = copy_through(req, cp, ch);
	return smb3_status_from_errno(err);
}

static ntstatus copy_work(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;
	struct copying *cp = io->state;
	ntstatus status = STATUS_SUCCESS;

	while (cp->done < cp->n_chunks && !status) {
		status = copy_chunk(req, cp, &cp->chunks[cp->done]);
		if (!status)
			cp->total += cp->chunks[cp->done++].len;
	}
	return status;
}

static void release(struct copying *cp)
{
	smb3_open_work_end(cp->source);
	smb3_open_unref(cp->source);
}

/* How far it came is said also when it failed. */
static ntstatus copy_done(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;
	struct copying *cp = io->state;

	release(cp);
	if (cp->total) {
		req->open->modified = true;
		smb3_changed(req->open, FILE_ACTION_MODIFIED,
			     FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE);
	}
	req->keep_body = true;
	smb3_put_u32(&io->out, cp->done);
	smb3_put_u32(&io->out, 0); /* ChunkBytesWritten: of a chunk that was written in part */
	smb3_put_u32(&io->out, (uint32_t)cp->total);
	return ioctl_done(req);
}

static ntstatus copy_start(struct smb3_fsctl_call *call, bool read_dest)
{
	struct copying *cp = smb3_arena_alloc(call->req->arena, sizeof(*cp));
	struct ioctl_req *io = call->req->state;
	ntstatus status = decode(call, cp, read_dest);

	if (status) {
		smb3_open_unref(cp->source);
		return status;
	}
	io->state = cp;
	smb3_open_work_begin(cp->source);
	return smb3_req_work(call->req, copy_work, copy_done, SMB3_WORK_SLOW);
}

static ntstatus copychunk(struct smb3_fsctl_call *call)
{
	return copy_start(call, true);
}

static ntstatus copychunk_write(struct smb3_fsctl_call *call)
{
	return copy_start(call, false);
}

const struct smb3_fsctl fsctl_srv_request_resume_key = {
	.name = "FSCTL_SRV_REQUEST_RESUME_KEY",
	.flags = SMB3_FSCTL_FILE,
	.run = request_resume_key,
};

const struct smb3_fsctl fsctl_srv_copychunk = {
	.name = "FSCTL_SRV_COPYCHUNK",
	.flags = SMB3_FSCTL_FILE,
	.min_in = COPY_HEADER,
	.run = copychunk,
};

const struct smb3_fsctl fsctl_srv_copychunk_write = {
	.name = "FSCTL_SRV_COPYCHUNK_WRITE",
	.flags = SMB3_FSCTL_FILE,
	.min_in = COPY_HEADER,
	.run = copychunk_write,
};
