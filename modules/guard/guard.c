// SPDX-License-Identifier: Apache-2.0
/*
 * guard.c: keeps places for those who can prove who they are: connections per address, and of
 * strangers. It also counts how often each limit has stopped somebody.
 *
 * Connections are accepted on one worker and live on others; the book of places has a lock, which
 * is taken when one comes, logs on or goes. A stranger who has to go is marked in the book, and
 * closed by the worker that owns the connection, which mail tells to look.
 */
#include "guard.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct guard_conf {
	int64_t per_address, strangers, strangers_per_address, ipv6_prefix;
};

struct sweep {
	struct smb3_mail mail;
	_Atomic bool posted;
};

struct guard {
	pthread_mutex_t lock; /* places, and each guard_conn */
	struct places places;
	_Atomic int64_t n_unwanted;
	struct sweep sweeps[SMB3_WORKERS_MAX];
};

struct sums {
	int64_t places, strangers, addresses;
};

struct guard_conn {
	struct guard *guard; /* NULL: has no place */
	struct place place;
	unsigned int worker; /* as far as known here; a connection may be on its way to another */
};

static struct smb3_metric gauges[] = {
	{ .name = "guard_places", .help = "connections that have a place", .type = SMB3_GAUGE },
	{ .name = "guard_strangers",
	  .help = "connections on which no user has logged on",
	  .type = SMB3_GAUGE },
	{ .name = "guard_addresses", .help = "addresses that have connections", .type = SMB3_GAUGE },
};

/* The book is changed between these two, by one worker at a time; gauges follow it. */
static struct sums book_open(struct guard *g)
{
	pthread_mutex_lock(&g->lock);
	return (struct sums){ g->places.taken, g->places.n_strangers,
			      (int64_t)g->places.addresses.count };
}

static void book_close(struct guard *g, struct smb3_worker *w, struct sums before)
{
	struct sums now = { g->places.taken, g->places.n_strangers,
			    (int64_t)g->places.addresses.count };

	pthread_mutex_unlock(&g->lock);
	smb3_count(w, &gauges[0], now.places - before.places);
	smb3_count(w, &gauges[1], now.strangers - before.strangers);
	smb3_count(w, &gauges[2], now.addresses - before.addresses);
}

static void conn_fini(void *slot, void *object)
{
	struct guard_conn *c = slot;
	struct sums before;

	if (!c->guard)
		return;
	before = book_open(c->guard);
	if (c->place.unwanted)
		atomic_fetch_sub(&c->guard->n_unwanted, 1);
	place_leave(&c->guard->places, &c->place);
	book_close(c->guard, ((struct smb3_conn *)object)->worker, before);
}

static struct smb3_slot conn_slot = {
	.kind = SMB3_SLOT_CONN,
	.size = sizeof(struct guard_conn),
	.fini = conn_fini,
};

/* ---- who has to go ---- */

static void drop_unwanted(struct guard *g, struct smb3_conn *conn)
{
	struct guard_conn *c = smb3_slot(&conn_slot, conn);
	bool unwanted;

	pthread_mutex_lock(&g->lock);
	unwanted = c->place.unwanted;
	pthread_mutex_unlock(&g->lock);
	if (!unwanted || conn->closing)
		return;
	smb3_limit_hit(conn, NULL, "guard.unauthenticated", 0);
	smb3_conn_close(conn, NULL);
}

static bool drop_one(struct smb3_conn *conn, void *arg)
{
	drop_unwanted(arg, conn);
	return true;
}

static void on_sweep(struct smb3_worker *w, struct smb3_mail *mail)
{
	struct sweep *s = SMB3_CONTAINER(mail, struct sweep, mail);
	struct guard *g = SMB3_CONTAINER(s - smb3_worker_index(w), struct guard, sweeps[0]);

	atomic_store(&s->posted, false);
	smb3_worker_each_conn(w, drop_one, g);
}

static void sweep_post(struct smb3_server *server, struct guard *g, unsigned int worker)
{
	struct sweep *s = &g->sweeps[worker];

	if (atomic_exchange(&s->posted, true))
		return;
	s->mail.fn = on_sweep;
	smb3_mail_post(smb3_server_worker(server, worker), &s->mail);
}

/* What had moved on when its worker looked for it. */
static enum smb3_verdict guard_tick(struct smb3_mod *mod, struct smb3_event *event)
{
	struct guard *g = mod->data;

	if (atomic_load(&g->n_unwanted))
		smb3_worker_each_conn(event->worker, drop_one, g);
	return SMB3_PASS;
}

/* ---- the life of a connection ---- */

static struct bounds bounds_now(struct smb3_server *server, const struct guard_conf *conf)
{
	int64_t connections = smb3_server_limits(server)->connections;
	int64_t half = (connections + 1) / 2;

	return (struct bounds){
		.places = connections,
		.per_address = conf->per_address,
		.strangers = conf->strangers < half ? conf->strangers : half,
		.strangers_per_address = conf->strangers_per_address,
	};
}

static const char *conn_take(struct guard *g, const struct guard_conf *conf, struct smb3_conn *conn,
			     struct place **victim)
{
	struct guard_conn *c = smb3_slot(&conn_slot, conn);
	struct bounds bounds = bounds_now(conn->server, conf);
	const char *limit;
	uint8_t key[16];

	address_key(&conn->peer, conf->ipv6_prefix, key);
	place_init(&c->place);
	c->guard = g;
	c->worker = smb3_worker_index(conn->worker);
	limit = place_take(&g->places, &bounds, key, &c->place, victim);
	if (*victim)
		atomic_fetch_add(&g->n_unwanted, 1);
	return limit;
}

static enum smb3_verdict guard_conn_open(struct smb3_mod *mod, struct smb3_event *event)
{
	struct guard *g = mod->data;
	struct place *victim = NULL;
	unsigned int worker = 0;
	const char *limit;
	struct sums before = book_open(g);

	limit = conn_take(g, mod->conf, event->conn, &victim);
	if (victim)
		worker = SMB3_CONTAINER(victim, struct guard_conn, place)->worker;
	book_close(g, event->worker, before);
	if (victim)
		sweep_post(event->server, g, worker);
	if (!limit)
		return SMB3_PASS;
	smb3_limit_hit(event->conn, NULL, limit, 0);
	snprintf(event->reason, sizeof(event->reason), "%s is reached", limit);
	return SMB3_DENY;
}

/* It lives here now. */
static enum smb3_verdict guard_negotiated(struct smb3_mod *mod, struct smb3_event *event)
{
	struct guard *g = mod->data;
	struct guard_conn *c = smb3_slot(&conn_slot, event->conn);

	pthread_mutex_lock(&g->lock);
	c->worker = smb3_worker_index(event->conn->worker);
	pthread_mutex_unlock(&g->lock);
	drop_unwanted(g, event->conn);
	return SMB3_PASS;
}

/* Guests and anonymous users have proved nothing. */
static enum smb3_verdict guard_authenticated(struct smb3_mod *mod, struct smb3_event *event)
{
	struct guard *g = mod->data;
	struct guard_conn *c = smb3_slot(&conn_slot, event->conn);
	struct sums before;

	if (event->status != STATUS_SUCCESS || !event->who || event->who->guest ||
	    event->who->anonymous || !c->guard)
		return SMB3_PASS;
	before = book_open(g);
	place_known(&g->places, &c->place);
	if (c->place.unwanted)
		atomic_fetch_sub(&g->n_unwanted, 1);
	c->place.unwanted = false;
	book_close(g, event->conn->worker, before);
	return SMB3_PASS;
}

/* ---- counters ---- */

#define HITS(limit, text)                                                                       \
	{                                                                                       \
		.name = "limit_" #limit, .help = "times " #limit " " text, .type = SMB3_COUNTER \
	}

static struct smb3_metric hits[] = {
	HITS(connections, "refused a connection"),
	HITS(connections_per_address, "refused a connection"),
	HITS(unauthenticated, "dropped a connection of a stranger"),
	HITS(logon_time, "ended a connection"),
	HITS(negotiate_time, "ended a connection"),
	HITS(idle_time, "ended a connection"),
	HITS(receive_time, "ended a connection that sent too slowly"),
	HITS(send_time, "ended a connection that did not read"),
	HITS(sessions, "refused a session"),
	HITS(trees, "refused a tree connect"),
	HITS(opens, "refused an open"),
	HITS(requests, "held back or refused requests"),
	HITS(memory, "held back a connection"),
	HITS(memory_in_all, "held back a connection"),
};

static enum smb3_verdict guard_limit(struct smb3_mod *mod, struct smb3_event *event)
{
	const char *dot = strchr(event->limit, '.');

	if (strncmp(event->limit, "limits.", strlen("limits.")) != 0 &&
	    strncmp(event->limit, "guard.", strlen("guard.")) != 0)
		return SMB3_PASS;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(hits); i++)
		if (!strcmp(hits[i].name + strlen("limit_"), dot + 1))
			smb3_count(event->worker, &hits[i], 1);
	return SMB3_PASS;
}

/* ---- life ---- */

static int guard_init(struct smb3_mod *mod)
{
	struct guard *g = smb3_alloc(sizeof(*g));

	pthread_mutex_init(&g->lock, NULL);
	places_init(&g->places);
	mod->data = g;
	return 0;
}

static void guard_fini(struct smb3_mod *mod)
{
	struct guard *g = mod->data;

	if (!g)
		return;
	places_done(&g->places);
	pthread_mutex_destroy(&g->lock);
	free(g);
	mod->data = NULL;
}

#define NUMBER(field) \
	.type = SMB3_OPT_INT, .scope = SMB3_GLOBAL, .offset = offsetof(struct guard_conf, field)

static const struct smb3_option guard_options[] = {
	{ .name = "connections_per_address",
	  NUMBER(per_address),
	  .value = "1024",
	  .min = 1,
	  .max = 1000000,
	  .help = "Connections from one address." },
	{ .name = "unauthenticated",
	  NUMBER(strangers),
	  .value = "1024",
	  .min = 1,
	  .max = 1000000,
	  .help = "Connections in all whose client has not logged on as a user, at most half of "
		  "limits.connections. One more drops the oldest of the address that has most of "
		  "them." },
	{ .name = "unauthenticated_per_address",
	  NUMBER(strangers_per_address),
	  .value = "128",
	  .min = 1,
	  .max = 1000000,
	  .help = "The same of one address; one more drops its oldest." },
	{ .name = "ipv6_prefix",
	  NUMBER(ipv6_prefix),
	  .value = "64",
	  .min = 16,
	  .max = 128,
	  .help = "IPv6 addresses with this many first bits in common count as one." },
	SMB3_OPTION_END,
};

static const struct smb3_hook conn_open_hook = {
	.point = SMB3_HOOK_CONN_OPEN, .order = 100, .name = "guard", .run = guard_conn_open
};
static const struct smb3_hook negotiated_hook = {
	.point = SMB3_HOOK_NEGOTIATED, .order = 100, .name = "guard", .run = guard_negotiated
};
/* After all who may refuse the log-on. */
static const struct smb3_hook authenticated_hook = {
	.point = SMB3_HOOK_AUTHENTICATED, .order = 990, .name = "guard", .run = guard_authenticated
};
static const struct smb3_hook tick_hook = {
	.point = SMB3_HOOK_TICK, .order = 100, .name = "guard", .run = guard_tick
};
static const struct smb3_hook limit_hook = {
	.point = SMB3_HOOK_LIMIT, .order = 900, .name = "guard", .run = guard_limit
};

static const struct smb3_provide guard_provides[] = {
	SMB3_SLOT(&conn_slot),          SMB3_HOOK(&conn_open_hook), SMB3_HOOK(&negotiated_hook),
	SMB3_HOOK(&authenticated_hook), SMB3_HOOK(&tick_hook),      SMB3_HOOK(&limit_hook),
	SMB3_METRIC(&hits[0]),          SMB3_METRIC(&hits[1]),      SMB3_METRIC(&hits[2]),
	SMB3_METRIC(&hits[3]),          SMB3_METRIC(&hits[4]),      SMB3_METRIC(&hits[5]),
	SMB3_METRIC(&hits[6]),          SMB3_METRIC(&hits[7]),      SMB3_METRIC(&hits[8]),
	SMB3_METRIC(&hits[9]),          SMB3_METRIC(&hits[10]),     SMB3_METRIC(&hits[11]),
	SMB3_METRIC(&hits[12]),         SMB3_METRIC(&hits[13]),     SMB3_METRIC(&gauges[0]),
	SMB3_METRIC(&gauges[1]),        SMB3_METRIC(&gauges[2]),    SMB3_END,
};

SMB3_MODULE(guard, .summary = "places per address and for strangers; counts limits",
	    .options = guard_options, .conf_size = sizeof(struct guard_conf),
	    .provides = guard_provides, .init = guard_init, .fini = guard_fini);
