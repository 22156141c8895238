// SPDX-License-Identifier: Apache-2.0
/*
 * arrive.c: large encrypted messages are opened on the pool while further ones arrive; all are taken in
 * the order in which they came.
 */
#include "core.h"

#define OPEN_LARGE (256u << 10) /* less is opened sooner than another thread has woken */
#define OVERHEAD   8192

struct arrival {
	struct smb3_job job;
	struct smb3_list link;
	struct smb3_arena *arena;
	struct smb3_conn *conn;  /* a reference */
	struct smb3_in in, came; /* as it is, and as it came */
	const struct smb3_layer *layer;
	struct smb3_session *opener; /* a reference: whose keys open it; NULL: it only waits */
	ntstatus status;
	bool over; /* the pool has done its part */
};

static void arrival_work(struct smb3_job *job)
{
	struct arrival *a = SMB3_CONTAINER(job, struct arrival, job);

	a->status = a->layer->open(a->opener, &a->in);
}

/* The session may have ended since: then nothing opens the message. */
static bool arrival_opened(const struct arrival *a)
{
	return !a->opener ||
	       (a->status == STATUS_SUCCESS &&
		a->layer->opener(a->conn, &a->came, smb3_conn_limit(a->conn)) == a->opener);
}

static void arrival_take(struct arrival *a)
{
	struct smb3_conn *conn = a->conn;
	struct smb3_worker *w = conn->worker;
	struct smb3_session *opener = a->opener;

	smb3_list_remove(&a->link);
	conn->n_arrivals--;
	smb3_conn_hold(conn, &conn->in_bytes, conn->in_bytes - OVERHEAD - a->came.len);
	if (conn->closing)
		smb3_buf_put(w->bufs, a->in.buf);
	else
		smb3_conn_take(conn, &a->in, arrival_opened(a));
	smb3_worker_arena_put(w, a->arena);
	smb3_session_unref(opener);
	smb3_conn_unref(conn);
}

void smb3_arrivals_take(struct smb3_conn *conn)
{
	smb3_conn_ref(conn);
	while (!smb3_list_empty(&conn->arrivals) && (conn->closing || !conn->delayed)) {
		struct arrival *a = SMB3_CONTAINER(conn->arrivals.next, struct arrival, link);

		if (!a->over)
			break;
		arrival_take(a);
	}
	smb3_conn_flow(conn);
	smb3_conn_unref(conn);
}

static void arrival_done(struct smb3_worker *w, struct smb3_job *job)
{
	struct arrival *a = SMB3_CONTAINER(job, struct arrival, job);

	w->busy_with = "arrival";
	w->sealing--;
	a->over = true;
	smb3_arrivals_take(a->conn);
}

/* For whom the pool opens it: more have been read already, and it is not busy, and there is more than one
 * processor. NULL: nobody. */
static struct smb3_session *opens_on_pool(struct smb3_conn *conn, const struct smb3_in *in,
					  const struct smb3_layer **ret_layer)
{
	const struct smb3_worker *w = conn->worker;
	struct smb3_cursor c = smb3_cursor_init(in->data, in->len);
	const struct smb3_layer *layer;

	if (in->len < OPEN_LARGE || !conn->more || w->server->processors < 2 ||
	    w->sealing > w->server->n_workers || !smb3_pool_is_idle(w->server))
		return NULL;
	layer = smb3_row(w->server, SMB3_KIND_LAYER, smb3_get_u32(&c));
	*ret_layer = layer;
	return layer && layer->open ? layer->opener(conn, in, smb3_conn_limit(conn)) : NULL;
}

bool smb3_arrive(struct smb3_conn *conn, const struct smb3_in *in)
{
	const struct smb3_layer *layer = NULL;
	struct smb3_session *opener = opens_on_pool(conn, in, &layer);
	struct smb3_arena *arena;
	struct arrival *a;

	if (!opener && smb3_list_empty(&conn->arrivals))
		return false;
	arena = smb3_worker_arena(conn->worker);
	a = smb3_arena_alloc(arena, sizeof(*a));
	a->arena = arena;
	a->conn = smb3_conn_ref(conn);
	a->in = a->came = *in;
	smb3_list_init(&a->link);
	smb3_list_add(&conn->arrivals, &a->link);
	conn->n_arrivals++;
	smb3_conn_hold(conn, &conn->in_bytes, conn->in_bytes + OVERHEAD + in->len);
	a->over = !opener;
	if (!opener)
		return true;
	a->layer = layer;
	a->opener = smb3_session_ref(opener);
	a->job = (struct smb3_job){ arrival_work, arrival_done, .lane = &conn->seal_lane,
				    .aloof = true };
	conn->worker->sealing++;
	conn->worker->busy_with = "arrival";
	smb3_job_start(conn->worker, &a->job);
	return true;
}
