// SPDX-License-Identifier: Apache-2.0
/*
 * handle.c: context handles and the groups of associations that share them. [C706] 4.2.16.6, 9.3;
 * [MS-RPCE] 3.3.1.4.1
 *
 * A handle is 16 random bytes: it cannot be guessed, and is looked for among those of its client only.
 * Calls of a group run side by side; what a handle stands for belongs to one of them at a time.
 */
#include "runtime.h"

#include <stdlib.h>
#include <time.h>

#define HANDLE_PATIENCE 2 /* seconds */

struct rpcd_handle {
	struct smb3_list link;
	struct smb3_rpc_handle id;
	const struct smb3_rpc_interface *interface;
	const struct smb3_rpc_handle_type *type;
	void *object;
	const struct smb3_rpc_assoc *holder; /* whose call uses it now */
};

/* ---- groups ---- */

static struct rpcd_group *group_new(struct rpcd_host *host, const struct smb3_rpc_caller *caller)
{
	struct rpcd_group *g = smb3_alloc(sizeof(*g));

	if (!++host->last_group)
		host->last_group = 1;
	g->id = host->last_group;
	g->session = caller->session;
	g->user = smb3_strdup(caller->user);
	g->domain = smb3_strdup(caller->domain);
	g->nobody = caller->guest || caller->anonymous;
	g->admin = caller->admin;
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->released, NULL);
	smb3_list_init(&g->handles);
	smb3_list_add(&host->groups, &g->link);
	return g;
}

/* A user's sessions may share handles, as long as nothing makes one of them more than the other; who has
 * no name shares with his own session only. */
static bool group_is_of(const struct rpcd_group *g, const struct smb3_rpc_caller *caller)
{
	if (caller->guest || caller->anonymous)
		return g->session == caller->session;
	return !g->nobody && g->admin == caller->admin && !strcmp(g->user, caller->user) &&
	       !strcmp(g->domain, caller->domain);
}

struct rpcd_group *group_join(struct rpcd_host *host, uint32_t id,
			      const struct smb3_rpc_caller *caller)
{
	struct rpcd_group *found = NULL;

	pthread_mutex_lock(&host->lock);
	if (!id)
		found = group_new(host, caller);
	SMB3_LIST_EACH(&host->groups, node) {
		struct rpcd_group *g = SMB3_CONTAINER(node, struct rpcd_group, link);

		if (id && g->id == id && group_is_of(g, caller))
			found = g;
	}
	if (found)
		found->refs++;
	pthread_mutex_unlock(&host->lock);
	return found;
}

static void handle_free(struct rpcd_group *g, struct rpcd_handle *h)
{
	smb3_list_remove(&h->link);
	g->n_handles--;
	if (h->type->free)
		h->type->free(h->object);
	free(h);
}

void group_leave(struct rpcd_host *host, struct rpcd_group *g)
{
	bool last;

	pthread_mutex_lock(&host->lock);
	last = --g->refs == 0;
	if (last)
		smb3_list_remove(&g->link);
	pthread_mutex_unlock(&host->lock);
	if (!last)
		return;
	SMB3_LIST_EACH(&g->handles, node)
		handle_free(g, SMB3_CONTAINER(node, struct rpcd_handle, link));
	pthread_mutex_destroy(&g->lock);
	pthread_cond_destroy(&g->released);
	free(g->user);
	free(g->domain);
	free(g);
}

/* ---- handles ---- */

bool smb3_rpc_handle_new(struct smb3_rpc_call *call, const struct smb3_rpc_handle_type *type,
			 void *object, struct smb3_rpc_handle *ret_handle)
{
	struct rpcd_group *g = call->assoc->group;
	struct rpcd_handle *h = smb3_alloc(sizeof(*h));
	bool room;

	smb3_random(h->id.bytes + 4, sizeof(h->id.bytes) - 4);
	h->interface = call->interface;
	h->type = type;
	h->object = object;
	pthread_mutex_lock(&g->lock);
	room = g->n_handles < call->assoc->host->limits.handles;
	if (room) {
		*ret_handle = h->id;
		smb3_list_add(&g->handles, &h->link);
		g->n_handles++;
	}
	pthread_mutex_unlock(&g->lock);
	if (!room)
		free(h);
	return room;
}

static struct rpcd_handle *handle_get(struct smb3_rpc_call *call,
				      const struct smb3_rpc_handle_type *type,
				      const struct smb3_rpc_handle *handle)
{
	SMB3_LIST_EACH(&call->assoc->group->handles, node) {
		struct rpcd_handle *h = SMB3_CONTAINER(node, struct rpcd_handle, link);

		if (!memcmp(h->id.bytes, handle->bytes, sizeof(h->id.bytes)))
			return h->type == type && h->interface == call->interface ? h : NULL;
	}
	return NULL;
}

/* Until a call ends that holds a handle. Not for long: who waits has one of few threads, and looks to
 * smb3d as a call that hangs. */
static bool wait_released(struct rpcd_group *g, const struct timespec *until)
{
	return !pthread_cond_timedwait(&g->released, &g->lock, until);
}

/* For this call alone, until it ends. Who holds one already does not wait for another: two calls could
 * wait for each other. */
static struct rpcd_handle *handle_hold(struct smb3_rpc_call *call,
				       const struct smb3_rpc_handle_type *type,
				       const struct smb3_rpc_handle *handle)
{
	struct smb3_rpc_assoc *a = call->assoc;
	struct rpcd_handle *h;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += HANDLE_PATIENCE;
	while ((h = handle_get(call, type, handle)) && h->holder && h->holder != a)
		if (a->n_held || !wait_released(a->group, &until))
			return NULL;
	if (h && !h->holder) {
		h->holder = a;
		a->n_held++;
	}
	return h;
}

void handles_release(struct smb3_rpc_assoc *a)
{
	struct rpcd_group *g = a->group;

	pthread_mutex_lock(&g->lock);
	if (a->n_held) {
		SMB3_LIST_EACH(&g->handles, node) {
			struct rpcd_handle *h = SMB3_CONTAINER(node, struct rpcd_handle, link);

			if (h->holder == a)
				h->holder = NULL;
		}
		a->n_held = 0;
		pthread_cond_broadcast(&g->released);
	}
	pthread_mutex_unlock(&g->lock);
}

void *smb3_rpc_handle_find(struct smb3_rpc_call *call, const struct smb3_rpc_handle_type *type,
			   const struct smb3_rpc_handle *handle)
{
	struct rpcd_group *g = call->assoc->group;
	struct rpcd_handle *h;
	void *object;

	pthread_mutex_lock(&g->lock);
	h = handle_hold(call, type, handle);
	object = h ? h->object : NULL;
	pthread_mutex_unlock(&g->lock);
	return object;
}

bool smb3_rpc_handle_close(struct smb3_rpc_call *call, const struct smb3_rpc_handle_type *type,
			   const struct smb3_rpc_handle *handle)
{
	struct rpcd_group *g = call->assoc->group;
	struct rpcd_handle *h;

	pthread_mutex_lock(&g->lock);
	h = handle_hold(call, type, handle);
	if (h) {
		handle_free(g, h);
		call->assoc->n_held--;
		pthread_cond_broadcast(&g->released);
	}
	pthread_mutex_unlock(&g->lock);
	return h;
}
