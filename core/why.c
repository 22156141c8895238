// SPDX-License-Identifier: Apache-2.0
/*
 * why.c: the last denials and their reasons, for `smb3ctl why`. Any thread may add.
 */
#include "core.h"

#include <stdlib.h>

#define WHY_KEPT 64

struct smb3_why {
	pthread_mutex_t lock;
	unsigned long count; /* ever; the ring holds the last WHY_KEPT */
	struct smb3_denial ring[WHY_KEPT];
};

struct smb3_why *smb3_why_new(void)
{
	struct smb3_why *why = smb3_alloc(sizeof(*why));

	pthread_mutex_init(&why->lock, NULL);
	return why;
}

void smb3_why_free(struct smb3_why *why)
{
	if (!why)
		return;
	pthread_mutex_destroy(&why->lock);
	free(why);
}

const struct smb3_identity *smb3_req_who(const struct smb3_req *req)
{
	/* A session's identity is the loop's business; before work there is no other. */
	if (!req->ctx.who && req->session && !req->in_work)
		return req->session->identity;
	return req->ctx.who;
}

static void denial_fill(struct smb3_denial *d, const struct smb3_req *req, ntstatus status,
			const char *reason)
{
	const char *share = req->tree && req->tree->share ? req->tree->share->name : "";
	const struct smb3_identity *who = smb3_req_who(req);

	d->when = smb3_now();
	d->status = status;
	d->command = req->command ? req->command->name : "";
	snprintf(d->address, sizeof(d->address), "%s", req->conn ? req->conn->peer_name : "");
	snprintf(d->user, sizeof(d->user), "%s", who ? who->name : "");
	snprintf(d->share, sizeof(d->share), "%s", share);
	snprintf(d->reason, sizeof(d->reason), "%s", reason);
}

void smb3_why_add(const struct smb3_req *req, ntstatus status, const char *reason)
{
	struct smb3_why *why = req->server->why;

	if (!why)
		return;
	pthread_mutex_lock(&why->lock);
	denial_fill(&why->ring[why->count++ % WHY_KEPT], req, status, reason);
	pthread_mutex_unlock(&why->lock);
}

void smb3_denials(struct smb3_server *server, void (*fn)(const struct smb3_denial *d, void *arg),
		  void *arg)
{
	struct smb3_why *why = server->why;

	pthread_mutex_lock(&why->lock);
	for (unsigned long i = why->count > WHY_KEPT ? why->count - WHY_KEPT : 0; i < why->count;
	     i++)
		fn(&why->ring[i % WHY_KEPT], arg);
	pthread_mutex_unlock(&why->lock);
}
