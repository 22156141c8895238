// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_file.c: trees, CREATE, CLOSE, FLUSH, READ, WRITE. [MS-SMB2] 2.2.9-2.2.22
 */
#include <errno.h>
#include <string.h>

#include "cmd.h"

struct smbc_req *smbc_tree_req(struct smbc_session *session, uint32_t tid, uint16_t command)
{
	struct smbc_req *req = smbc_req_new(session->conn, session, command);

	req->hdr.tid = tid;
	return req;
}

static void put_fid(struct smbc_buf *b, struct smbc_fid fid)
{
	smbc_put64(b, fid.persistent);
	smbc_put64(b, fid.temporary);
}

void smbc_put_empty(struct smbc_req *req)
{
	smbc_put16(&req->body, 4);
	smbc_put16(&req->body, 0);
}

void smbc_put_tree_connect(struct smbc_req *req, const char *path)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 9);
	smbc_put16(b, 0);
	smbc_put16(b, SMB2_HEADER_SIZE + 8);
	smbc_put16(b, 0);
	smbc_set16(b, 6, (uint16_t)smbc_put_utf16(b, path));
}

int smbc_tree_reply(const struct smbc_reply *reply, struct smbc_tree_info *ret)
{
	struct smbc_rd r = smbc_rd(reply->pdu, reply->len);
	struct smbc_tree_info t = { .tid = reply->hdr.tid };

	smbc_get_skip(&r, SMB2_HEADER_SIZE);
	if (smbc_get16(&r) != 16)
		return -EPROTO;
	t.type = smbc_get8(&r);
	smbc_get_skip(&r, 1);
	t.flags = smbc_get32(&r);
	t.capabilities = smbc_get32(&r);
	t.max_access = smbc_get32(&r);
	if (r.bad)
		return -EPROTO;
	*ret = t;
	return 0;
}

void smbc_put_context(struct smbc_buf *b, size_t *last, struct smbc_part tag, struct smbc_part data)
{
	size_t at;

	smbc_put_align(b, 0, 8);
	at = b->len;
	if (*last != SIZE_MAX)
		smbc_set32(b, *last, (uint32_t)(at - *last));
	*last = at;
	smbc_put32(b, 0);
	smbc_put16(b, 16);
	smbc_put16(b, (uint16_t)tag.n);
	smbc_put32(b, 0);
	smbc_put32(b, (uint32_t)data.n);
	smbc_put_bytes(b, tag.p, tag.n);
	smbc_put_align(b, at, 8);
	smbc_set16(b, at + 10, (uint16_t)(data.n ? b->len - at : 0));
	smbc_put_bytes(b, data.p, data.n);
}

void smbc_put_create(struct smbc_req *req, const struct smbc_create *c)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 57);
	smbc_put8(b, 0);
	smbc_put8(b, c->oplock);
	smbc_put32(b, c->impersonation);
	smbc_put_zero(b, 16); /* SmbCreateFlags, Reserved */
	smbc_put32(b, c->access);
	smbc_put32(b, c->attributes);
	smbc_put32(b, c->share);
	smbc_put32(b, c->disposition);
	smbc_put32(b, c->options);
	smbc_put16(b, SMB2_HEADER_SIZE + 56);
	smbc_put_zero(b, 2 + 8); /* NameLength, contexts */
	if (c->raw_name.p)
		smbc_put_bytes(b, c->raw_name.p, c->raw_name.n);
	else
		smbc_put_utf16(b, c->name);
	smbc_set16(b, 46, (uint16_t)(b->len - 56));
	if (c->contexts.n) {
		smbc_put_align(b, 0, 8);
		smbc_set32(b, 48, (uint32_t)(SMB2_HEADER_SIZE + b->len));
		smbc_set32(b, 52, (uint32_t)c->contexts.n);
		smbc_put_bytes(b, c->contexts.p, c->contexts.n);
	}
	if (b->len == 56)
		smbc_put8(b, 0); /* the buffer is never empty, even when the name is */
}

int smbc_create_reply(const struct smbc_reply *reply, struct smbc_created *ret)
{
	struct smbc_rd r = smbc_rd(reply->pdu, reply->len), contexts = smbc_rd("", 0);
	struct smbc_created c;
	uint32_t at, n;

	smbc_get_skip(&r, SMB2_HEADER_SIZE);
	if (smbc_get16(&r) != 89)
		return -EPROTO;
	c.oplock = smbc_get8(&r);
	c.flags = smbc_get8(&r);
	c.action = smbc_get32(&r);
	for (int i = 0; i < 4; i++)
		c.times[i] = smbc_get64(&r);
	c.allocation = smbc_get64(&r);
	c.size = smbc_get64(&r);
	c.attributes = smbc_get32(&r);
	smbc_get_skip(&r, 4);
	c.fid.persistent = smbc_get64(&r);
	c.fid.temporary = smbc_get64(&r);
	at = smbc_get32(&r);
	n = smbc_get32(&r);
	if (n)
		contexts = smbc_rd_sub(&r, at, n);
	if (r.bad)
		return -EPROTO;
	c.contexts = (struct smbc_part){ contexts.p, contexts.len };
	*ret = c;
	return 0;
}

void smbc_put_close(struct smbc_req *req, struct smbc_fid fid, uint16_t flags)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 24);
	smbc_put16(b, flags);
	smbc_put32(b, 0);
	put_fid(b, fid);
}

void smbc_put_flush(struct smbc_req *req, struct smbc_fid fid)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 24);
	smbc_put_zero(b, 6);
	put_fid(b, fid);
}

void smbc_put_read(struct smbc_req *req, const struct smbc_io *io)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 49);
	smbc_put8(b, SMB2_HEADER_SIZE + 16); /* where we should like the data to begin */
	smbc_put8(b, (uint8_t)io->flags);
	smbc_put32(b, io->length);
	smbc_put64(b, io->offset);
	put_fid(b, io->fid);
	smbc_put32(b, io->minimum);
	smbc_put32(b, 0);
	smbc_put32(b, io->remaining);
	smbc_put32(b, 0);
	smbc_put8(b, 0);
	req->payload = io->length;
}

void smbc_put_write(struct smbc_req *req, const struct smbc_io *io)
{
	struct smbc_buf *b = &req->body;

	smbc_put16(b, 49);
	smbc_put16(b, SMB2_HEADER_SIZE + 48);
	smbc_put32(b, io->length);
	smbc_put64(b, io->offset);
	put_fid(b, io->fid);
	smbc_put32(b, 0);
	smbc_put32(b, io->remaining);
	smbc_put32(b, 0);
	smbc_put32(b, io->flags);
	req->data = io->data;
	req->data_len = io->length;
	req->payload = io->length;
	if (!io->length)
		smbc_put8(b, 0);
}

int smbc_read_reply(const struct smbc_reply *reply, struct smbc_part *ret_data)
{
	struct smbc_rd r = smbc_rd(reply->pdu, reply->len), data = smbc_rd("", 0);
	uint8_t at;
	uint32_t n;

	smbc_get_skip(&r, SMB2_HEADER_SIZE);
	if (smbc_get16(&r) != 17)
		return -EPROTO;
	at = smbc_get8(&r);
	smbc_get_skip(&r, 1);
	n = smbc_get32(&r);
	if (n)
		data = smbc_rd_sub(&r, at, n);
	if (r.bad)
		return -EPROTO;
	*ret_data = (struct smbc_part){ data.p, data.len };
	return 0;
}

int smbc_write_reply(const struct smbc_reply *reply, uint32_t *ret_count)
{
	struct smbc_rd r = smbc_rd(reply->pdu, reply->len);
	uint32_t n;

	smbc_get_skip(&r, SMB2_HEADER_SIZE);
	if (smbc_get16(&r) != 17)
		return -EPROTO;
	smbc_get_skip(&r, 2);
	n = smbc_get32(&r);
	if (r.bad)
		return -EPROTO;
	*ret_count = n;
	return 0;
}
