// SPDX-License-Identifier: Apache-2.0
/*
 * reply.c: headers of replies, compounds of replies, signatures, interim replies.
 * [MS-SMB2] 3.3.4.1
 */
#include "core.h"

#define IOV_PER_REPLY 4 /* header, body, payload, padding */

static const uint8_t padding[8];

static void out_add(struct smb3_out *out, const void *data, size_t len)
{
	if (!len)
		return;
	assert(out->n_iov < out->max_iov);
	out->iov[out->n_iov].iov_base = (void *)(uintptr_t)data;
	out->iov[out->n_iov++].iov_len = len;
	out->len += len;
}

/* ErrorData is at least one byte; in 3.1.1 what it says stands in a context. 2.2.2 */
static void error_body(struct smb3_req *req)
{
	struct smb3_builder *out = &req->out;
	bool context = req->error_len && req->conn->revision >= SMB2_DIALECT_0311;

	smb3_builder_cut(out, 0);
	out->bad = false;
	smb3_put_u16(out, 9);
	smb3_put_u16(out, context); /* ErrorContextCount */
	smb3_put_u32(out, (uint32_t)req->error_len + (context ? 8 : 0));
	if (context) {
		smb3_put_u32(out, (uint32_t)req->error_len);
		smb3_put_u32(out, 0); /* SMB2_ERROR_ID_DEFAULT */
	}
	if (req->error_len)
		smb3_put_bytes(out, req->error_data, req->error_len);
	else
		smb3_put_u8(out, 0);
}

static uint16_t reply_credits(struct smb3_req *req)
{
	struct smb3_conn *conn = req->conn;
	uint16_t charge = req->hdr.credit_charge ? req->hdr.credit_charge : 1;

	/* The interim reply has granted already. */
	if (req->async_id || req->inner)
		return 0;
	return smb3_credits_grant(&conn->credits, req->hdr.credits, charge);
}

static struct smb3_header reply_header(struct smb3_req *req, ntstatus status)
{
	const uint32_t keep = SMB2_FLAGS_RELATED_OPERATIONS | SMB2_FLAGS_PRIORITY_MASK;
	struct smb3_header h = {
		.credit_charge = req->hdr.credit_charge,
		.status = status,
		.command = req->hdr.command,
		.credits = reply_credits(req),
		.flags = SMB2_FLAGS_SERVER_TO_REDIR | (req->hdr.flags & keep),
		.message_id = req->hdr.message_id,
		.tree_id = req->hdr.tree_id,
		.session_id = req->hdr.session_id,
	};

	if (req->async_id) {
		h.flags |= SMB2_FLAGS_ASYNC_COMMAND;
		h.async_id = req->async_id;
	}
	return h;
}

static bool reply_signs(const struct smb3_req *req)
{
	return req->sign_reply && !req->encrypted && req->channel && req->channel->sign_ctx;
}

int smb3_pdu_sign(struct smb3_channel *ch, struct iovec *iov, int n)
{
	uint8_t *header = iov[0].iov_base;
	struct smb3_cursor c = smb3_cursor_init(header, SMB2_HEADER_SIZE);
	struct smb3_sign_info info = { .from_server = true };
	uint8_t signature[16] = { 0 };
	uint32_t flags;

	smb3_cursor_seek(&c, 16);
	flags = smb3_get_u32(&c) | SMB2_FLAGS_SIGNED;
	smb3_store_u32(header + 16, flags);
	smb3_cursor_seek(&c, 24);
	info.message_id = smb3_get_u64(&c);
	memset(header + 48, 0, sizeof(signature));
	if (ch->sign->sign(ch->sign_ctx, &info, iov, n, signature) < 0) {
		smb3_log_conn(ch->conn, SMB3_LOG_ERROR, "signing with %s failed", ch->sign->name);
		return -EIO;
	}
	memcpy(header + 48, signature, sizeof(signature));
	return 0;
}

/* The last reply so far is complete: padded unless it is the only one, chained to the next one or
 * not, signed. 3.3.4.1.3 */
static void reply_seal(struct smb3_chain *chain, bool more)
{
	struct smb3_out *out = chain->out;
	struct smb3_req *req = chain->reply_req;
	uint8_t *header;
	bool built;

	if (!req)
		return;
	header = out->iov[chain->reply_iov].iov_base;
	if (more || chain->reply_iov) {
		size_t pad = -chain->reply_len & 7;

		out_add(out, padding, pad);
		if (more)
			smb3_store_u32(header + 20, (uint32_t)(chain->reply_len + pad));
	}
	built = req->command && req->command->built;
	if (reply_signs(req) && !more && !built) {
		out->signer = smb3_channel_ref(req->channel); /* on its way out: smb3_wire_send() */
		out->sign_from = chain->reply_iov;
	} else if (reply_signs(req)) {
		if (smb3_pdu_sign(req->channel, &out->iov[chain->reply_iov],
				  out->n_iov - chain->reply_iov) < 0)
			smb3_conn_close(req->conn, "a reply could not be signed");
	}
	if (built)
		req->command->built(req, header, out->iov[chain->reply_iov].iov_len);
	chain->reply_req = NULL;
}

/* Header and body in one piece when the body did not outgrow its first block. */
static void reply_pieces(struct smb3_req *req, struct smb3_out *out)
{
	uint8_t *header = req->head + SMB3_OUT_HEADROOM;
	bool whole = req->out.data == header + SMB2_HEADER_SIZE;

	if (!whole && req->command && req->command->built) {
		uint8_t *block = smb3_arena_alloc(req->arena, SMB3_OUT_HEADROOM + SMB2_HEADER_SIZE +
								      req->out.len);

		memcpy(block + SMB3_OUT_HEADROOM, header, SMB2_HEADER_SIZE);
		memcpy(block + SMB3_OUT_HEADROOM + SMB2_HEADER_SIZE, req->out.data, req->out.len);
		header = block + SMB3_OUT_HEADROOM;
		whole = true;
	}
	out_add(out, header, SMB2_HEADER_SIZE + (whole ? req->out.len : 0));
	if (!whole)
		out_add(out, req->out.data, req->out.len);
}

void smb3_reply_add(struct smb3_req *req)
{
	struct smb3_chain *chain = req->chain;
	ntstatus status = req->status;
	struct smb3_header h;

	if (req->conn->closing && !req->inner)
		return;
	if (smb3_status_is_error(status) && status != STATUS_MORE_PROCESSING_REQUIRED &&
	    !req->keep_body)
		error_body(req);
	if (req->out.bad) {
		smb3_log_req(req, SMB3_LOG_ERROR, "the reply outgrew its limit");
		status = STATUS_INSUFFICIENT_RESOURCES;
		error_body(req);
	}
	if (!chain->out)
		chain->out =
			smb3_out_new(chain->arena, req->conn, (int)chain->count * IOV_PER_REPLY);
	reply_seal(chain, true);
	/* What was granted with an open is told before it is broken. */
	chain->out->at_once |= req->hdr.command == SMB2_CREATE;
	h = reply_header(req, status);
	smb3_header_put(req->head + SMB3_OUT_HEADROOM, &h);
	chain->reply_iov = chain->out->n_iov;
	chain->reply_len = SMB2_HEADER_SIZE + req->out.len;
	chain->reply_req = req;
	reply_pieces(req, chain->out);
	if (req->payload && !smb3_status_is_error(status)) {
		out_add(chain->out, req->payload->data, req->payload->len);
		chain->reply_len += req->payload->len;
		chain->out->bufs[chain->out->n_bufs++] = req->payload;
		req->payload = NULL;
	}
}

void smb3_reply_send(struct smb3_chain *chain)
{
	if (chain->out)
		reply_seal(chain, false);
	smb3_chain_free(chain);
}

/* Replies that are ready go along with an interim one; copied, for their memory is the chain's. */
static uint8_t *interim_take_replies(struct smb3_chain *chain, struct smb3_arena *arena,
				     size_t *ret_len)
{
	struct smb3_out *old = chain->out;
	uint8_t *block, *p;

	if (!old) {
		*ret_len = 0;
		return smb3_arena_alloc(arena, SMB3_OUT_HEADROOM + SMB2_HEADER_SIZE + 9);
	}
	reply_seal(chain, true);
	block = smb3_arena_alloc(arena, SMB3_OUT_HEADROOM + old->len + SMB2_HEADER_SIZE + 9);
	p = block + SMB3_OUT_HEADROOM;
	for (int i = 0; i < old->n_iov; i++) {
		memcpy(p, old->iov[i].iov_base, old->iov[i].iov_len);
		p += old->iov[i].iov_len;
	}
	for (int i = 0; i < old->n_bufs; i++)
		smb3_buf_put(chain->conn->worker->bufs, old->bufs[i]);
	*ret_len = old->len;
	chain->out = NULL;
	chain->reply_iov = -1;
	return block;
}

/* Not signed: with AES-GMAC the final reply of the same message id would repeat its nonce.
 * 3.3.4.2 */
void smb3_reply_interim(struct smb3_req *req)
{
	struct smb3_chain *chain = req->chain;
	struct smb3_conn *conn = req->conn;
	struct smb3_arena *arena;
	struct smb3_header h;
	struct smb3_out *out;
	uint8_t *block, *pdu;
	size_t before;

	if (req->async_id || conn->closing)
		return;
	if (req->inner) { /* it only counts among those that wait */
		req->async_id = ++conn->last_async_id;
		smb3_hash_add(&conn->async, &req->async_node, req->async_id);
		return;
	}
	arena = smb3_worker_arena(conn->worker);
	block = interim_take_replies(chain, arena, &before);
	h = reply_header(req, STATUS_PENDING);
	req->async_id = h.async_id = ++conn->last_async_id;
	h.flags |= SMB2_FLAGS_ASYNC_COMMAND;
	smb3_hash_add(&conn->async, &req->async_node, req->async_id);
	pdu = block + SMB3_OUT_HEADROOM + before;
	smb3_header_put(pdu, &h);
	smb3_store_u16(pdu + SMB2_HEADER_SIZE, 9);
	out = smb3_out_new(arena, conn, IOV_PER_REPLY);
	out_add(out, block + SMB3_OUT_HEADROOM, before + SMB2_HEADER_SIZE + 9);
	out->at_once = true;
	smb3_wire_send(conn, chain->session, chain->in.encrypted, out);
}

void smb3_conn_notify(struct smb3_conn *conn, struct smb3_session *session, const void *pdu,
		      size_t len)
{
	struct smb3_arena *arena = smb3_worker_arena(conn->worker);
	struct smb3_out *out = smb3_out_new(arena, conn, IOV_PER_REPLY);
	uint8_t *block = smb3_arena_alloc(arena, SMB3_OUT_HEADROOM + len);

	memcpy(block + SMB3_OUT_HEADROOM, pdu, len);
	out_add(out, block + SMB3_OUT_HEADROOM, len);
	smb3_wire_send(conn, session, session && (session->encrypt_required || session->encrypts),
		       out);
}
