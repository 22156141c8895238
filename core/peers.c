// SPDX-License-Identifier: Apache-2.0
/*
 * peers.c: how many connections each address has, for limits.connections_per_address.
 */
#include "core.h"

struct peer {
	struct smb3_hash_node node;
	int64_t count;
	char name[];
};

struct smb3_peers {
	pthread_mutex_t lock;
	struct smb3_hash table;
};

struct smb3_peers *smb3_peers_new(void)
{
	struct smb3_peers *p = smb3_alloc(sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	smb3_hash_init(&p->table);
	return p;
}

void smb3_peers_free(struct smb3_peers *p)
{
	if (!p)
		return;
	smb3_hash_done(&p->table);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static struct peer *peer_find(struct smb3_peers *p, const char *name)
{
	struct smb3_hash_node *n = smb3_hash_find(&p->table, smb3_hash_bytes(name, strlen(name)));

	for (; n; n = smb3_hash_next_same(n))
		if (!strcmp(SMB3_CONTAINER(n, struct peer, node)->name, name))
			return SMB3_CONTAINER(n, struct peer, node);
	return NULL;
}

static struct peer *peer_new(struct smb3_peers *p, const char *name)
{
	size_t len = strlen(name);
	struct peer *peer = smb3_alloc(sizeof(*peer) + len + 1);

	memcpy(peer->name, name, len + 1);
	smb3_hash_add(&p->table, &peer->node, smb3_hash_bytes(name, len));
	return peer;
}

bool smb3_peers_add(struct smb3_peers *p, const char *name, int64_t max)
{
	struct peer *peer;
	bool ok;

	pthread_mutex_lock(&p->lock);
	peer = peer_find(p, name);
	if (!peer)
		peer = peer_new(p, name);
	ok = peer->count < max;
	if (ok)
		peer->count++;
	pthread_mutex_unlock(&p->lock);
	return ok;
}

void smb3_peers_remove(struct smb3_peers *p, const char *name)
{
	struct peer *peer;

	pthread_mutex_lock(&p->lock);
	peer = peer_find(p, name);
	if (peer && --peer->count == 0) {
		smb3_hash_remove(&p->table, &peer->node);
		free(peer);
	}
	pthread_mutex_unlock(&p->lock);
}
