// SPDX-License-Identifier: Apache-2.0
/*
 * client.c: which client lives on which worker, and the clients themselves.
 * The place table is the only thing here that workers share: it is asked once per connection,
 * when NEGOTIATE tells the ClientGuid. [MS-SMB2] 3.3.1.16
 */
#include "core.h"

/* refs and worker under the table's lock; client belongs to the worker. */
struct smb3_place_entry {
	struct smb3_hash_node node;
	struct smb3_guid guid;
	uint32_t refs; /* connections placed, and the client */
	struct smb3_worker *worker;
	struct smb3_client *client;
};

struct smb3_place {
	pthread_mutex_t lock;
	struct smb3_hash entries;
};

struct smb3_place *smb3_place_new(void)
{
	struct smb3_place *p = smb3_alloc(sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	smb3_hash_init(&p->entries);
	return p;
}

void smb3_place_free(struct smb3_place *p)
{
	if (!p)
		return;
	smb3_hash_done(&p->entries);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static struct smb3_worker *least_loaded(struct smb3_server *server, struct smb3_worker *here)
{
	struct smb3_worker *best = here;

	for (unsigned int i = 0; i < server->n_workers; i++)
		if (atomic_load(&server->workers[i]->n_clients) < atomic_load(&best->n_clients))
			best = server->workers[i];
	return best;
}

static struct smb3_place_entry *entry_find(struct smb3_place *p, const struct smb3_guid *guid,
					   uint64_t key)
{
	struct smb3_hash_node *n = smb3_hash_find(&p->entries, key);

	for (; n; n = smb3_hash_next_same(n)) {
		struct smb3_place_entry *e = SMB3_CONTAINER(n, struct smb3_place_entry, node);

		if (!memcmp(&e->guid, guid, sizeof(*guid)) && !smb3_guid_is_zero(guid))
			return e;
	}
	return NULL;
}

static struct smb3_place_entry *place_take(struct smb3_conn *conn, const struct smb3_guid *guid)
{
	struct smb3_place *p = conn->server->place;
	uint64_t key = smb3_hash_bytes(guid, sizeof(*guid));
	struct smb3_place_entry *e;

	pthread_mutex_lock(&p->lock);
	e = entry_find(p, guid, key);
	if (!e) {
		e = smb3_alloc(sizeof(*e));
		e->guid = *guid;
		e->worker = least_loaded(conn->server, conn->worker);
		atomic_fetch_add(&e->worker->n_clients, 1);
		smb3_hash_add(&p->entries, &e->node, key);
	}
	e->refs++;
	pthread_mutex_unlock(&p->lock);
	return e;
}

static void place_drop(struct smb3_server *server, struct smb3_place_entry *e)
{
	bool last;

	pthread_mutex_lock(&server->place->lock);
	last = --e->refs == 0;
	if (last) {
		smb3_hash_remove(&server->place->entries, &e->node);
		atomic_fetch_sub(&e->worker->n_clients, 1);
	}
	pthread_mutex_unlock(&server->place->lock);
	if (last)
		free(e);
}

static struct smb3_client *client_new(struct smb3_worker *w, struct smb3_place_entry *e)
{
	struct smb3_client *c = smb3_object_alloc(w->server, SMB3_SLOT_CLIENT);

	c->magic = SMB3_CLIENT_MAGIC;
	c->worker = w;
	c->guid = e->guid;
	c->place = e; /* takes the connection's reference over */
	smb3_list_init(&c->conns);
	smb3_hash_init(&c->sessions);
	smb3_list_add(&w->clients, &c->link);
	smb3_slots_init(w->server, SMB3_SLOT_CLIENT, c);
	e->client = c;
	return c;
}

void smb3_client_unref(struct smb3_client *c)
{
	struct smb3_server *server = c->worker->server;

	SMB3_CHECK(c, SMB3_CLIENT_MAGIC);
	if (--c->refs)
		return;
	smb3_slots_fini(server, SMB3_SLOT_CLIENT, c);
	smb3_list_remove(&c->link);
	smb3_hash_done(&c->sessions);
	c->place->client = NULL;
	place_drop(server, c->place);
	c->magic = 0;
	free(c);
}

static void client_join(struct smb3_conn *conn)
{
	struct smb3_place_entry *e = conn->place;

	if (e->client)
		place_drop(conn->server, e);
	conn->client = e->client ? e->client : client_new(conn->worker, e);
	conn->place = NULL;
	conn->client->refs++;
	smb3_list_add(&conn->client->conns, &conn->client_link);
}

bool smb3_conn_settle(struct smb3_conn *conn, const struct smb3_guid *guid)
{
	if (conn->client)
		return true;
	if (!conn->place)
		conn->place = place_take(conn, guid);
	if (conn->place->worker != conn->worker) {
		conn->moving_to = conn->place->worker;
		return false;
	}
	client_join(conn);
	return true;
}

void smb3_client_leave(struct smb3_conn *conn)
{
	if (conn->place)
		place_drop(conn->server, conn->place);
	conn->place = NULL;
	if (!conn->client)
		return;
	smb3_list_remove(&conn->client_link);
	smb3_client_unref(conn->client);
	conn->client = NULL;
}
