// SPDX-License-Identifier: Apache-2.0
/*
 * pdu.c: a received message becomes a chain of requests: headers, lengths, credits.
 * What is wrong here ends the connection; what is wrong further in is answered. [MS-SMB2] 2.2.1,
 * 3.3.5.2
 */
#include "core.h"

#define FIRST_BLOCK 256 /* of a reply's body; most fit */

static void header_get(struct smb3_cursor *c, struct smb3_header *h)
{
	const uint8_t *signature;

	h->credit_charge = smb3_get_u16(c);
	h->status = smb3_get_u32(c);
	h->command = smb3_get_u16(c);
	h->credits = smb3_get_u16(c);
	h->flags = smb3_get_u32(c);
	h->next = smb3_get_u32(c);
	h->message_id = smb3_get_u64(c);
	if (h->flags & SMB2_FLAGS_ASYNC_COMMAND) {
		h->async_id = smb3_get_u64(c);
	} else {
		smb3_get_u32(c); /* process id */
		h->tree_id = smb3_get_u32(c);
	}
	h->session_id = smb3_get_u64(c);
	signature = smb3_get_bytes(c, sizeof(h->signature));
	if (signature)
		memcpy(h->signature, signature, sizeof(h->signature));
}

void smb3_header_put(uint8_t *p, const struct smb3_header *h)
{
	smb3_store_u32(p, SMB2_MAGIC);
	smb3_store_u16(p + 4, SMB2_HEADER_SIZE);
	smb3_store_u16(p + 6, h->credit_charge);
	smb3_store_u32(p + 8, h->status);
	smb3_store_u16(p + 12, h->command);
	smb3_store_u16(p + 14, h->credits);
	smb3_store_u32(p + 16, h->flags);
	smb3_store_u32(p + 20, h->next);
	smb3_store_u64(p + 24, h->message_id);
	if (h->flags & SMB2_FLAGS_ASYNC_COMMAND) {
		smb3_store_u64(p + 32, h->async_id);
	} else {
		smb3_store_u32(p + 32, 0xFEFF); /* the field that was a process id */
		smb3_store_u32(p + 36, h->tree_id);
	}
	smb3_store_u64(p + 40, h->session_id);
	memcpy(p + 48, h->signature, sizeof(h->signature));
}

static const char *header_fault(const struct smb3_header *h, size_t left)
{
	if (h->flags & SMB2_FLAGS_SERVER_TO_REDIR)
		return "a response was sent to the server";
	if (h->next && (h->next % 8 || h->next < SMB2_HEADER_SIZE || h->next >= left))
		return "NextCommand does not lead to another request";
	return NULL;
}

static bool credits_taken(struct smb3_conn *conn, const struct smb3_header *h)
{
	bool multi = conn->dialect && conn->dialect->multi_credit;
	uint32_t charge = multi && h->credit_charge ? h->credit_charge : 1;

	return h->command == SMB2_CANCEL ||
	       smb3_credits_take(&conn->credits, h->message_id, charge);
}

static struct smb3_req *req_new(struct smb3_chain *chain, const uint8_t *pdu, size_t len)
{
	struct smb3_server *server = chain->conn->server;
	struct smb3_req *req = smb3_arena_alloc(chain->arena, server->slots.size[SMB3_SLOT_REQ]);

	req->magic = SMB3_REQ_MAGIC;
	req->chain = chain;
	req->index = chain->count++;
	req->server = server;
	req->worker = chain->conn->worker;
	req->conn = chain->conn;
	req->arena = req->ctx.arena = chain->arena;
	req->ctx.req = req;
	req->pdu = pdu;
	req->pdu_len = len;
	req->encrypted = chain->in.encrypted;
	req->inner = chain->in.inner;
	req->began = smb3_clock();
	smb3_list_init(&req->open_link);
	smb3_list_init(&req->wait_link);
	smb3_list_init(&req->late_link);
	req->head =
		smb3_arena_alloc(chain->arena, SMB3_OUT_HEADROOM + SMB2_HEADER_SIZE + FIRST_BLOCK);
	req->out = smb3_builder_init(req->head + SMB3_OUT_HEADROOM + SMB2_HEADER_SIZE, FIRST_BLOCK);
	req->out.arena = chain->arena;
	req->out.max = smb3_server_limits(server)->max_io + 4096;
	smb3_slots_init(server, SMB3_SLOT_REQ, req);
	return req;
}

/* One request at data; its length, or 0 with the fault. */
static size_t chain_add(struct smb3_chain *chain, struct smb3_req ***tail, const uint8_t *data,
			size_t left, const char **ret_fault)
{
	struct smb3_cursor c = smb3_cursor_init(data, left);
	struct smb3_header h = { 0 };
	struct smb3_req *req;
	uint32_t magic = smb3_get_u32(&c);
	uint16_t size = smb3_get_u16(&c);
	size_t len;

	header_get(&c, &h);
	*ret_fault = header_fault(&h, left);
	if (!smb3_cursor_ok(&c) || magic != SMB2_MAGIC || size != SMB2_HEADER_SIZE)
		*ret_fault = "not an SMB2 header";
	else if (!*ret_fault && chain->in.inner)
		h.session_id = chain->in.session_id;
	else if (!*ret_fault && chain->count >= smb3_server_limits(chain->conn->server)->compound)
		*ret_fault = "more requests in one message than limits.compound";
	else if (!*ret_fault && !credits_taken(chain->conn, &h))
		*ret_fault = "a message id outside of the credits granted";
	if (*ret_fault)
		return 0;
	len = h.next ? h.next : left;
	req = req_new(chain, data, len);
	req->hdr = h;
	req->body = smb3_cursor_init(data, len);
	smb3_cursor_seek(&req->body, SMB2_HEADER_SIZE);
	**tail = req;
	*tail = &req->next;
	return len;
}

static void chain_accept(struct smb3_chain *chain)
{
	struct smb3_conn *conn = smb3_conn_ref(chain->conn);

	chain->current = chain->first;
	chain->reply_iov = -1;
	/* Whatever the requests say: the replies go under the keys that opened the message. */
	if (chain->in.encrypted)
		chain->session = smb3_session_find(conn->client, chain->in.session_id);
	if (chain->session)
		smb3_session_ref(chain->session);
	smb3_list_add(&conn->chains, &chain->link);
	conn->n_requests += chain->count;
	conn->requests += chain->count;
	chain->cost = smb3_chain_cost(chain);
	smb3_conn_hold(conn, &conn->in_bytes, conn->in_bytes + chain->cost);
}

struct smb3_chain *smb3_chain_new(struct smb3_conn *conn, struct smb3_in *in, const char **ret_why)
{
	struct smb3_arena *arena = smb3_worker_arena(conn->worker);
	struct smb3_chain *chain = smb3_arena_alloc(arena, sizeof(*chain));
	struct smb3_req **tail = &chain->first;
	const char *fault = NULL;
	size_t at = 0;

	chain->magic = SMB3_CHAIN_MAGIC;
	chain->conn = conn;
	chain->in = *in;
	chain->arena = arena;
	do {
		at += chain_add(chain, &tail, in->data + at, in->len - at, &fault);
	} while (!fault && at < in->len);
	if (fault) {
		for (struct smb3_req *r = chain->first; r; r = r->next)
			smb3_slots_fini(conn->server, SMB3_SLOT_REQ, r);
		smb3_worker_arena_put(conn->worker, arena);
		*ret_why = fault;
		return NULL;
	}
	chain_accept(chain);
	return chain;
}

static void req_release(struct smb3_req *req)
{
	smb3_slots_fini(req->server, SMB3_SLOT_REQ, req);
	smb3_buf_put(req->worker->bufs, req->payload);
	smb3_open_unref(req->open);
	smb3_identity_unref(req->who);
	smb3_tree_unref(req->tree);
	smb3_channel_unref(req->channel);
	smb3_session_unref(req->session);
	req->magic = 0;
}

/* All is answered. The arena stays with the replies on their way out, if there are any. */
void smb3_chain_free(struct smb3_chain *chain)
{
	struct smb3_conn *conn = chain->conn;
	struct smb3_out *out = chain->out;
	struct smb3_session *session = chain->session;

	SMB3_CHECK(chain, SMB3_CHAIN_MAGIC);
	for (struct smb3_req *r = chain->first; r; r = r->next)
		req_release(r);
	smb3_list_remove(&chain->link);
	smb3_conn_hold(conn, &conn->in_bytes, conn->in_bytes - chain->cost);
	smb3_buf_put(conn->worker->bufs, chain->in.buf);
	chain->magic = 0;
	if (chain->in.inner)
		smb3_inner_end(chain);
	if (out && !chain->in.inner)
		smb3_wire_send(conn, session, chain->in.encrypted, out);
	else
		smb3_worker_arena_put(conn->worker, chain->arena);
	smb3_session_unref(session);
	smb3_conn_flow(conn);
	smb3_conn_unref(conn);
}
