// SPDX-License-Identifier: Apache-2.0
/*
 * conn.c: connections: birth, limits, flow control, moving to another worker, death.
 * Whatever a peer sends ends here in at most the loss of its own connection.
 */
#include "core.h"
#include <arpa/inet.h>
#include <netinet/in.h>

/* Before log-on the largest message is a SESSION_SETUP with a ticket, at most 64 KiB. */
#define LIMIT_UNKNOWN (80u << 10)
#define PDU_ROOM      4096 /* header, fixed part and padding around a payload of max_io */

static void peer_text(struct smb3_conn *conn)
{
	const struct sockaddr_storage *sa = &conn->peer;
	const void *addr = &((const struct sockaddr_in6 *)sa)->sin6_addr;

	if (sa->ss_family == AF_INET)
		addr = &((const struct sockaddr_in *)sa)->sin_addr;
	if ((sa->ss_family != AF_INET && sa->ss_family != AF_INET6) ||
	    !inet_ntop(sa->ss_family, addr, conn->peer_name, sizeof(conn->peer_name)))
		strcpy(conn->peer_name, "local");
}

static void address_store(struct sockaddr_storage *to, const struct sockaddr *from)
{
	if (!from)
		return;
	if (from->sa_family == AF_INET)
		memcpy(to, from, sizeof(struct sockaddr_in));
	else if (from->sa_family == AF_INET6)
		memcpy(to, from, sizeof(struct sockaddr_in6));
}

static bool conn_admitted(struct smb3_conn *conn)
{
	int64_t others = atomic_fetch_add(&conn->server->n_conns, 1);
	struct smb3_event event = { .point = SMB3_HOOK_CONN_OPEN,
				    .server = conn->server,
				    .worker = conn->worker,
				    .conn = conn };

	if (others >= smb3_server_limits(conn->server)->connections) {
		smb3_limit_hit(conn, NULL, "limits.connections", 0);
		return false;
	}
	if (!smb3_hooked(conn->server, SMB3_HOOK_CONN_OPEN) || smb3_hook_run(&event) != SMB3_DENY)
		return true;
	smb3_log_conn(conn, SMB3_LOG_INFO, "connection refused: %s", event.reason);
	return false;
}

static void conn_free(struct smb3_conn *conn)
{
	struct smb3_server *server = conn->server;

	smb3_slots_fini(server, SMB3_SLOT_CONN, conn);
	smb3_client_leave(conn);
	smb3_hash_done(&conn->async);
	free(conn->transport_data);
	atomic_fetch_sub(&server->n_conns, 1);
	smb3_wipe(conn->ended_key, sizeof(conn->ended_key));
	conn->magic = 0;
	free(conn);
}

static void conn_init(struct smb3_conn *conn, struct smb3_worker *w, const struct smb3_listener *l)
{
	conn->magic = SMB3_CONN_MAGIC;
	conn->refs = 1;
	conn->id = atomic_fetch_add(&w->server->next_conn_id, 1);
	conn->server = w->server;
	conn->worker = w;
	conn->transport = l->transport;
	conn->born = conn->active = smb3_clock();
	smb3_lane_init(&conn->lane);
	smb3_lane_init(&conn->seal_lane);
	smb3_list_init(&conn->arrivals);
	smb3_list_init(&conn->client_link);
	smb3_list_init(&conn->worker_link);
	smb3_list_init(&conn->chains);
	smb3_list_init(&conn->channels);
	smb3_hash_init(&conn->async);
	smb3_credits_init(&conn->credits, (uint32_t)smb3_server_limits(w->server)->credits);
}

struct smb3_conn *smb3_conn_new(struct smb3_worker *w, const struct smb3_listener *l,
				const struct sockaddr *peer, const struct sockaddr *local)
{
	struct smb3_conn *conn = smb3_object_alloc(w->server, SMB3_SLOT_CONN);

	w->busy_with = "accept";
	conn_init(conn, w, l);
	address_store(&conn->peer, peer);
	address_store(&conn->local, local);
	peer_text(conn);
	conn->transport_data = smb3_alloc(l->transport->conn_size ? l->transport->conn_size : 1);
	smb3_slots_init(w->server, SMB3_SLOT_CONN, conn);
	if (!conn_admitted(conn)) {
		conn_free(conn);
		return NULL;
	}
	smb3_list_add(&w->conns, &conn->worker_link);
	SMB3_DEBUG(SMB3_DBG_CONN, conn, "accepted");
	return conn;
}

struct smb3_conn *smb3_conn_ref(struct smb3_conn *conn)
{
	SMB3_CHECK(conn, SMB3_CONN_MAGIC);
	conn->refs++;
	return conn;
}

void smb3_conn_unref(struct smb3_conn *conn)
{
	SMB3_CHECK(conn, SMB3_CONN_MAGIC);
	if (--conn->refs == 0)
		conn_free(conn);
}

size_t smb3_conn_limit(const struct smb3_conn *conn)
{
	return conn->logged_on ? smb3_server_limits(conn->server)->max_io + PDU_ROOM :
				 LIMIT_UNKNOWN;
}

/* Too much outstanding, or too much unsent: take no more input until it has gone down. */
void smb3_conn_flow(struct smb3_conn *conn)
{
	bool full = smb3_conn_full(conn);

	if (conn->closing || full == conn->paused)
		return;
	conn->paused = full;
	if (full)
		conn->transport->pause(conn);
	else
		conn->transport->resume(conn);
}

bool smb3_conn_take(struct smb3_conn *conn, struct smb3_in *in, bool opened)
{
	const char *why = "the message cannot be unwrapped";
	struct smb3_chain *chain = NULL;

	if (opened && smb3_wire_unwrap(conn, in) == 0)
		chain = smb3_chain_new(conn, in, &why);
	if (chain && smb3_conn_room(conn, chain->cost))
		return smb3_chain_run(chain);
	if (chain) {
		conn->delayed = chain;
		return true;
	}
	smb3_buf_put(conn->worker->bufs, in->buf);
	smb3_conn_close(conn, why);
	return true;
}

bool smb3_conn_received(struct smb3_conn *conn, struct smb3_buf *buf)
{
	struct smb3_in in = { .buf = buf, .data = buf->data, .len = buf->len };
	bool going_on;

	SMB3_CHECK(conn, SMB3_CONN_MAGIC);
	smb3_conn_ref(conn);
	conn->active = smb3_clock();
	conn->bytes_in += buf->len;
	smb3_conn_hold(conn, &conn->arriving, 0);
	if (!smb3_arrive(conn, &in) && !smb3_conn_take(conn, &in, true))
		return false; /* the reference went with it */
	smb3_conn_flow(conn);
	going_on = !conn->closing;
	smb3_conn_unref(conn);
	return going_on;
}

/* ---- moving ---- */

struct conn_move {
	struct smb3_mail mail;
	struct smb3_conn *conn;
	struct smb3_chain *chain;
};

static void conn_arrive(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct conn_move *move = SMB3_CONTAINER(mail, struct conn_move, mail);
	struct smb3_conn *conn = move->conn;

	conn->worker = w;
	conn->moving_to = NULL;
	smb3_list_add(&w->conns, &conn->worker_link);
	for (struct smb3_req *r = move->chain->first; r; r = r->next)
		r->worker = w;
	move->chain->current->ready = true; /* admitted already, on the worker that it left */
	conn->transport->attach(conn);
	smb3_chain_run(move->chain);
	free(move);
	/* Bytes may have been read along with NEGOTIATE: resume delivers them. */
	if (atomic_load(&conn->server->stopping))
		smb3_conn_close(conn, NULL);
	if (!conn->closing)
		conn->transport->resume(conn);
	smb3_conn_unref(conn); /* of smb3_conn_received() */
}

/* NEGOTIATE found that the client lives elsewhere; nothing else is in flight. */
void smb3_conn_move(struct smb3_conn *conn, struct smb3_chain *chain)
{
	struct conn_move *move = smb3_alloc(sizeof(*move));
	struct smb3_worker *to = conn->moving_to;

	SMB3_DEBUG(SMB3_DBG_CONN, conn, "moves to worker %u", to->index);
	conn->transport->detach(conn);
	smb3_list_remove(&conn->worker_link);
	move->mail.fn = conn_arrive;
	move->conn = conn;
	move->chain = chain;
	smb3_mail_post(to, &move->mail);
}

/* ---- the end ---- */

static void conn_closed_hook(struct smb3_conn *conn)
{
	struct smb3_event event = { .point = SMB3_HOOK_CONN_CLOSE,
				    .server = conn->server,
				    .worker = conn->worker,
				    .conn = conn };

	if (smb3_hooked(conn->server, SMB3_HOOK_CONN_CLOSE))
		smb3_hook_run(&event);
}

static void conn_end(struct smb3_conn *conn, const char *why, bool flush)
{
	SMB3_CHECK(conn, SMB3_CONN_MAGIC);
	if (conn->closing)
		return;
	conn->closing = true;
	if (why)
		smb3_log_conn(conn, SMB3_LOG_INFO, "connection closed: %s", why);
	else
		SMB3_DEBUG(SMB3_DBG_CONN, conn, "closed");
	conn->transport->close(conn, flush);
	smb3_list_remove(&conn->worker_link);
	smb3_conn_hold(conn, &conn->arriving, 0);
	if (conn->delayed)
		smb3_chain_run(conn->delayed);
	smb3_arrivals_take(conn);
	smb3_reqs_cancel(conn, NULL, NULL, STATUS_CANCELLED);
	SMB3_LIST_EACH(&conn->channels, node)
		smb3_channel_close(SMB3_CONTAINER(node, struct smb3_channel, conn_link));
	conn_closed_hook(conn);
	smb3_conn_unref(conn);
}

void smb3_conn_close(struct smb3_conn *conn, const char *why)
{
	conn_end(conn, why, true);
}

void smb3_conn_lost(struct smb3_conn *conn, const char *why)
{
	conn_end(conn, why, false);
}

void smb3_conn_expire(struct smb3_conn *conn, const char *limit)
{
	smb3_limit_hit(conn, NULL, limit, 0);
	conn_end(conn, NULL, false);
}

void smb3_conns_close(struct smb3_worker *w)
{
	SMB3_LIST_EACH(&w->conns, node)
		conn_end(SMB3_CONTAINER(node, struct smb3_conn, worker_link), NULL, true);
}

static bool conn_has_opens(const struct smb3_conn *conn)
{
	SMB3_LIST_EACH(&conn->channels, node)
		if (SMB3_CONTAINER(node, struct smb3_channel, conn_link)->session->opens.count)
			return true;
	return false;
}

/* The limit of time that conn has reached, or NULL. */
static const char *conn_overdue(const struct smb3_conn *conn)
{
	const struct smb3_limits *limits = smb3_server_limits(conn->server);
	uint64_t now = smb3_clock(), age = now - conn->born;

	if (!conn->negotiated && age > limits->negotiate_time * 1000000)
		return "limits.negotiate_time";
	if (!conn->logged_on && age > limits->logon_time * 1000000)
		return "limits.logon_time";
	if (limits->idle_time && now - conn->active > limits->idle_time * 1000000 &&
	    conn->n_requests == 0 && !conn_has_opens(conn))
		return "limits.idle_time";
	return NULL;
}

/* What waited for memory tries again; somebody gets it each time, or nobody might for ever. */
static void conn_retry(struct smb3_conn *conn, bool first)
{
	struct smb3_chain *chain = conn->delayed;

	conn->relieved = conn->starved && first;
	conn->starved = false;
	if (chain && smb3_conn_room(conn, chain->cost)) {
		conn->delayed = NULL;
		smb3_chain_run(chain);
	}
	smb3_arrivals_take(conn);
}

void smb3_conns_tick(struct smb3_worker *w)
{
	unsigned int ended = 0;
	bool first = true;

	SMB3_LIST_EACH(&w->conns, node) {
		struct smb3_conn *conn = SMB3_CONTAINER(node, struct smb3_conn, worker_link);
		bool starved = conn->starved;
		const char *limit = conn_overdue(conn);

		smb3_conn_ref(conn);
		if (limit && ended++ < SMB3_TICK_ENDS)
			smb3_conn_expire(conn, limit);
		else if (conn->paused)
			conn_retry(conn, first);
		first &= !starved;
		smb3_conn_unref(conn);
	}
}
