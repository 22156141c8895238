// SPDX-License-Identifier: Apache-2.0
/*
 * inner.c: chains of requests that the server makes itself. pdu.c, dispatch.c and reply.c know them by
 * smb3_req.inner; what becomes of their replies is here.
 */
#include "core.h"

#define INNER_MAX 16 /* compounds of a session at a time */

struct smb3_inner {
	struct smb3_mail mail;
	struct smb3_session *session; /* a reference */
	smb3_inner_then then;
	void *arg;
	uint32_t tree_id; /* that it has made; 0: none */
	uint8_t *replies;
	size_t len;
};

static void inner_free(struct smb3_inner *inner)
{
	smb3_session_unref(inner->session);
	free(inner->replies);
	free(inner);
}

/* From the loop, since closing a tree cancels requests: chains may end while others are walked. */
static void inner_over(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct smb3_inner *inner = SMB3_CONTAINER(mail, struct smb3_inner, mail);
	struct smb3_tree *t = smb3_tree_find(inner->session, inner->tree_id);

	w->busy_with = "inner requests";
	if (t)
		smb3_tree_close(t);
	inner->session->n_inner--;
	inner->then(inner->arg, inner->replies, inner->len);
	inner_free(inner);
}

void smb3_inner_end(struct smb3_chain *chain)
{
	struct smb3_inner *inner = chain->in.inner;
	struct smb3_out *out = chain->out;

	inner->tree_id = chain->own_tree;
	if (out)
		inner->replies = smb3_alloc(out->len);
	for (int i = 0; inner->replies && i < out->n_iov; i++) {
		memcpy(inner->replies + inner->len, out->iov[i].iov_base, out->iov[i].iov_len);
		inner->len += out->iov[i].iov_len;
	}
	for (int i = 0; out && i < out->n_bufs; i++)
		smb3_buf_put(chain->conn->worker->bufs, out->bufs[i]);
	smb3_mail_post(chain->conn->worker, &inner->mail);
}

struct smb3_conn *smb3_session_conn(const struct smb3_session *s, const char *peer)
{
	struct smb3_conn *any = NULL;

	SMB3_LIST_EACH(&s->channels, node) {
		struct smb3_channel *ch = SMB3_CONTAINER(node, struct smb3_channel, session_link);

		if (!ch->bound || ch->conn->closing)
			continue;
		if (!peer || !strcmp(ch->conn->peer_name, peer))
			return ch->conn;
		any = any ? any : ch->conn;
	}
	return any;
}

int smb3_inner_start(struct smb3_session *s, const struct smb3_inner_call *call)
{
	struct smb3_conn *conn = smb3_session_conn(s, call->peer);
	struct smb3_in in = { .len = call->len,
			      .encrypted = s->encrypt_required,
			      .session_id = s->id };
	struct smb3_chain *chain;
	const char *why;

	if (!conn)
		return -ENOTCONN;
	if (s->n_inner >= INNER_MAX || smb3_conn_full(conn) || smb3_memory_short(conn->worker))
		return -EBUSY;
	in.buf = smb3_buf_get(conn->worker->bufs, in.len);
	in.data = memcpy(in.buf->data, call->pdus, in.len);
	in.inner = smb3_alloc(sizeof(*in.inner));
	in.inner->mail.fn = inner_over;
	in.inner->session = smb3_session_ref(s);
	in.inner->then = call->then;
	in.inner->arg = call->arg;
	chain = smb3_chain_new(conn, &in, &why);
	if (!chain) {
		smb3_buf_put(conn->worker->bufs, in.buf);
		inner_free(in.inner);
		return -EINVAL;
	}
	s->n_inner++;
	smb3_conn_ref(conn);
	smb3_chain_run(chain);
	smb3_conn_flow(conn);
	smb3_conn_unref(conn);
	return 0;
}
