// SPDX-License-Identifier: Apache-2.0
/*
 * expose.c: in smb3d: the shares that show shadow copies: in no list, read-only, and only for those
 * who may make copies: what a script or an option says of a share by its name would not reach a share
 * of another name. [MS-FSRVP] 3.1.4.6
 */
#include "fsrvp.h"

#include <smb3/lookup.h>
#include <smb3/snapshot.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ORDER_SHARE 120 /* before scripts: none makes a share of such a name */
#define ORDER_TREE  890 /* after all who may say with what access */
#define READ_ONLY   (FILE_GENERIC_READ | FILE_GENERIC_EXECUTE)

/* ---- who may ---- */

/* Where everybody is the server's own user, everybody would have its groups. */
static bool in_group(const struct smb3_identity *who, const char *name)
{
	struct group gr;
	char *buf;
	bool is;

	if (!smb3_server_can_switch(who->server) || smb3_lookup_group(name, 0, &gr, &buf))
		return false;
	is = who->gid == gr.gr_gid;
	for (size_t i = 0; i < who->n_groups; i++)
		is |= who->groups[i] == gr.gr_gid;
	free(buf);
	return is;
}

/* DOMAIN\name, or the name of an account of this server. */
static bool is_user(const struct smb3_identity *who, const char *entry)
{
	const char *slash = strchr(entry, '\\');
	size_t len = slash ? (size_t)(slash - entry) : 0;

	if (!slash)
		return !*who->domain && smb3_name_equal(entry, who->name);
	return strlen(who->domain) == len && !strncasecmp(entry, who->domain, len) &&
	       smb3_name_equal(slash + 1, who->name);
}

bool fsrvp_admits(const struct smb3_mod *mod, const struct smb3_identity *who)
{
	const struct fsrvp_conf *conf = atomic_load(&mod->conf);

	if (who->guest || who->anonymous)
		return false;
	if (who->admin)
		return true;
	for (const char *const *o = conf->operators; *o; o++)
		if (**o == '@' ? in_group(who, *o + 1) : is_user(who, *o))
			return true;
	return false;
}

/* ---- the shares ---- */

/* Under the lock. */
static const struct fsrvp_copy *copy_named(const struct fsrvp *f, const char *name)
{
	SMB3_LIST_EACH(&f->sets, node) {
		const struct fsrvp_set *set = SMB3_CONTAINER(node, struct fsrvp_set, link);

		SMB3_LIST_EACH(&set->copies, at) {
			const struct fsrvp_copy *copy = SMB3_CONTAINER(at, struct fsrvp_copy, link);

			if (smb3_name_equal(copy->name, name))
				return copy;
		}
	}
	return NULL;
}

/* The share that a copy was taken of, a reference, and when that was; or NULL. */
static struct smb3_share *origin_of(struct fsrvp *f, const char *name, smb3_nttime *ret_when)
{
	const struct fsrvp_copy *copy;
	char *share = NULL;
	struct smb3_share *origin;

	pthread_mutex_lock(&f->lock);
	copy = copy_named(f, name);
	if (copy && !copy->leaving) {
		share = smb3_strdup(copy->share);
		*ret_when = copy->when;
	}
	pthread_mutex_unlock(&f->lock);
	origin = share ? smb3_share_find(f->mod->server, share) : NULL;
	free(share);
	return origin;
}

/* Options may have changed since: a share without versions would show what it is now. */
static bool shows_version(struct smb3_share *share)
{
	struct smb3_mount *mount;

	return !smb3_share_mount(share, &mount) && smb3_vfs_versioned(mount);
}

static enum smb3_verdict find_share(struct smb3_mod *mod, struct smb3_event *event)
{
	struct smb3_share *origin, *share;
	smb3_nttime when = 0;

	if (!strstr(event->path, "@{") || !fsrvp_admits(mod, event->who))
		return SMB3_PASS;
	origin = origin_of(fsrvp_of(mod), event->path, &when);
	if (!origin)
		return SMB3_PASS;
	share = smb3_share_derive(origin, event->path, origin->path, when);
	smb3_share_unref(origin);
	if (!shows_version(share)) {
		smb3_share_unref(share);
		return SMB3_PASS;
	}
	event->share = share;
	return SMB3_ALLOW;
}

const struct smb3_hook fsrvp_hook_share = {
	.point = SMB3_HOOK_SHARE, .order = ORDER_SHARE, .name = "rpc_fsrvp", .run = find_share
};

static enum smb3_verdict tame_tree(struct smb3_mod *mod, struct smb3_event *event)
{
	if (event->share->version)
		event->access &= READ_ONLY;
	return SMB3_PASS;
}

const struct smb3_hook fsrvp_hook_tree = {
	.point = SMB3_HOOK_TREE_CONNECT, .order = ORDER_TREE, .name = "rpc_fsrvp", .run = tame_tree
};

/* ---- trees of copies that are gone ---- */

static bool is_gone(const struct smb3_tree *t, void *arg)
{
	struct fsrvp *f = arg;
	bool gone;

	if (!t->share->version)
		return false;
	pthread_mutex_lock(&f->lock);
	gone = !copy_named(f, t->share->name);
	pthread_mutex_unlock(&f->lock);
	return gone;
}

static bool leave_session(struct smb3_session *s, void *arg)
{
	smb3_trees_close(s, is_gone, arg);
	return true;
}

void fsrvp_leave(struct fsrvp *f, struct smb3_worker *worker)
{
	uint32_t *left = &f->left[smb3_worker_index(worker)], gone = atomic_load(&f->gone);

	if (*left == gone)
		return;
	*left = gone;
	smb3_worker_each_session(worker, leave_session, f);
}

/* For a client that has removed a copy and waits: the tick would come later. Whoever asks, nothing goes
 * that should stay. */
static int answer_leave(struct smb3_rpc_asking *asking)
{
	smb3_worker_each_session(asking->worker, leave_session,
				 fsrvp_of(smb3_module_of(asking->server, &fsrvp_ask_leave)));
	return 0;
}

const struct smb3_rpc_question fsrvp_ask_leave = { .name = "leave shadow copies that are gone",
						   .flags = SMB3_ASK_EACH,
						   .answer = answer_leave };
