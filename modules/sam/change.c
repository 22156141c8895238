// SPDX-License-Identifier: Apache-2.0
/*
 * change.c: accounts made, changed and removed, for administrators.
 */
#include "sam.h"

#include <errno.h>
#include <stdio.h>

void sam_tell(const struct smb3_rpc_asking *asking, const char *what, const char *name)
{
	smb3_log(SMB3_LOG_NOTICE, "sam: %s [%s] %s the account %s", asking->who->name,
		 asking->address, what, name);
}

/* ---- make ---- */

/* Whom it acts as must be there: else nobody could log on. */
static int unix_user_for(struct smb3_rpc_asking *asking, const struct sam_conf *conf,
			 struct smb3_account *a)
{
	const char *unix_name = *conf->unix_user ? conf->unix_user : a->name;
	struct sam_unix found;
	int err = 0;

	if (smb3_server_can_switch(asking->server))
		err = sam_user_by_name(unix_name, &found);
	if (err) {
		smb3_log(SMB3_LOG_NOTICE,
			 "sam: %s cannot make the account %s: there is no Unix user %s to act as "
			 "(sam.unix_user)",
			 asking->who->name, a->name, unix_name);
		return -EACCES;
	}
	snprintf(a->unix_name, sizeof(a->unix_name), "%s", conf->unix_user);
	return 0;
}

/* Its number must not be another's. */
static int number_free(struct smb3_rpc_asking *asking, const struct smb3_account *a)
{
	struct sam_account mine, other;

	sam_account_resolve(asking->server, a, &mine);
	return sam_account_by_rid(asking->server, mine.rid, &other) == -ENOENT ? 0 : -EEXIST;
}

static int make(struct smb3_rpc_asking *asking, const char *name)
{
	const struct sam_conf *conf = sam_conf(sam_of(asking, &sam_create));
	const struct smb3_accounts *store = sam_store_new(asking->server);
	struct smb3_account a = { .has_password = false };
	int err;

	if (!store)
		return -EROFS;
	snprintf(a.name, sizeof(a.name), "%s", name);
	if (smb3_account_store(asking->server, name))
		return -EEXIST;
	err = unix_user_for(asking, conf, &a);
	if (!err)
		err = number_free(asking, &a);
	return err ? err : store->put(smb3_module_of(asking->server, store), &a);
}

static int ask_create(struct smb3_rpc_asking *asking)
{
	struct sam *sam = sam_of(asking, &sam_create);
	const char *name = smb3_get_text(&asking->in, asking->arena);
	struct sam_account a;
	int err;

	if (!name || !*name || strlen(name) >= sizeof(a.account.name))
		return -EINVAL;
	pthread_mutex_lock(&sam->change);
	err = make(asking, name);
	pthread_mutex_unlock(&sam->change);
	if (!err)
		err = sam_account_by_name(asking->server, name, &a);
	if (err)
		return err;
	sam_tell(asking, "has made", name);
	sam_put_account(&asking->out, &a);
	return 0;
}

/* ---- remove ---- */

static int account_of(struct smb3_rpc_asking *asking, uint32_t rid, struct sam_account *ret_a,
		      const struct smb3_accounts **ret_store)
{
	int err = sam_account_by_rid(asking->server, rid, ret_a);

	if (err)
		return err;
	*ret_store = smb3_account_store(asking->server, ret_a->account.name);
	return *ret_store ? 0 : -EROFS;
}

static int ask_delete(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in);
	const struct smb3_accounts *store;
	struct sam_account a;
	int err;

	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	err = account_of(asking, rid, &a, &store);
	if (err)
		return err;
	if (!store->remove)
		return -EROFS;
	err = store->remove(smb3_module_of(asking->server, store), a.account.name);
	if (!err)
		sam_tell(asking, "has removed", a.account.name);
	return err;
}

/* ---- change ---- */

struct change {
	uint32_t which, flags;
	smb3_nttime expires;
};

static void apply(struct smb3_account *a, void *arg)
{
	const struct change *c = arg;

	if (c->which & SMB3_ACCOUNT_DISABLED)
		a->disabled = c->flags & SMB3_ACCOUNT_DISABLED;
	if (c->which & SMB3_ACCOUNT_LOCKED)
		a->locked = c->flags & SMB3_ACCOUNT_LOCKED;
	if (c->which & SMB3_ACCOUNT_MUST_CHANGE)
		a->must_change = c->flags & SMB3_ACCOUNT_MUST_CHANGE;
	if (c->which & SMB3_ACCOUNT_EXPIRES)
		a->expires = c->expires;
}

static int ask_change(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in);
	struct change c = { .which = smb3_get_u32(&asking->in) };
	const struct smb3_accounts *store;
	struct sam_account a;
	int err;

	c.flags = smb3_get_u32(&asking->in);
	c.expires = smb3_get_u64(&asking->in);
	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	err = account_of(asking, rid, &a, &store);
	if (err)
		return err;
	if (!store->modify)
		return -EROFS;
	err = store->modify(smb3_module_of(asking->server, store), a.account.name, apply, &c);
	if (!err)
		sam_tell(asking, "has changed", a.account.name);
	return err;
}

#define QUESTION(words, fn)                                                                \
	{                                                                                  \
		.name = words, .flags = SMB3_ASK_WORK | SMB3_ASK_ADMIN, .answer = ask_##fn \
	}

const struct smb3_rpc_question sam_create = QUESTION("make an account", create);
const struct smb3_rpc_question sam_delete = QUESTION("remove an account", delete);
const struct smb3_rpc_question sam_change = QUESTION("change an account", change);
