// SPDX-License-Identifier: Apache-2.0
/*
 * wire.c: whole messages: the layers that unwrap and wrap them, and their way to the transport.
 */
#include "core.h"

/* Replies that take so long to sign or encrypt go by the pool: while others of the connection wait and a
 * processor is free, and when other connections do. What the way costs: doc/performance.md */
#define SEAL_LARGE (64u << 10)
#define SEAL_BUSY  50000u
#define SEAL_LONG  400000u
#define MIB        (1u << 20)

static const struct smb3_layer *layer_of(struct smb3_server *server, uint32_t magic)
{
	return smb3_row(server, SMB3_KIND_LAYER, magic);
}

/* At most one turn per layer: a bomb of nested wrappings stops here. */
int smb3_wire_unwrap(struct smb3_conn *conn, struct smb3_in *in)
{
	const struct smb3_layer *seen[4];
	size_t max = smb3_conn_limit(conn), turns = 0;

	for (;;) {
		struct smb3_cursor c = smb3_cursor_init(in->data, in->len);
		uint32_t magic = smb3_get_u32(&c);
		const struct smb3_layer *layer;

		if (!smb3_cursor_ok(&c))
			return -EPROTO;
		if (magic == SMB2_MAGIC)
			return 0;
		layer = layer_of(conn->server, magic);
		if (!layer || turns == SMB3_ARRAY_SIZE(seen))
			return -EPROTO;
		for (size_t i = 0; i < turns; i++)
			if (seen[i] == layer)
				return -EPROTO;
		seen[turns++] = layer;
		if (layer->unwrap(conn, in, max) != STATUS_SUCCESS)
			return -EPROTO;
	}
}

struct smb3_out *smb3_out_new(struct smb3_arena *arena, struct smb3_conn *conn, int max_iov)
{
	struct smb3_out *out = smb3_arena_alloc(arena, sizeof(*out));

	out->arena = arena;
	out->conn = conn;
	out->max_iov = max_iov;
	out->iov = smb3_arena_alloc(arena, (size_t)max_iov * sizeof(*out->iov));
	out->bufs = smb3_arena_alloc(arena, (size_t)max_iov * sizeof(struct smb3_buf *));
	return out;
}

void smb3_out_free(struct smb3_out *out)
{
	struct smb3_conn *conn = out->conn;

	smb3_conn_hold(conn, &conn->out_bytes, conn->out_bytes - out->queued);
	smb3_channel_unref(out->signer);
	for (int i = 0; i < out->n_bufs; i++)
		smb3_buf_put(conn->worker->bufs, out->bufs[i]);
	smb3_worker_arena_put(conn->worker, out->arena);
	smb3_conn_flow(conn);
}

static int out_wrap(struct smb3_conn *conn, struct smb3_session *session, bool encrypt,
		    struct smb3_out *out)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(conn->server, SMB3_KIND_LAYER, &n);
	int last = INT32_MIN;

	for (;;) {
		const struct smb3_layer *best = NULL;

		for (size_t i = 0; i < n; i++) {
			const struct smb3_layer *l = rows[i]->row;

			if (l->wrap && l->order > last && (!best || l->order < best->order))
				best = l;
		}
		if (!best)
			return 0;
		last = best->order;
		if (best->wrap(conn, session, encrypt, out) < 0)
			return -EIO;
	}
}

/* A reply that is signed and encrypted, on the loop or on the pool. */
struct sealing {
	struct smb3_job job;
	struct smb3_out *out;
	struct smb3_session *session; /* a reference on the way by the pool; or NULL */
	bool encrypt, large, failed;
	uint64_t ns;
};

static void seal_work(struct smb3_job *job)
{
	struct sealing *s = SMB3_CONTAINER(job, struct sealing, job);
	struct smb3_out *out = s->out;
	uint64_t began = s->large ? smb3_clock() : 0;

	s->failed = (out->signer && smb3_pdu_sign(out->signer, out->iov + out->sign_from,
						  out->n_iov - out->sign_from) < 0) ||
		    out_wrap(out->conn, s->session, s->encrypt, out) < 0;
	s->ns = s->large ? smb3_clock() - began : 0;
}

/* A busy machine makes things look slow: what was quick counts at once, what was slow bit by bit. */
static void seal_learn(const struct sealing *s)
{
	uint64_t *cost = &s->out->conn->seal_cost, now = s->ns * MIB / s->out->len;

	if (s->large)
		*cost = !*cost || now < *cost ? now : *cost + (now - *cost) / 16;
}

static void seal_over(struct sealing *s)
{
	struct smb3_out *out = s->out;
	struct smb3_conn *conn = out->conn;

	seal_learn(s);
	if (s->failed || conn->closing) {
		smb3_out_free(out);
		if (s->failed)
			smb3_conn_close(conn, "a reply could not be wrapped");
		return;
	}
	conn->bytes_out += out->len;
	conn->transport->send(conn, out);
}

static void seal_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct sealing s = *SMB3_CONTAINER(job, struct sealing, job);
	struct smb3_conn *conn = s.out->conn;

	w->busy_with = "reply";
	w->sealing--;
	seal_over(&s);
	smb3_session_sealed(s.session);
	smb3_session_unref(s.session);
	smb3_conn_unref(conn);
}

/* While others wait the loop takes its part: more threads than processors only hold each other up, and
 * the client's may be among them. It takes all when the pool's threads have other work, which may last: a
 * disk that hangs. */
static bool seals_on_pool(const struct sealing *s)
{
	const struct smb3_conn *conn = s->out->conn;
	struct smb3_worker *w = conn->worker;
	bool helps = conn->more && (!w->sealing || w->sealing + 1 < w->server->n_workers);
	bool alone = w->conns.next == w->conns.prev; /* nobody else to be held up */
	uint64_t ns = s->out->len * conn->seal_cost / MIB;

	if (!s->large || s->out->at_once || ns < SEAL_BUSY || w->sealing > w->server->n_workers ||
	    !smb3_pool_is_idle(w->server))
		return false;
	return (ns >= SEAL_LONG && !alone) || (helps && smb3_processor_free(w, 1 + w->sealing));
}

/* Large replies may overtake each other, and be overtaken by small ones; not by that of LOGOFF. */
void smb3_wire_send(struct smb3_conn *conn, struct smb3_session *session, bool encrypt,
		    struct smb3_out *out)
{
	struct sealing now = { .out = out, .session = session, .encrypt = encrypt }, *later;

	now.large = (encrypt || out->signer) && out->len >= SEAL_LARGE;
	out->queued = smb3_out_cost(out);
	smb3_conn_hold(conn, &conn->out_bytes, conn->out_bytes + out->queued);
	if (conn->closing || !seals_on_pool(&now)) {
		if (!conn->closing)
			seal_work(&now.job);
		seal_over(&now);
		return;
	}
	now.job =
		(struct smb3_job){ seal_work, seal_done, .lane = &conn->seal_lane, .aloof = true };
	later = smb3_arena_copy(out->arena, &now, sizeof(now));
	if (session)
		smb3_session_seals(smb3_session_ref(session));
	smb3_conn_ref(conn);
	conn->worker->sealing++;
	smb3_job_start(conn->worker, &later->job);
}
