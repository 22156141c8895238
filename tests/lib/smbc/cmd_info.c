// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_info.c: LOCK, IOCTL, QUERY_DIRECTORY, CHANGE_NOTIFY, QUERY_INFO, SET_INFO, OPLOCK_BREAK.
 * [MS-SMB2] 2.2.24-2.2.39
 */
#include <errno.h>

#include "cmd.h"

static void put_fid(struct smbc_buf *b, struct smbc_fid fid)
{
	smbc_put64(b, fid.persistent);
	smbc_put64(b, fid.temporary);
}

static uint32_t larger(uint64_t a, uint64_t b)
{
	return (uint32_t)(a > b ? a : b);
}

void smbc_put_lock(struct smbc_req *req, struct smbc_fid fid, uint32_t sequence,
		   const struct smbc_lock *locks, uint16_t n)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 48);
	smbc_put16(b, n);
	smbc_put32(b, sequence);
	put_fid(b, fid);
	for (uint16_t i = 0; i < n; i++) {
		smbc_put64(b, locks[i].offset);
		smbc_put64(b, locks[i].length);
		smbc_put32(b, locks[i].flags);
		smbc_put32(b, 0);
	}
}

void smbc_put_ioctl(struct smbc_req *req, const struct smbc_ioctl *i)
{
	struct smbc_buf *b = &req->body;
	uint32_t at = i->in.n ? SMB2_HEADER_SIZE + 56 : 0;

	smbc_put16(b, 57);
	smbc_put16(b, 0);
	smbc_put32(b, i->code);
	put_fid(b, i->fid);
	smbc_put32(b, at);
	smbc_put32(b, (uint32_t)i->in.n);
	smbc_put32(b, i->max_in);
	smbc_put32(b, at);
	smbc_put32(b, 0);
	smbc_put32(b, i->max_out);
	smbc_put32(b, i->flags);
	smbc_put32(b, 0);
	smbc_put_bytes(b, i->in.p, i->in.n);
	if (!i->in.n)
		smbc_put8(b, 0);
	req->payload = larger(i->in.n, (uint64_t)i->max_in + i->max_out);
}

int smbc_ioctl_reply(const struct smbc_reply *reply, struct smbc_part *ret_out)
{
	struct smbc_rd r = smbc_rd(reply->pdu, reply->len), out = smbc_rd("", 0);
	uint32_t at, n;

	smbc_get_skip(&r, SMB2_HEADER_SIZE);
	if (smbc_get16(&r) != 49)
		return -EPROTO;
	smbc_get_skip(&r, 2 + 4 + 16 + 8);
	at = smbc_get32(&r);
	n = smbc_get32(&r);
	if (n)
		out = smbc_rd_sub(&r, at, n);
	if (r.bad)
		return -EPROTO;
	*ret_out = (struct smbc_part){ out.p, out.len };
	return 0;
}

void smbc_put_query_directory(struct smbc_req *req, const struct smbc_query_directory *q)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 33);
	smbc_put8(b, q->info_class);
	smbc_put8(b, q->flags);
	smbc_put32(b, q->index);
	put_fid(b, q->fid);
	smbc_put16(b, SMB2_HEADER_SIZE + 32);
	smbc_put16(b, 0);
	smbc_put32(b, q->max_out);
	smbc_set16(b, 26, (uint16_t)smbc_put_utf16(b, q->pattern));
	if (b->len == 32)
		smbc_put8(b, 0);
	req->payload = q->max_out;
}

void smbc_put_change_notify(struct smbc_req *req, struct smbc_fid fid, uint16_t flags,
			    uint32_t filter, uint32_t max_out)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 32);
	smbc_put16(b, flags);
	smbc_put32(b, max_out);
	put_fid(b, fid);
	smbc_put32(b, filter);
	smbc_put32(b, 0);
	req->payload = max_out;
}

void smbc_put_query_info(struct smbc_req *req, const struct smbc_info *i)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 41);
	smbc_put8(b, i->type);
	smbc_put8(b, i->info_class);
	smbc_put32(b, i->max_out);
	smbc_put16(b, i->in.n ? SMB2_HEADER_SIZE + 40 : 0);
	smbc_put16(b, 0);
	smbc_put32(b, (uint32_t)i->in.n);
	smbc_put32(b, i->additional);
	smbc_put32(b, i->flags);
	put_fid(b, i->fid);
	smbc_put_bytes(b, i->in.p, i->in.n);
	if (!i->in.n)
		smbc_put8(b, 0);
	req->payload = larger(i->in.n, i->max_out);
}

void smbc_put_set_info(struct smbc_req *req, const struct smbc_info *i)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 33);
	smbc_put8(b, i->type);
	smbc_put8(b, i->info_class);
	smbc_put32(b, (uint32_t)i->in.n);
	smbc_put16(b, SMB2_HEADER_SIZE + 32);
	smbc_put16(b, 0);
	smbc_put32(b, i->additional);
	put_fid(b, i->fid);
	smbc_put_bytes(b, i->in.p, i->in.n);
	if (!i->in.n)
		smbc_put8(b, 0);
	req->payload = (uint32_t)i->in.n;
}

int smbc_output_reply(const struct smbc_reply *reply, struct smbc_part *ret_out)
{
	struct smbc_rd r = smbc_rd(reply->pdu, reply->len), out = smbc_rd("", 0);
	uint16_t at;
	uint32_t n;

	smbc_get_skip(&r, SMB2_HEADER_SIZE);
	if (smbc_get16(&r) != 9)
		return -EPROTO;
	at = smbc_get16(&r);
	n = smbc_get32(&r);
	if (n)
		out = smbc_rd_sub(&r, at, n);
	if (r.bad)
		return -EPROTO;
	*ret_out = (struct smbc_part){ out.p, out.len };
	return 0;
}

void smbc_put_oplock_ack(struct smbc_req *req, struct smbc_fid fid, uint8_t level)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 24);
	smbc_put8(b, level);
	smbc_put_zero(b, 5);
	put_fid(b, fid);
}

void smbc_put_lease_ack(struct smbc_req *req, const uint8_t key[16], uint32_t state)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 36);
	smbc_put16(b, 0);
	smbc_put32(b, 0);
	smbc_put_bytes(b, key, 16);
	smbc_put32(b, state);
	smbc_put64(b, 0);
}
