// SPDX-License-Identifier: Apache-2.0
/*
 * offload.c: offloaded copies: a token stands for a range of a file, and writing the token copies
 * the range. [MS-FSCC] 2.3.41 to 2.3.44, [MS-FSA] 2.1.5.10.20, .21
 *
 * A token is known to the open that it was made of, and to nobody else: it counts in the session
 * that has this open, until the open is closed, the time is over, or the file has changed.
 */
#include "offload.h"

#include "ioctl.h"

#include <errno.h>
#include <stdlib.h>

#define READ_INPUT   32
#define READ_OUTPUT  (16 + OFFLOAD_TOKEN_SIZE)
#define WRITE_INPUT  (32 + OFFLOAD_TOKEN_SIZE)
#define WRITE_OUTPUT 16
#define SECTOR       512
#define PIECE        (64u << 20)

/* One that is out. */
struct offload_ticket {
	struct smb3_list link;
	uint8_t secret[OFFLOAD_SECRET_SIZE];
	uint64_t from, len; /* whole sectors; the last one may reach beyond the end */
	uint64_t until;     /* smb3_clock() */
	uint64_t size;      /* of the file, and its times, when the token was made */
	smb3_nttime written, changed;
};

struct offload_state {
	struct smb3_list tickets; /* oldest first */
	int64_t count;
};

static void state_init(void *slot, void *object)
{
	struct offload_state *state = slot;

	smb3_list_init(&state->tickets);
}

static void ticket_drop(struct offload_state *state, struct offload_ticket *ticket)
{
	smb3_list_remove(&ticket->link);
	state->count--;
	smb3_wipe(ticket, sizeof(*ticket));
	free(ticket);
}

static struct offload_ticket *ticket_first(const struct offload_state *state)
{
	return SMB3_CONTAINER(state->tickets.next, struct offload_ticket, link);
}

static void state_fini(void *slot, void *object)
{
	struct offload_state *state = slot;

	while (state->count)
		ticket_drop(state, ticket_first(state));
}

struct smb3_slot offload_slot = {
	.kind = SMB3_SLOT_OPEN,
	.size = sizeof(struct offload_state),
	.init = state_init,
	.fini = state_fini,
};

/* ---- read ---- */

struct offload_read {
	uint64_t from, len, ttl; /* ttl in ms */
	struct smb3_stat stat;
};

static ntstatus offload_read(struct smb3_fsctl_call *call)
{
	struct offload_read *rd = smb3_arena_alloc(call->req->arena, sizeof(*rd));
	struct ioctl_req *io = call->req->state;
	uint32_t size = smb3_get_u32(&call->in);
	uint64_t end;
	ntstatus status;

	io->state = rd;
	smb3_get_skip(&call->in, 4); /* Flags */
	rd->ttl = smb3_get_u32(&call->in);
	smb3_get_skip(&call->in, 4); /* Reserved */
	rd->from = smb3_get_u64(&call->in);
	rd->len = smb3_get_u64(&call->in);
	if (size != READ_INPUT || rd->from % SECTOR || rd->len % SECTOR || rd->from > INT64_MAX ||
	    rd->len > INT64_MAX - rd->from)
		return STATUS_INVALID_PARAMETER;
	if (call->open->directory)
		return STATUS_OFFLOAD_READ_FILE_NOT_SUPPORTED;
	status = ioctl_stat(call, &rd->stat);
	if (status)
		return status;
	end = (rd->stat.size + SECTOR - 1) / SECTOR * SECTOR;
	if (rd->from >= end)
		return STATUS_END_OF_FILE;
	if (rd->len > ioctl_conf(call)->offload_size)
		rd->len = ioctl_conf(call)->offload_size / SECTOR * SECTOR;
	if (rd->len > end - rd->from)
		rd->len = end - rd->from;
	return smb3_io_check(call->req, call->open, FILE_READ_DATA, rd->from, rd->len);
}

/* The oldest one goes when there are too many. */
static struct offload_ticket *ticket_new(struct smb3_fsctl_call *call)
{
	struct offload_state *state = smb3_slot(&offload_slot, call->open);
	struct offload_ticket *ticket = smb3_alloc(sizeof(*ticket));

	if (state->count >= ioctl_conf(call)->offload_tokens)
		ticket_drop(state, ticket_first(state));
	smb3_random(ticket->secret, sizeof(ticket->secret));
	smb3_list_add(&state->tickets, &ticket->link);
	state->count++;
	return ticket;
}

static ntstatus offload_read_done(struct smb3_fsctl_call *call)
{
	const struct ioctl_req *io = call->req->state;
	const struct offload_read *rd = io->state;
	struct offload_token token = { .persistent_id = call->open->persistent_id,
				       .volatile_id = call->open->volatile_id };
	struct offload_ticket *ticket;
	uint64_t ttl = io->conf->offload_time;

	if (call->req->status)
		return call->req->status;
	ticket = ticket_new(call);
	if (rd->ttl && rd->ttl < ttl)
		ttl = rd->ttl;
	ticket->until = smb3_clock() + ttl * 1000000;
	ticket->from = rd->from;
	ticket->len = rd->len;
	ticket->size = rd->stat.size;
	ticket->written = rd->stat.written;
	ticket->changed = rd->stat.changed;
	memcpy(token.secret, ticket->secret, sizeof(token.secret));
	smb3_put_u32(call->out, READ_OUTPUT);
	smb3_put_u32(call->out, 0); /* Flags */
	smb3_put_u64(call->out, rd->len);
	offload_token_put(call->out, &token);
	return STATUS_SUCCESS;
}

/* ---- write ---- */

struct offload_write {
	struct ioctl_transfer transfer; /* source: a reference, and counted as working on it; NULL:
					   zeros */
	struct offload_ticket ticket;   /* a copy: the original may go meanwhile */
	uint64_t from, to, len;
	uint64_t done;
};

static bool ticket_find(struct smb3_open *source, const struct offload_token *token,
			struct offload_ticket *ret_ticket)
{
	struct offload_state *state = smb3_slot(&offload_slot, source);

	for (struct smb3_list *l = state->tickets.next; l != &state->tickets; l = l->next) {
		struct offload_ticket *ticket = SMB3_CONTAINER(l, struct offload_ticket, link);

		if (!smb3_same(ticket->secret, token->secret, sizeof(ticket->secret)))
			continue;
		*ret_ticket = *ticket;
		return smb3_clock() < ticket->until;
	}
	return false;
}

static ntstatus redeem(struct smb3_fsctl_call *call, struct offload_write *wr)
{
	struct offload_token token = offload_token_get(&call->in);

	if (token.kind == OFFLOAD_ZEROS)
		return STATUS_SUCCESS;
	if (token.kind != OFFLOAD_RANGE)
		return STATUS_INVALID_TOKEN;
	wr->transfer.source =
		smb3_open_find(call->req->session, token.persistent_id, token.volatile_id);
	if (!wr->transfer.source || !ticket_find(wr->transfer.source, &token, &wr->ticket))
		return STATUS_INVALID_TOKEN;
	if (wr->from >= wr->ticket.len)
		return STATUS_INVALID_PARAMETER;
	if (wr->len > wr->ticket.len - wr->from)
		wr->len = wr->ticket.len - wr->from;
	wr->from += wr->ticket.from;
	return ioctl_transfer_check(wr->transfer.source, call->open, false);
}

static ntstatus decode_write(struct smb3_fsctl_call *call, struct offload_write *wr)
{
	uint32_t size = smb3_get_u32(&call->in);

	smb3_get_skip(&call->in, 4); /* Flags */
	wr->to = smb3_get_u64(&call->in);
	wr->len = smb3_get_u64(&call->in);
	wr->from = smb3_get_u64(&call->in);
	if (size != WRITE_INPUT || wr->to % SECTOR || wr->len % SECTOR || wr->from % SECTOR ||
	    wr->to > INT64_MAX || wr->len > INT64_MAX - wr->to || wr->from > INT64_MAX)
		return STATUS_INVALID_PARAMETER;
	if (call->open->directory)
		return STATUS_OFFLOAD_WRITE_FILE_NOT_SUPPORTED;
	if (wr->len > ioctl_conf(call)->offload_size)
		wr->len = ioctl_conf(call)->offload_size / SECTOR * SECTOR;
	wr->transfer.req = call->req;
	wr->transfer.dest = call->open;
	return redeem(call, wr);
}

/* What the token stands for must still be there. */
static ntstatus still_the_same(struct smb3_req *req, const struct offload_write *wr)
{
	struct smb3_handle *h = wr->transfer.source->handle;
	struct smb3_stat st;
	int err = smb3_vfs_stat(h->mount->top, &req->ctx, h, &st);

	if (err)
		return smb3_status_from_errno(err);
	if (st.size != wr->ticket.size || st.written != wr->ticket.written ||
	    st.changed != wr->ticket.changed)
		return STATUS_INVALID_TOKEN;
	return STATUS_SUCCESS;
}

static ntstatus write_zeros(struct smb3_req *req, const struct offload_write *wr, uint64_t len)
{
	struct smb3_handle *h = req->open->handle;
	ntstatus status = smb3_io_check(req, req->open, FILE_WRITE_DATA, wr->to, len);

	return status ? status :
			smb3_status_from_errno(smb3_vfs_alloc(h->mount->top, &req->ctx, h, wr->to,
							      len, SMB3_ALLOC_ZERO));
}

static ntstatus write_range(struct offload_write *wr, uint64_t len)
{
	ntstatus status = STATUS_SUCCESS;
	uint64_t put = 0;

	while (put < len && !status) {
		struct ioctl_range range = { .from = wr->from + put, .to = wr->to + put };

		range.len = len - put < PIECE ? (uint32_t)(len - put) : PIECE;
		status = ioctl_transfer(&wr->transfer, &range);
		put += wr->transfer.put;
	}
	return status;
}

/* Neither file grows: the last sector counts as whole, but only what is inside is copied. */
static ntstatus offload_write_work(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;
	struct offload_write *wr = io->state;
	struct smb3_stat dest;
	ntstatus status = ioctl_stat(&io->call, &dest);
	uint64_t len, end;

	if (!status && wr->transfer.source)
		status = still_the_same(req, wr);
	if (status)
		return status;
	end = (dest.size + SECTOR - 1) / SECTOR * SECTOR;
	if (wr->to >= end && wr->len)
		return STATUS_END_OF_FILE;
	if (wr->len > end - wr->to)
		wr->len = end - wr->to;
	len = wr->len < dest.size - wr->to ? wr->len : dest.size - wr->to;
	if (wr->transfer.source && len > wr->ticket.size - wr->from)
		len = wr->ticket.size - wr->from;
	if (!len)
		return STATUS_SUCCESS;
	status = wr->transfer.source ? write_range(wr, len) : write_zeros(req, wr, len);
	wr->done = status ? 0 : wr->len;
	return status;
}

static ntstatus offload_write_done(struct smb3_req *req)
{
	struct ioctl_req *io = req->state;
	struct offload_write *wr = io->state;

	if (wr->transfer.source) {
		smb3_open_work_end(wr->transfer.source);
		smb3_open_unref(wr->transfer.source);
	}
	ioctl_modified(&io->call);
	smb3_put_u32(&io->out, WRITE_OUTPUT);
	smb3_put_u32(&io->out, 0); /* Flags */
	smb3_put_u64(&io->out, wr->done);
	return ioctl_done(req);
}

static ntstatus offload_write(struct smb3_fsctl_call *call)
{
	struct offload_write *wr = smb3_arena_alloc(call->req->arena, sizeof(*wr));
	struct ioctl_req *io = call->req->state;
	ntstatus status = decode_write(call, wr);

	if (status) {
		smb3_open_unref(wr->transfer.source);
		return status;
	}
	io->state = wr;
	if (wr->transfer.source)
		smb3_open_work_begin(wr->transfer.source);
	return smb3_req_work(call->req, offload_write_work, offload_write_done, SMB3_WORK_SLOW);
}

const struct smb3_fsctl fsctl_offload_read = {
	.name = "FSCTL_OFFLOAD_READ",
	.flags = SMB3_FSCTL_FILE | SMB3_FSCTL_WORK,
	.min_in = READ_INPUT,
	.min_out = READ_OUTPUT,
	.access = FILE_READ_DATA,
	.run = offload_read,
	.done = offload_read_done,
};

const struct smb3_fsctl fsctl_offload_write = {
	.name = "FSCTL_OFFLOAD_WRITE",
	.flags = SMB3_FSCTL_FILE,
	.min_in = WRITE_INPUT,
	.min_out = WRITE_OUTPUT,
	.access = FILE_WRITE_DATA,
	.run = offload_write,
};
