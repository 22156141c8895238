// SPDX-License-Identifier: Apache-2.0
/*
 * volume.c: what smb3d keeps for clients that search: their searches, and which files they were
 * told of, within limits. On worker 0. What is not asked for is forgotten: smb3-rpcd, which may end
 * at any time, does not have to say so.
 */
#include "mdssvc.h"

#include <stdlib.h>

static const struct spot_conf *conf_of(const struct spot *spot)
{
	return atomic_load(&spot->mod->conf);
}

/* ---- queries ---- */

struct spot_query *volume_query(const struct spot_volume *v, uint64_t id)
{
	SMB3_LIST_EACH(&v->queries, node) {
		struct spot_query *q = SMB3_CONTAINER(node, struct spot_query, link);

		if (q->id == id)
			return q;
	}
	return NULL;
}

static size_t session_queries(const struct spot *spot, uint64_t session)
{
	size_t n = 0;

	SMB3_LIST_EACH(&spot->volumes, node) {
		const struct spot_volume *v = SMB3_CONTAINER(node, struct spot_volume, link);

		if (v->session == session)
			n += v->n_queries;
	}
	return n;
}

struct spot_query *query_new(struct spot *spot, struct spot_volume *v, uint64_t id)
{
	struct smb3_arena *arena;
	struct spot_query *q;

	if (session_queries(spot, v->session) >= (size_t)conf_of(spot)->queries)
		return NULL;
	arena = smb3_arena_new();
	q = smb3_arena_alloc(arena, sizeof(*q));
	q->arena = arena;
	q->id = id;
	smb3_list_add(&v->queries, &q->link);
	v->n_queries++;
	return q;
}

/* One that a thread is busy with is ended by who gets it back. */
void query_end(struct spot_volume *v, struct spot_query *q)
{
	if (!q->over) {
		smb3_list_remove(&q->link);
		v->n_queries--;
		q->over = true;
	}
	atomic_store(&q->stop, true);
	if (q->busy)
		return;
	if (q->state && q->index->end)
		q->index->end(q->index_mod, q->state);
	smb3_share_unref(q->share);
	smb3_identity_unref(q->who);
	smb3_arena_free(q->arena);
}

/* ---- files that were told ---- */

static struct spot_told *told_find(const struct spot_volume *v, uint64_t id)
{
	struct smb3_hash_node *node = smb3_hash_find(&v->told, id);

	return node ? SMB3_CONTAINER(node, struct spot_told, node) : NULL;
}

static void forget(struct spot_volume *v, struct spot_told *t)
{
	v->told_bytes -= strlen(t->path) + 1 + sizeof(*t);
	smb3_hash_remove(&v->told, &t->node);
	smb3_list_remove(&t->link);
	free(t);
}

static struct spot_told *oldest(const struct spot_volume *v)
{
	return SMB3_CONTAINER(v->told_order.next, struct spot_told, link);
}

void volume_tell(struct spot *spot, struct spot_volume *v, uint64_t id, const char *path)
{
	size_t most = (size_t)conf_of(spot)->remember, len = strlen(path) + 1;
	struct spot_told *t = told_find(v, id);

	if (t && !strcmp(t->path, path))
		return;
	if (t)
		forget(v, t);
	t = smb3_alloc(sizeof(*t) + len);
	memcpy(t->path, path, len);
	smb3_hash_add(&v->told, &t->node, id);
	smb3_list_add(&v->told_order, &t->link);
	v->told_bytes += len + sizeof(*t);
	while (v->told_bytes > most && v->told.count > 1)
		forget(v, oldest(v));
}

const char *volume_told(const struct spot_volume *v, uint64_t id)
{
	const struct spot_told *t = told_find(v, id);

	return t ? t->path : NULL;
}

/* ---- volumes ---- */

static void volume_free(struct spot_volume *v)
{
	while (v->told.count)
		forget(v, oldest(v));
	smb3_hash_done(&v->told);
	free(v->share);
	smb3_identity_unref(v->user);
	free(v);
}

void volume_close(struct spot_volume *v)
{
	SMB3_LIST_EACH(&v->queries, node)
		query_end(v, SMB3_CONTAINER(node, struct spot_query, link));
	smb3_list_remove(&v->link);
	v->closed = true;
	if (!v->busy)
		volume_free(v);
}

void volume_enter(struct spot_volume *v)
{
	v->busy++;
	v->used = smb3_clock();
}

void volume_leave(struct spot_volume *v)
{
	v->used = smb3_clock();
	if (--v->busy == 0 && v->closed)
		volume_free(v);
}

static bool volume_is(const struct spot_volume *v, const struct smb3_rpc_asking *asking,
		      uint64_t id, const char *share)
{
	return v->id == id && v->session == asking->session &&
	       smb3_identity_same(v->user, asking->who) && smb3_name_equal(v->share, share);
}

/* Room for one more: false when all that the session has are in use. */
static bool make_room(struct spot *spot, uint64_t session)
{
	struct spot_volume *oldest = NULL;
	int64_t n = 0;

	SMB3_LIST_EACH(&spot->volumes, node) {
		struct spot_volume *v = SMB3_CONTAINER(node, struct spot_volume, link);

		if (v->session != session)
			continue;
		n++;
		if (!v->busy && (!oldest || v->used < oldest->used))
			oldest = v;
	}
	if (n < conf_of(spot)->volumes)
		return true;
	if (oldest)
		volume_close(oldest);
	return oldest;
}

struct spot_volume *volume_get(struct spot *spot, const struct smb3_rpc_asking *asking, uint64_t id,
			       const char *share)
{
	struct spot_volume *v;

	SMB3_LIST_EACH(&spot->volumes, node) {
		v = SMB3_CONTAINER(node, struct spot_volume, link);
		if (volume_is(v, asking, id, share))
			return v;
	}
	if (!make_room(spot, asking->session))
		return NULL;
	v = smb3_alloc(sizeof(*v));
	v->id = id;
	v->session = asking->session;
	v->pipe = asking->pipe;
	v->user = smb3_identity_ref((struct smb3_identity *)(uintptr_t)asking->who);
	v->share = smb3_strdup(share);
	v->used = smb3_clock();
	smb3_list_init(&v->queries);
	smb3_list_init(&v->told_order);
	smb3_hash_init(&v->told);
	smb3_list_add(&spot->volumes, &v->link);
	return v;
}

void volumes_tick(struct spot *spot)
{
	uint64_t idle = conf_of(spot)->idle * 1000000u, now = smb3_clock();

	SMB3_LIST_EACH(&spot->volumes, node) {
		struct spot_volume *v = SMB3_CONTAINER(node, struct spot_volume, link);

		if (!v->busy && now - v->used > idle)
			volume_close(v);
	}
}

void volumes_close(struct spot *spot, uint64_t pipe)
{
	SMB3_LIST_EACH(&spot->volumes, node) {
		struct spot_volume *v = SMB3_CONTAINER(node, struct spot_volume, link);

		if (v->pipe == pipe)
			volume_close(v);
	}
}

void volumes_free(struct spot *spot)
{
	SMB3_LIST_EACH(&spot->volumes, node)
		volume_close(SMB3_CONTAINER(node, struct spot_volume, link));
}
