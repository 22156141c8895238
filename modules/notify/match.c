// SPDX-License-Identifier: Apache-2.0
/*
 * match.c: which watches a change concerns that this server has made itself: those of the folder that
 * holds the name, and those of folders above that watch their tree. One look-up each; none when
 * nobody watches anything. [MS-FSA] 2.1.4.1
 */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

#define CONCERNED 16 /* watches of one change for which no memory is taken */

struct concerned {
	struct watch *few[CONCERNED], **all;
	size_t depth_few[CONCERNED], *depth; /* bytes of the path that each watches */
	size_t count, room;
};

uint64_t notify_root(const struct smb3_share *share)
{
	return smb3_name_hash(share->name) ^ smb3_hash_bytes(share->path, strlen(share->path));
}

uint64_t notify_key(uint64_t root, const char *path)
{
	return root ^ smb3_name_hash(path);
}

size_t notify_leaf(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

static void concern(struct concerned *c, struct watch *w, size_t depth)
{
	if (c->count == c->room) {
		size_t room = c->room * 2;
		struct watch **all = smb3_alloc(room * sizeof(*all));
		size_t *depths = smb3_alloc(room * sizeof(*depths));

		memcpy(all, c->all, c->count * sizeof(*all));
		memcpy(depths, c->depth, c->count * sizeof(*depths));
		if (c->all != c->few) {
			free(c->all);
			free(c->depth);
		}
		c->all = all;
		c->depth = depths;
		c->room = room;
	}
	c->all[c->count] = watch_ref(w);
	c->depth[c->count++] = depth;
}

static void find_at(struct notify *n, uint64_t root, const char *path, bool direct,
		    struct concerned *c)
{
	struct smb3_hash_node *node = smb3_hash_find(&n->watches, notify_key(root, path));
	size_t depth = *path ? strlen(path) + 1 : 0;

	for (; node; node = smb3_hash_next_same(node)) {
		struct watch *w = SMB3_CONTAINER(node, struct watch, node);

		if (w->root == root && (direct || w->tree) && smb3_name_equal(w->path, path))
			concern(c, w, depth);
	}
}

/* The folder of path, and, when there are watches of trees, those above. */
static void find_all(struct notify *n, uint64_t root, const char *path, struct concerned *c)
{
	char *folder = smb3_strdup(path);
	bool direct = true;

	pthread_rwlock_rdlock(&n->index);
	do {
		size_t leaf = notify_leaf(folder);

		folder[leaf ? leaf - 1 : 0] = '\0';
		find_at(n, root, folder, direct, c);
		direct = false;
	} while (*folder && atomic_load(&n->n_trees));
	pthread_rwlock_unlock(&n->index);
	free(folder);
}

void notify_tell(struct notify *n, const struct smb3_share *share, const struct told *told)
{
	struct concerned c = { .room = CONCERNED };

	if (!atomic_load(&n->n_watches) || !*told->path)
		return;
	c.all = c.few;
	c.depth = c.depth_few;
	find_all(n, notify_root(share), told->path, &c);
	for (size_t i = 0; i < c.count; i++)
		watch_tell(c.all[i], told, c.depth[i]);
	for (size_t i = 0; i < c.count; i++)
		if (kernel_claim(n->kernel, c.all[i], told, c.depth[i]))
			break;
	for (size_t i = 0; i < c.count; i++)
		watch_unref(c.all[i]);
	if (c.all != c.few) {
		free(c.all);
		free(c.depth);
	}
}

static bool same_folder(const char *a, const char *b)
{
	char *x = smb3_strdup(a), *y = smb3_strdup(b);
	bool same;

	x[notify_leaf(x)] = '\0';
	y[notify_leaf(y)] = '\0';
	same = smb3_name_equal(x, y);
	free(x);
	free(y);
	return same;
}

/* In one folder a pair of names; from one folder to another it goes here and comes there. */
void notify_tell_rename(struct notify *n, struct smb3_event *event)
{
	struct told told = { .filter = event->open->directory ? FILE_NOTIFY_CHANGE_DIR_NAME :
								FILE_NOTIFY_CHANGE_FILE_NAME,
			     .path = event->path };

	if (same_folder(event->path, event->new_path)) {
		told.action = FILE_ACTION_RENAMED_OLD_NAME;
		told.second = event->new_path;
		notify_tell(n, event->share, &told);
		return;
	}
	told.action = FILE_ACTION_REMOVED;
	notify_tell(n, event->share, &told);
	told.action = FILE_ACTION_ADDED;
	told.path = event->new_path;
	notify_tell(n, event->share, &told);
}
