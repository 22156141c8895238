// SPDX-License-Identifier: Apache-2.0
/*
 * accounts.c: accounts, and their numbers below the machine's SID (group.h). So numbers of accounts need
 * not be kept, and are the same after a restart and in a copy of the store. Those of groups are kept.
 */
#include "sam.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static bool id_of_rid(uint32_t rid, uint32_t odd, uint32_t *ret_id)
{
	if (rid < SMB3_UNIX_RIDS || rid >= SMB3_GROUP_RIDS || (rid - SMB3_UNIX_RIDS) % 2 != odd)
		return false;
	*ret_id = (rid - SMB3_UNIX_RIDS) / 2;
	return true;
}

bool sam_uid_of_rid(uint32_t rid, uint32_t *ret_uid)
{
	return id_of_rid(rid, 0, ret_uid);
}

bool sam_gid_of_rid(uint32_t rid, uint32_t *ret_gid)
{
	return id_of_rid(rid, 1, ret_gid);
}

/* ---- one account ---- */

/* A server that cannot act as others acts as its own user for everybody. */
static int unix_user_of(const struct smb3_server *server, const struct smb3_account *a,
			struct sam_unix *ret_user)
{
	if (!smb3_server_can_switch(server))
		return sam_user_by_id(geteuid(), ret_user);
	return sam_user_by_name(a->unix_name[0] ? a->unix_name : a->name, ret_user);
}

void sam_account_resolve(const struct smb3_server *server, const struct smb3_account *account,
			 struct sam_account *ret_account)
{
	struct sam_account *a = ret_account;

	a->account = *account;
	smb3_wipe(a->account.nt_hash, sizeof(a->account.nt_hash));
	a->found = unix_user_of(server, account, &a->unix_user) == 0;
	a->rid = smb3_account_rid(account->name, a->found ? a->unix_user.name : NULL,
				  a->unix_user.id);
}

/* ---- stores ---- */

void sam_accounts_each(struct smb3_server *server,
		       bool (*fn)(const struct smb3_account *account, void *arg), void *arg)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_accounts *store = rows[i]->row;

		if (store->each)
			store->each(smb3_module_of(server, store), fn, arg);
	}
}

const struct smb3_accounts *sam_store_new(struct smb3_server *server)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_accounts *store = rows[i]->row;

		if (store->put && store->modify)
			return store;
	}
	return NULL;
}

/* ---- finding ---- */

static int find_account(struct smb3_server *server, const char *name,
			struct sam_account *ret_account)
{
	struct smb3_account account;
	int err = smb3_account_find(server, name, &account);

	if (!err)
		sam_account_resolve(server, &account, ret_account);
	smb3_wipe(&account, sizeof(account));
	return err;
}

int sam_account_by_rid(struct smb3_server *server, uint32_t rid, struct sam_account *ret_account)
{
	struct smb3_account account;
	struct sam_unix user;
	int err = -ENOENT;
	uint32_t uid;

	if (rid >= SMB3_ACCOUNT_RIDS) {
		err = smb3_account_by_rid(server, rid, &account);
		if (!err)
			sam_account_resolve(server, &account, ret_account);
		smb3_wipe(&account, sizeof(account));
	} else if (sam_uid_of_rid(rid, &uid)) {
		err = sam_user_by_id(uid, &user);
		if (!err)
			err = find_account(server, user.name, ret_account);
	}
	if (!err && ret_account->rid != rid)
		err = -ENOENT;
	return err;
}

int sam_account_by_name(struct smb3_server *server, const char *name,
			struct sam_account *ret_account)
{
	struct sam_account first;
	int err = find_account(server, name, ret_account);

	if (!err)
		err = sam_account_by_rid(server, ret_account->rid, &first);
	if (!err && !smb3_name_equal(first.account.name, ret_account->account.name)) {
		smb3_log(SMB3_LOG_WARNING,
			 "sam: the accounts %s and %s have one number: the second cannot be had by "
			 "remote procedures",
			 first.account.name, ret_account->account.name);
		err = -ENOENT;
	}
	return err;
}
