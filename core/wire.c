// SPDX-License-Identifier: Apache-2.0
/*
 * wire.c: whole messages: the layers that unwrap and wrap them, and their way to the transport.
 */
#include "core.h"

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

static void out_release(struct smb3_out *out)
{
	struct smb3_worker *w = out->conn->worker;

	for (int i = 0; i < out->n_bufs; i++)
		smb3_buf_put(w->bufs, out->bufs[i]);
	smb3_worker_arena_put(w, out->arena);
}

void smb3_out_free(struct smb3_out *out)
{
	struct smb3_conn *conn = out->conn;

	smb3_conn_hold(conn, &conn->out_bytes, conn->out_bytes - out->queued);
	out_release(out);
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

void smb3_wire_send(struct smb3_conn *conn, struct smb3_session *session, bool encrypt,
		    struct smb3_out *out)
{
	if (conn->closing) {
		out_release(out);
		return;
	}
	if (out_wrap(conn, session, encrypt, out) < 0) {
		out_release(out);
		smb3_conn_close(conn, "a reply could not be wrapped");
		return;
	}
	out->queued = smb3_out_cost(out);
	smb3_conn_hold(conn, &conn->out_bytes, conn->out_bytes + out->queued);
	conn->bytes_out += out->len;
	conn->transport->send(conn, out);
}
