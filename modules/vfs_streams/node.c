// SPDX-License-Identifier: Apache-2.0
/*
 * node.c: the streams that are open, in one table of the server: two shares may show one folder.
 * Lock order: a node, then the table.
 */
#include "streams.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t node_key(uint64_t dev, uint64_t ino, const char *name)
{
	const uint64_t parts[3] = { dev, ino, smb3_name_hash(name) };

	return smb3_hash_bytes(parts, sizeof(parts));
}

static struct streams_node *node_find(struct streams *s, uint64_t dev, uint64_t ino,
				      const char *name)
{
	struct smb3_hash_node *n = smb3_hash_find(&s->nodes, node_key(dev, ino, name));

	for (; n; n = smb3_hash_next_same(n)) {
		struct streams_node *node = SMB3_CONTAINER(n, struct streams_node, link);

		if (node->dev == dev && node->ino == ino && smb3_name_equal(node->name, name))
			return node;
	}
	return NULL;
}

/* Under the table's lock, with dev, ino and name known. */
static void node_list(struct streams *s, struct streams_node *node)
{
	smb3_hash_add(&s->nodes, &node->link, node_key(node->dev, node->ino, node->name));
	node->listed = true;
}

static void node_unlist(struct streams *s, struct streams_node *node)
{
	if (node->listed)
		smb3_hash_remove(&s->nodes, &node->link);
	node->listed = false;
}

struct streams_node *streams_node_get(struct streams *s, uint64_t dev, uint64_t ino,
				      const char *name)
{
	struct streams_node *node;

	pthread_mutex_lock(&s->lock);
	node = node_find(s, dev, ino, name);
	if (!node) {
		node = smb3_alloc(sizeof(*node));
		node->dev = dev;
		node->ino = ino;
		node->name = smb3_strdup(name);
		node->fd = -1;
		pthread_mutex_init(&node->lock, NULL);
		node_list(s, node);
	}
	node->refs++;
	pthread_mutex_unlock(&s->lock);
	return node;
}

void streams_node_put(struct streams *s, struct streams_node *node)
{
	bool last;

	if (!node)
		return;
	pthread_mutex_lock(&s->lock);
	last = --node->refs == 0;
	if (last)
		node_unlist(s, node);
	pthread_mutex_unlock(&s->lock);
	if (!last)
		return;
	if (node->fd >= 0)
		close(node->fd);
	pthread_mutex_destroy(&node->lock);
	free(node->name);
	free(node);
}

void streams_node_gone(struct streams *s, struct streams_node *node)
{
	node->gone = true;
	pthread_mutex_lock(&s->lock);
	node_unlist(s, node);
	pthread_mutex_unlock(&s->lock);
}

void streams_node_rename(struct streams *s, struct streams_node *node, const char *name)
{
	char *copy = smb3_strdup(name);

	pthread_mutex_lock(&s->lock);
	node_unlist(s, node);
	free(node->name);
	node->name = copy;
	node_list(s, node);
	pthread_mutex_unlock(&s->lock);
}

int streams_node_lock(struct streams_node *node, const struct smb3_ctx *ctx)
{
	if (ctx->nowait)
		return pthread_mutex_trylock(&node->lock) ? -EAGAIN : 0;
	pthread_mutex_lock(&node->lock);
	return 0;
}
