// SPDX-License-Identifier: Apache-2.0
/*
 * find.c: which share is meant: one of smb3.conf, one that a hook has for the name, or the user's
 * own home. One whose folder depends on who connects is derived for him here.
 */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

/* A share for a name that smb3.conf does not have; a reference, or NULL. */
static struct smb3_share *find_by_hook(struct smb3_req *req, const struct connect *c)
{
	struct smb3_event event = { .point = SMB3_HOOK_SHARE,
				    .server = req->server,
				    .conn = req->conn,
				    .req = req,
				    .path = c->name,
				    .who = c->who };

	if (!smb3_hooked(req->server, SMB3_HOOK_SHARE))
		return NULL;
	if (smb3_hook_run(&event) == SMB3_ALLOW && event.share)
		return event.share;
	smb3_share_unref(event.share);
	return NULL;
}

static const char *homes_name(struct smb3_server *server)
{
	const struct tree_conf *conf = atomic_load(&smb3_module_find(server, "tree")->conf);

	return conf->homes;
}

/* Nobody but the user himself finds his home by his name. */
static struct smb3_share *find_home(struct smb3_req *req, const struct connect *c)
{
	const struct smb3_identity *who = c->who;
	const char *homes = homes_name(req->server);

	if (!*homes || who->guest || who->anonymous ||
	    !(smb3_name_equal(c->name, who->name) || !strcmp(c->name, who->unix_name)))
		return NULL;
	return smb3_share_find(req->server, homes);
}

/* The template's own name leads to the same place as the user's. */
static const char *own_name(const struct smb3_req *req, const struct connect *c)
{
	return smb3_name_equal(c->share->name, homes_name(req->server)) ? c->who->name :
									  c->share->name;
}

static ntstatus derive(struct smb3_req *req, struct connect *c)
{
	struct smb3_share *origin = c->share;
	char why[200], *path = expand_path(origin, c->who, req->conn, why, sizeof(why));

	if (!path)
		return smb3_req_deny(req, STATUS_BAD_NETWORK_NAME, "share %s: %s", origin->name,
				     why);
	c->share = smb3_share_derive(origin, own_name(req, c), path, 0);
	free(path);
	smb3_share_unref(origin);
	return STATUS_SUCCESS;
}

ntstatus connect_find(struct smb3_req *req, struct connect *c)
{
	if (!c->share)
		c->share = find_by_hook(req, c);
	if (!c->share)
		c->share = find_home(req, c);
	if (!c->share)
		return smb3_req_deny(req, STATUS_BAD_NETWORK_NAME, "no share \"%s\"", c->name);
	if (c->share->origin || !strchr(c->share->path, '%'))
		return STATUS_SUCCESS;
	return derive(req, c);
}
