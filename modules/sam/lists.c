// SPDX-License-Identifier: Apache-2.0
/*
 * lists.c: what is told of accounts. Hashes of passwords are in no answer.
 */
#include "sam.h"

#include <errno.h>

#define ACCOUNTS_AT_ONCE 512

bool sam_may_list(const struct sam_conf *conf, const struct smb3_identity *who)
{
	return !who->anonymous && (!who->guest || conf->guests);
}

static struct sam *sam_here(struct smb3_rpc_asking *asking)
{
	return sam_of(asking, &sam_accounts);
}

int sam_check_list(struct smb3_rpc_asking *asking)
{
	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	return sam_may_list(sam_conf(sam_here(asking)), asking->who) ? 0 : -EACCES;
}

int sam_list_end(struct smb3_rpc_asking *asking)
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

static bool window_take(const struct smb3_account *account, void *arg)
{
	struct sam_window *w = arg;

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

struct sam_window sam_window_of(struct smb3_rpc_asking *asking, uint32_t skip, uint32_t most)
{
	struct sam_window w = { .skip = skip,
				.most = most < ACCOUNTS_AT_ONCE ? most : ACCOUNTS_AT_ONCE };

	w.accounts = smb3_arena_alloc(asking->arena, (w.most + 1) * sizeof(*w.accounts));
	sam_accounts_each(asking->server, window_take, &w);
	return w;
}

static int ask_accounts(struct smb3_rpc_asking *asking)
{
	uint32_t skip = smb3_get_u32(&asking->in), most = smb3_get_u32(&asking->in);
	int err = sam_check_list(asking);
	struct sam_window w;

	if (err)
		return err;
	w = sam_window_of(asking, skip, most);
	for (uint32_t i = 0; i < w.n && smb3_rpc_row(asking); i++) {
		struct sam_account a;

		sam_account_resolve(asking->server, &w.accounts[i], &a);
		sam_put_account(&asking->out, &a);
	}
	asking->cut |= w.more;
	return sam_list_end(asking);
}

static int ask_account(struct smb3_rpc_asking *asking)
{
	uint32_t rid = smb3_get_u32(&asking->in);
	const char *name = smb3_get_text(&asking->in, asking->arena);
	int err = sam_check_list(asking);
	struct sam_account a;

	if (!err)
		err = rid ? sam_account_by_rid(asking->server, rid, &a) :
			    sam_account_by_name(asking->server, name, &a);
	if (!err)
		sam_put_account(&asking->out, &a);
	return err;
}

#define QUESTION(words, fn)                                               \
	{                                                                 \
		.name = words, .flags = SMB3_ASK_WORK, .answer = ask_##fn \
	}

const struct smb3_rpc_question sam_accounts = QUESTION("accounts", accounts);
const struct smb3_rpc_question sam_account = QUESTION("an account", account);
