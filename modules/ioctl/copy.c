// SPDX-License-Identifier: Apache-2.0
/*
 * copy.c: copies that stay inside the server. [MS-SMB2] 2.2.31.1, 2.2.32.1, 2.2.32.3, 3.3.5.15.5,
 * 3.3.5.15.6
 *
 * The source is named by a resume key, which is its file id: it counts only in the session that
 * has the open.
 */
#include "ioctl.h"

#include <smb3/times.h>

#define KEY_SIZE     24
#define RESUME_REPLY 32 /* key, ContextLength, padding */
#define COPY_HEADER  32 /* key, ChunkCount, Reserved */
#define COPY_REPLY   12

struct copying {
	struct ioctl_transfer transfer; /* source: a reference, and counted as working on it */
	struct ioctl_range *chunks;
	uint32_t n_chunks, done;
	uint64_t total;
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
	const struct ioctl_conf *conf = ioctl_conf(call);

	call->req->keep_body = true;
	smb3_put_u32(call->out, (uint32_t)conf->copy_chunks);
	smb3_put_u32(call->out, (uint32_t)conf->copy_chunk_size);
	smb3_put_u32(call->out, (uint32_t)conf->copy_size);
	return STATUS_INVALID_PARAMETER;
}

static ntstatus decode_chunk(struct smb3_fsctl_call *call, struct ioctl_range *ch, uint64_t *total)
{
	const struct ioctl_conf *conf = ioctl_conf(call);

	ch->from = smb3_get_u64(&call->in);
	ch->to = smb3_get_u64(&call->in);
	ch->len = smb3_get_u32(&call->in);
	smb3_get_skip(&call->in, 4); /* Reserved */
	*total += ch->len;
	if (!smb3_cursor_ok(&call->in))
		return STATUS_INVALID_PARAMETER;
	if (!ch->len || ch->len > conf->copy_chunk_size || *total > conf->copy_size)
		return refuse_limits(call);
	if (ch->from > (uint64_t)INT64_MAX - ch->len || ch->to > (uint64_t)INT64_MAX - ch->len)
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

static ntstatus decode_chunks(struct smb3_fsctl_call *call, struct copying *cp, uint32_t count)
{
	ntstatus status = STATUS_SUCCESS;
	uint64_t total = 0;

	if (count > ioctl_conf(call)->copy_chunks)
		return refuse_limits(call);
	cp->chunks = smb3_arena_alloc(call->req->arena, (count + 1) * sizeof(*cp->chunks));
	for (uint32_t i = 0; i < count && !status; i++)
		status = decode_chunk(call, &cp->chunks[i], &total);
	cp->n_chunks = count;
	return status;
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
	cp->transfer.req = call->req;
	cp->transfer.dest = call->open;
	cp->transfer.source = smb3_open_find(call->req->session, persistent, volatile_id);
	if (!cp->transfer.source)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	return ioctl_transfer_check(cp->transfer.source, call->open, read_dest);
}

/* ---- work ---- */

/* Who may only append does not change what is there, as with WRITE. */
static ntstatus check_append(const struct copying *cp, const struct ioctl_range *ch)
{
	const struct smb3_open *dest = cp->transfer.dest;
	struct smb3_handle *to = dest->handle;
	struct smb3_stat st;
	int err;

	if (dest->access & FILE_WRITE_DATA)
		return STATUS_SUCCESS;
	err = smb3_vfs_stat(to->mount->top, &cp->transfer.req->ctx, to, &st);
	if (err)
		return smb3_status_from_errno(err);
	return ch->to < st.size ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

static ntstatus copy_chunk(struct copying *cp, const struct ioctl_range *ch)
{
	struct smb3_handle *from = cp->transfer.source->handle;
	struct smb3_stat st;
	int err = smb3_vfs_stat(from->mount->top, &cp->transfer.req->ctx, from, &st);
	ntstatus status;

	cp->transfer.put = 0;
	if (err)
		return smb3_status_from_errno(err);
	if (ch->from + ch->len > st.size)
		return STATUS_INVALID_VIEW_SIZE;
	status = check_append(cp, ch);
	if (!status)
		status = ioctl_transfer(&cp->transfer, ch);
	cp->total += cp->transfer.put;
	return status;
}

static ntstatus copy_work(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;
	struct copying *cp = io->state;
	ntstatus status = STATUS_SUCCESS;

	while (cp->done < cp->n_chunks && !status) {
		status = copy_chunk(cp, &cp->chunks[cp->done]);
		if (!status)
			cp->done++;
	}
	if (cp->done)
		smb3_times_restore(req->open, &req->ctx);
	return status;
}

static void release(struct copying *cp)
{
	smb3_open_work_end(cp->transfer.source);
	smb3_open_unref(cp->transfer.source);
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
	smb3_put_u32(&io->out, req->status ? (uint32_t)cp->transfer.put : 0); /* of the last one */
	smb3_put_u32(&io->out, (uint32_t)cp->total);
	return ioctl_done(req);
}

static ntstatus copy_start(struct smb3_fsctl_call *call, bool read_dest)
{
	struct copying *cp = smb3_arena_alloc(call->req->arena, sizeof(*cp));
	struct ioctl_req *io = call->req->state;
	ntstatus status = decode(call, cp, read_dest);

	if (status) {
		smb3_open_unref(cp->transfer.source);
		return status;
	}
	io->state = cp;
	smb3_open_work_begin(cp->transfer.source);
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
