// SPDX-License-Identifier: Apache-2.0
/*
 * lists.c: what is told of accounts and groups. Hashes of passwords are in no answer.
 */
#include "sam.h"

#include <errno.h>

#define ACCOUNTS_AT_ONCE 512
#define GROUPS_MAX       1024 /* of one user */

bool sam_may_list(const struct sam_conf *conf, const struct smb3_identity *who)
{
	return !who->anonymous && (!who->guest || conf->guests);
}

static struct sam *sam_here(struct smb3_rpc_asking *asking)
{
	return sam_of(asking, &sam_accounts);
}

static int may_list(struct smb3_rpc_asking *asking)
{
	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	return sam_may_list(sam_conf(sam_here(asking)), asking->who) ? 0 : -EACCES;
}

static int list_end(struct smb3_rpc_asking *asking)
{
	smb3_put_u8(&asking->out, asking->cut ? SMB3_RPC_LIST_CUT : SMB3_RPC_LIST_END);
	return 0;
}

/* ---- accounts ---- */

static uint32_t account_flags(const struct smb3_account *a)
{
	return (a->disabled ? SMB3_ACCOUNT_DISABLED : 0) | (a->locked ? SMB3_ACCOUNT_LOCKED : 0) |
	       (a->admin ? SMB3_ACCOUNT_ADMIN : 0) |
	       (a->must_change ? SMB3_ACCOUNT_MUST_CHANGE : 0) |
	       (a->has_password ? 0 : SMB3_ACCOUNT_NO_PASSWORD);
}

void sam_put_account(struct smb3_builder *out, const struct sam_account *a)
{
	smb3_put_u32(out, a->rid);
	smb3_put_text(out, a->account.name);
	smb3_put_text(out, a->found ? a->unix_user.full_name : "");
	smb3_put_u32(out, account_flags(&a->account));
	smb3_put_u32(out, SAM_RID_NONE_GROUP);
	smb3_put_u64(out, a->account.changed);
	smb3_put_u64(out, a->account.password_expires);
	smb3_put_u64(out, a->account.expires);
}

/* A copy, without the hashes: the store is locked only meanwhile. */
struct window {
	uint32_t skip, most, n;
	bool more;
	struct smb3_account *accounts;
};

static bool window_take(const struct smb3_account *account, void *arg)
{
	struct window *w = arg;

	if (w->skip) {
		w->skip--;
		return true;
	}
	if (w->n == w->most) {
		w->more = true;
		return false;
	}
	w->accounts[w->n] = *account;
	smb3_wipe(w->accounts[w->n].nt_hash, sizeof(account->nt_hash));
	w->n++;
	return true;
}

static struct window window_of(struct smb3_rpc_asking *asking, uint32_t skip, uint32_t most)
{
	struct window w = { .skip = skip,
			    .most = most < ACCOUNTS_AT_ONCE ? most : ACCOUNTS_AT_ONCE };

	w.accounts = smb3_arena_alloc(asking->arena, (w.most + 1) * sizeof(*w.accounts));
	sam_accounts_each(asking->server, window_take, &w);
	return w;
}

static int ask_accounts(struct smb3_rpc_asking *asking)
{
	uint32_t skip = smb3_get_u32(&asking->in), most = smb3_get_u32(&asking->in);
	int err = may_list(asking);
	struct window w;

	if (err)
		return err;
	w = window_of(asking, skip, most);
	for (uint32_t i = 0; i < w.n && smb3_rpc_row(asking); i++) {
		struct sam_account a;

		sam_account_resolve(asking->server, &w.accounts[i], &a);
		sam_put_account(&asking->out, &a);
	}
	asking->cut |= w.more;
	return list_end(asking);
}

static int ask_account(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in);
	const char *name = smb3_get_text(&asking->in, asking->arena);
	int err = may_list(asking);
	struct sam_account a;

	if (!err)
		err = rid ? sam_account_by_rid(asking->server, rid, &a) :
			    sam_account_by_name(asking->server, name, &a);
	if (!err)
		sam_put_account(&asking->out, &a);
	return err;
}

/* ---- groups ---- */

struct group_list {
	struct smb3_rpc_asking *asking;
	uint32_t skip, most;
	int64_t first;
};

#define NOBODYS_GROUP 65534

static bool group_row(const struct sam_unix *g, void *arg)
{
	struct group_list *l = arg;

	if (g->id < l->first || g->id == NOBODYS_GROUP || g->id > SAM_UNIX_MAX)
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
	smb3_put_u32(&l->asking->out, sam_rid_of_gid(g->id));
	smb3_put_text(&l->asking->out, g->name);
	return true;
}

static int ask_groups(struct smb3_rpc_asking *asking)
{
	struct group_list l = { asking, smb3_get_u32(&asking->in), smb3_get_u32(&asking->in),
				.first = 0 };
	struct sam *sam = sam_here(asking);
	int err = may_list(asking);

	if (err)
		return err;
	l.first = sam_conf(sam)->first_group;
	pthread_mutex_lock(&sam->groups);
	sam_groups_each(group_row, &l);
	pthread_mutex_unlock(&sam->groups);
	return list_end(asking);
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

static int ask_members(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in), gid;
	int err = may_list(asking);
	struct sam_unix group;
	struct window w;

	if (err)
		return err;
	if (!sam_gid_of_rid(rid, &gid))
		return -ENOENT;
	err = sam_group_by_id(gid, &group);
	if (err)
		return err;
	w = window_of(asking, 0, ACCOUNTS_AT_ONCE);
	for (uint32_t i = 0; i < w.n; i++) {
		struct sam_account a;

		sam_account_resolve(asking->server, &w.accounts[i], &a);
		if (!member_of(&a, gid))
			continue;
		if (!smb3_rpc_row(asking))
			break;
		smb3_put_u32(&asking->out, a.rid);
		smb3_put_text(&asking->out, a.account.name);
	}
	asking->cut |= w.more;
	return list_end(asking);
}

static int ask_groups_of(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in), *gids;
	int err = may_list(asking);
	struct sam_account a;
	size_t n = 0;

	if (!err)
		err = sam_account_by_rid(asking->server, rid, &a);
	if (err)
		return err;
	gids = smb3_arena_alloc(asking->arena, GROUPS_MAX * sizeof(*gids));
	if (a.found)
		n = sam_user_groups(&a.unix_user, gids, GROUPS_MAX);
	for (size_t i = 0; i < n; i++)
		if (gids[i] <= SAM_UNIX_MAX && smb3_rpc_row(asking))
			smb3_put_u32(&asking->out, sam_rid_of_gid(gids[i]));
	return list_end(asking);
}

#define QUESTION(words, fn)                                               \
	{                                                                 \
		.name = words, .flags = SMB3_ASK_WORK, .answer = ask_##fn \
	}

const struct smb3_rpc_question sam_accounts = QUESTION("accounts", accounts);
const struct smb3_rpc_question sam_account = QUESTION("an account", account);
const struct smb3_rpc_question sam_groups = QUESTION("groups", groups);
const struct smb3_rpc_question sam_members = QUESTION("members of a group", members);
const struct smb3_rpc_question sam_groups_of = QUESTION("groups of an account", groups_of);
