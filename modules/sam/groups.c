// SPDX-License-Identifier: Apache-2.0
/*
 * groups.c: groups, told of and changed: those of stores, and those of the system, which are aliases and
 * stay as they are.
 */
#include "sam.h"

#include <errno.h>
#include <stdio.h>

#define ACCOUNTS_AT_ONCE 512
#define GROUPS_MAX       1024 /* of one user */
#define NOBODYS_GROUP    65534

static void put_group(struct smb3_builder *out, const struct smb3_group *g)
{
	smb3_put_u32(out, g->rid);
	smb3_put_u8(out, sam_group_type(g));
	smb3_put_text(out, g->name);
	smb3_put_text(out, g->comment);
	smb3_put_u32(out, g->members);
}

static struct smb3_group group_of_unix(const struct sam_unix *u)
{
	struct smb3_group g = { .rid = sam_rid_of_gid(u->id), .alias = true };

	snprintf(g.name, sizeof(g.name), "%s", u->name);
	return g;
}

/* ---- all of them ---- */

struct group_list {
	struct smb3_rpc_asking *asking;
	uint32_t skip, most;
	int64_t first;
	bool aliases;
};

static bool list_one(const struct smb3_group *g, void *arg)
{
	struct group_list *l = arg;

	if (g->alias != l->aliases)
		return true;
	if (l->skip) {
		l->skip--;
		return true;
	}
	if (!l->most--) {
		l->asking->cut = true;
		return false;
	}
	if (!smb3_rpc_row(l->asking))
		return false;
	put_group(&l->asking->out, g);
	return true;
}

static bool list_unix(const struct sam_unix *u, void *arg)
{
	struct group_list *l = arg;
	struct smb3_group g;

	if (u->id < l->first || u->id == NOBODYS_GROUP || u->id > SAM_UNIX_MAX)
		return true;
	g = group_of_unix(u);
	return list_one(&g, l);
}

static int list_stores(struct group_list *l)
{
	struct smb3_server *server = l->asking->server;
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &n);
	int err = 0;

	for (size_t i = 0; i < n && !err && !l->asking->cut; i++) {
		const struct smb3_accounts *store = rows[i]->row;

		if (store->group_each)
			err = store->group_each(smb3_module_of(server, store), NULL, list_one, l);
	}
	return err;
}

static int ask_groups(struct smb3_rpc_asking *asking)
{
	struct sam *sam = sam_of(asking, &sam_groups);
	struct group_list l = { .asking = asking, .first = sam_conf(sam)->first_group };
	int err;

	l.skip = smb3_get_u32(&asking->in);
	l.most = smb3_get_u32(&asking->in);
	l.aliases = smb3_get_u8(&asking->in) == SMB3_SID_ALIAS;
	err = sam_check_list(asking);
	if (!err && l.aliases) {
		pthread_mutex_lock(&sam->groups);
		sam_groups_each(list_unix, &l);
		pthread_mutex_unlock(&sam->groups);
	}
	if (!err && !asking->cut)
		err = list_stores(&l);
	return err ? err : sam_list_end(asking);
}

static int ask_group(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in), gid;
	int err = sam_check_list(asking);
	struct smb3_group group;
	struct sam_unix u;

	if (err)
		return err;
	if (sam_gid_of_rid(rid, &gid)) {
		err = sam_group_by_id(gid, &u);
		if (!err)
			group = group_of_unix(&u);
	} else {
		err = sam_group_of_store(asking->server, rid, NULL, &group, NULL);
	}
	if (!err)
		put_group(&asking->out, &group);
	return err;
}

/* ---- who is in a group ---- */

struct is_member {
	const char *name;
	bool found;
};

static bool member_is(const char *user, void *arg)
{
	struct is_member *m = arg;

	m->found |= !strcmp(user, m->name);
	return !m->found;
}

static bool member_of(const struct sam_account *a, uint32_t gid)
{
	struct is_member m = { a->unix_user.name, false };

	if (!a->found)
		return false;
	if (a->unix_user.group == gid)
		return true;
	sam_group_members(gid, member_is, &m);
	return m.found;
}

static bool put_member(struct smb3_rpc_asking *asking, const struct sam_account *a)
{
	if (!smb3_rpc_row(asking))
		return false;
	smb3_put_u32(&asking->out, a->rid);
	smb3_put_text(&asking->out, a->account.name);
	return true;
}

static int unix_members(struct smb3_rpc_asking *asking, uint32_t gid)
{
	struct sam_window w;
	struct sam_unix group;
	int err = sam_group_by_id(gid, &group);

	if (err)
		return err;
	w = sam_window_of(asking, 0, ACCOUNTS_AT_ONCE);
	for (uint32_t i = 0; i < w.n; i++) {
		struct sam_account a;

		sam_account_resolve(asking->server, &w.accounts[i], &a);
		if (member_of(&a, gid) && !put_member(asking, &a))
			break;
	}
	asking->cut |= w.more;
	return sam_list_end(asking);
}

/* Names are copied: the store is locked meanwhile. */
struct names {
	struct smb3_arena *arena;
	const char **names;
	uint32_t n, size;
};

static bool name_take(const char *account, void *arg)
{
	struct names *l = arg;

	if (l->n == l->size)
		return false;
	l->names[l->n++] = smb3_arena_strdup(l->arena, account);
	return true;
}

static int store_members(struct smb3_rpc_asking *asking, uint32_t rid)
{
	const struct smb3_accounts *store = NULL;
	struct names l = { .arena = asking->arena };
	struct smb3_group group;
	int err = sam_group_of_store(asking->server, rid, NULL, &group, &store);

	if (err)
		return err;
	l.size = group.members;
	l.names = smb3_arena_alloc(asking->arena, (l.size + 1) * sizeof(*l.names));
	err = store->group_members(smb3_module_of(asking->server, store), rid, name_take, &l);
	for (uint32_t i = 0; !err && i < l.n; i++) {
		struct smb3_account account;
		struct sam_account a;
		bool found = smb3_account_find(asking->server, l.names[i], &account) == 0;

		if (found)
			sam_account_resolve(asking->server, &account, &a);
		smb3_wipe(&account, sizeof(account));
		if (found && !put_member(asking, &a))
			break;
	}
	return err ? err : sam_list_end(asking);
}

static int ask_members(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in), gid;
	int err = sam_check_list(asking);

	if (err)
		return err;
	return sam_gid_of_rid(rid, &gid) ? unix_members(asking, gid) : store_members(asking, rid);
}

/* ---- of an account ---- */

static bool put_group_of(const struct smb3_group *g, void *arg)
{
	struct smb3_rpc_asking *asking = arg;

	if (!smb3_rpc_row(asking))
		return false;
	smb3_put_u32(&asking->out, g->rid);
	smb3_put_u8(&asking->out, sam_group_type(g));
	return true;
}

static int store_groups_of(struct smb3_rpc_asking *asking, const char *name)
{
	const struct smb3_accounts *store = smb3_account_store(asking->server, name);

	if (!store || !store->group_each)
		return 0;
	return store->group_each(smb3_module_of(asking->server, store), name, put_group_of, asking);
}

static int ask_groups_of(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in), *gids;
	int err = sam_check_list(asking);
	struct sam_account a;
	size_t n = 0;

	if (!err)
		err = sam_account_by_rid(asking->server, rid, &a);
	if (err)
		return err;
	gids = smb3_arena_alloc(asking->arena, GROUPS_MAX * sizeof(*gids));
	if (a.found)
		n = sam_user_groups(&a.unix_user, gids, GROUPS_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct smb3_group g = { .rid = sam_rid_of_gid(gids[i]), .alias = true };

		if (gids[i] <= SAM_UNIX_MAX && !put_group_of(&g, asking))
			break;
	}
	err = store_groups_of(asking, a.account.name);
	return err ? err : sam_list_end(asking);
}

/* ---- changed, by administrators ---- */

/* The store that has the group, or takes new ones. */
static int store_for(struct smb3_server *server, const struct smb3_group_change *c,
		     const struct smb3_accounts **ret_store)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &n);
	struct smb3_group there;
	uint32_t gid;

	if (c->op != SMB3_GROUP_ADD)
		return sam_gid_of_rid(c->rid, &gid) ?
			       -EROFS :
			       sam_group_of_store(server, c->rid, NULL, &there, ret_store);
	for (size_t i = 0; i < n; i++) {
		*ret_store = rows[i]->row;
		if ((*ret_store)->group_change)
			return 0;
	}
	return -EROFS;
}

/* Another store's account is none of this one's. */
static int member_for(struct smb3_rpc_asking *asking, const struct smb3_accounts *store,
		      uint32_t rid, struct smb3_group_change *c)
{
	struct sam_account a;
	int err;

	if (c->op != SMB3_GROUP_JOIN && c->op != SMB3_GROUP_LEAVE)
		return 0;
	err = sam_account_by_rid(asking->server, rid, &a);
	if (err)
		return err == -ENOENT ? -ESRCH : err;
	if (smb3_account_store(asking->server, a.account.name) != store)
		return -ESRCH;
	c->member = smb3_arena_strdup(asking->arena, a.account.name);
	return 0;
}

static bool get_change(struct smb3_rpc_asking *asking, struct smb3_group_change *c,
		       uint32_t *ret_member)
{
	uint8_t op = smb3_get_u8(&asking->in), which;

	c->op = (enum smb3_group_op)op;
	c->rid = smb3_get_u32(&asking->in);
	which = smb3_get_u8(&asking->in);
	c->name = smb3_get_text(&asking->in, asking->arena);
	c->comment = smb3_get_text(&asking->in, asking->arena);
	c->alias = smb3_get_u8(&asking->in) == SMB3_SID_ALIAS;
	*ret_member = smb3_get_u32(&asking->in);
	if (!(which & SMB3_GROUP_NAME))
		c->name = NULL;
	if (!(which & SMB3_GROUP_COMMENT))
		c->comment = NULL;
	return smb3_cursor_ok(&asking->in) && op <= SMB3_GROUP_LEAVE &&
	       (op != SMB3_GROUP_ADD || c->name);
}

static void tell(const struct smb3_rpc_asking *asking, const struct smb3_group_change *c,
		 const struct smb3_group *g)
{
	static const char *const did[] = {
		[SMB3_GROUP_ADD] = "has made",
		[SMB3_GROUP_REMOVE] = "has removed",
		[SMB3_GROUP_SET] = "has changed",
		[SMB3_GROUP_JOIN] = "has put a member into",
		[SMB3_GROUP_LEAVE] = "has taken a member out of",
	};

	smb3_log(SMB3_LOG_NOTICE, "sam: %s [%s] %s the group %s%s%s", asking->who->name,
		 asking->address, did[c->op], g->name, c->member ? ": " : "",
		 c->member ? c->member : "");
}

static int ask_change_group(struct smb3_rpc_asking *asking)
{
	struct smb3_group_change c = { .rid = 0 };
	const struct smb3_accounts *store = NULL;
	struct smb3_group after;
	uint32_t member;
	int err;

	if (!get_change(asking, &c, &member))
		return -EINVAL;
	err = store_for(asking->server, &c, &store);
	if (!err)
		err = member_for(asking, store, member, &c);
	if (!err)
		err = store->group_change(smb3_module_of(asking->server, store), &c, &after);
	if (err)
		return err;
	tell(asking, &c, &after);
	put_group(&asking->out, &after);
	return 0;
}

#define QUESTION(words, fn)                                               \
	{                                                                 \
		.name = words, .flags = SMB3_ASK_WORK, .answer = ask_##fn \
	}

const struct smb3_rpc_question sam_groups = QUESTION("groups", groups);
const struct smb3_rpc_question sam_group = QUESTION("a group", group);
const struct smb3_rpc_question sam_members = QUESTION("members of a group", members);
const struct smb3_rpc_question sam_groups_of = QUESTION("groups of an account", groups_of);
const struct smb3_rpc_question sam_change_group = { .name = "change a group",
						    .flags = SMB3_ASK_WORK | SMB3_ASK_ADMIN,
						    .answer = ask_change_group };
