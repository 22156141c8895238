// SPDX-License-Identifier: Apache-2.0
/*
 * memory.c: what messages cost a connection, and all of them together.
 *
 * A connection that holds much is read no further until it holds less, which its peer feels as a
 * slow network. When all hold too much together, each may hold little; a large message, or one
 * whose reply will be large, waits until there is room.
 */
#include "core.h"

#define OVERHEAD      8192      /* of each message: the blocks of its arena and of its buffer */
#define SLACK         (1 << 20) /* what a worker tells the others in one go */
#define LITTLE        (128u << 10)
#define STRANGER_MAX  (128u << 10)
#define CREDIT        65536u
#define PENDED(limit) ((limit) - (limit) / 4)

/* A worker sums up by itself, so that workers do not fight for one number. */
static void memory_add(struct smb3_worker *w, int64_t by)
{
	w->memory += by;
	if (w->memory < SLACK && w->memory > -SLACK)
		return;
	atomic_fetch_add_explicit(&w->server->memory, w->memory, memory_order_relaxed);
	w->memory = 0;
}

void smb3_conn_hold(struct smb3_conn *conn, size_t *counter, size_t now)
{
	memory_add(conn->worker, (int64_t)now - (int64_t)*counter);
	*counter = now;
}

bool smb3_memory_short(const struct smb3_worker *w)
{
	return atomic_load_explicit(&w->server->memory, memory_order_relaxed) + w->memory >=
	       (int64_t)smb3_server_limits(w->server)->memory_in_all;
}

bool smb3_conn_room(struct smb3_conn *conn, size_t len)
{
	bool first = conn->relieved;

	conn->relieved = false;
	if (len <= LITTLE || first || !smb3_memory_short(conn->worker))
		return true;
	conn->starved = true;
	smb3_limit_hit(conn, NULL, "limits.memory_in_all", STATUS_PENDING);
	smb3_conn_flow(conn);
	return false;
}

size_t smb3_chain_cost(const struct smb3_chain *chain)
{
	const struct smb3_dialect *d = chain->conn->dialect;
	size_t payload = 0;

	/* The charge tells the larger of what has come and what may go back. */
	for (const struct smb3_req *r = chain->first; d && d->multi_credit && r; r = r->next)
		if (r->hdr.credit_charge > 1)
			payload += (size_t)(r->hdr.credit_charge - 1) * CREDIT;
	return OVERHEAD + (payload > chain->in.len ? payload : chain->in.len);
}

size_t smb3_out_cost(const struct smb3_out *out)
{
	return OVERHEAD + out->len;
}

bool smb3_conn_full(const struct smb3_conn *conn)
{
	const struct smb3_limits *limits = smb3_server_limits(conn->server);
	uint64_t half = (conn->logged_on ? limits->memory : STRANGER_MAX) / 2;

	return conn->starved || conn->n_requests >= limits->requests ||
	       conn->n_arrivals >= SMB3_ARRIVALS_MAX || conn->out_bytes >= half ||
	       conn->in_bytes >= half ||
	       (conn->out_bytes > LITTLE && smb3_memory_short(conn->worker));
}

/* Requests that wait for something must leave places for those that end the waiting. */
bool smb3_conn_waits_enough(const struct smb3_conn *conn)
{
	return (int64_t)conn->async.count > PENDED(smb3_server_limits(conn->server)->requests);
}
