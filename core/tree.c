// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c: tree connects. [MS-SMB2] 3.3.1.9
 */
#include "core.h"

struct smb3_tree *smb3_tree_ref(struct smb3_tree *t)
{
	SMB3_CHECK(t, SMB3_TREE_MAGIC);
	t->refs++;
	return t;
}

void smb3_tree_unref(struct smb3_tree *t)
{
	struct smb3_session *s;

	if (!t)
		return;
	SMB3_CHECK(t, SMB3_TREE_MAGIC);
	if (--t->refs)
		return;
	s = t->session;
	smb3_slots_fini(s->client->worker->server, SMB3_SLOT_TREE, t);
	smb3_identity_unref(t->identity);
	smb3_share_unref(t->share);
	t->magic = 0;
	free(t);
	smb3_session_unref(s);
}

struct smb3_tree *smb3_tree_new(struct smb3_session *s, struct smb3_share *share,
				struct smb3_mount *mount)
{
	struct smb3_server *server = s->client->worker->server;
	struct smb3_tree *t;

	if ((int64_t)s->trees.count >= smb3_server_limits(server)->trees)
		return NULL;
	t = smb3_object_alloc(server, SMB3_SLOT_TREE);
	t->magic = SMB3_TREE_MAGIC;
	t->refs = 1; /* the table's */
	t->session = smb3_session_ref(s);
	t->share = smb3_share_ref(share);
	t->mount = mount;
	t->identity = smb3_identity_ref(s->identity);
	t->follows = true;
	t->max_access = FILE_ALL_ACCESS;
	do
		t->id = ++s->last_tree_id;
	while (t->id == 0 || t->id == UINT32_MAX || smb3_hash_find(&s->trees, t->id));
	smb3_hash_add(&s->trees, &t->node, t->id);
	smb3_slots_init(server, SMB3_SLOT_TREE, t);
	return t;
}

struct smb3_tree *smb3_tree_find(const struct smb3_session *s, uint32_t id)
{
	struct smb3_hash_node *n = smb3_hash_find(&s->trees, id);

	return n ? SMB3_CONTAINER(n, struct smb3_tree, node) : NULL;
}

static void disconnect_hook(struct smb3_tree *t)
{
	struct smb3_event event = { .point = SMB3_HOOK_TREE_DISCONNECT,
				    .server = t->session->client->worker->server,
				    .worker = t->session->client->worker,
				    .session = t->session,
				    .tree = t,
				    .share = t->share,
				    .who = t->identity };

	if (smb3_hooked(event.server, SMB3_HOOK_TREE_DISCONNECT))
		smb3_hook_run(&event);
}

static bool open_close_one(struct smb3_hash_node *node, void *arg)
{
	struct smb3_open *o = SMB3_CONTAINER(node, struct smb3_open, node);

	if (o->tree == arg)
		smb3_open_close(o);
	return true;
}

void smb3_tree_close(struct smb3_tree *t)
{
	struct smb3_session *s = t->session;

	SMB3_CHECK(t, SMB3_TREE_MAGIC);
	if (t->closed)
		return;
	t->closed = true;
	smb3_hash_remove(&s->trees, &t->node);
	smb3_hash_each(&s->opens, open_close_one, t);
	SMB3_LIST_EACH(&s->channels, node) {
		struct smb3_channel *ch = SMB3_CONTAINER(node, struct smb3_channel, session_link);

		smb3_reqs_cancel(ch->conn, NULL, t, STATUS_CANCELLED);
	}
	disconnect_hook(t);
	smb3_tree_unref(t);
}

struct closing {
	bool (*goes)(const struct smb3_tree *t, void *arg);
	void *arg;
	struct smb3_tree *tree;
};

static bool closing_find(struct smb3_hash_node *node, void *arg)
{
	struct smb3_tree *t = SMB3_CONTAINER(node, struct smb3_tree, node);
	struct closing *c = arg;

	if (c->goes(t, c->arg))
		c->tree = t;
	return !c->tree;
}

/* Requests that end with a tree may let others connect: the table is looked through anew each time. */
void smb3_trees_close(struct smb3_session *s, bool (*goes)(const struct smb3_tree *t, void *arg),
		      void *arg)
{
	struct closing c = { .goes = goes, .arg = arg };

	do {
		c.tree = NULL;
		smb3_hash_each(&s->trees, closing_find, &c);
		if (c.tree)
			smb3_tree_close(c.tree);
	} while (c.tree);
}
