// SPDX-License-Identifier: Apache-2.0
/*
 * accounts.c: accounts, and their numbers below the machine's SID.
 *
 * An account that is called like the Unix user that it acts as has that user's number, 1000 + 2 * uid,
 * which module acl understands in ACLs. Any other (several accounts may act as one Unix user; or there
 * is none) has one that is made of its name, from 0xF0000000 on, where no Unix user's is. So numbers
 * need not be kept, and are the same after a restart and in a copy of the store.
 */
#include "sam.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define RID_NAMES 0xF0000000u

bool sam_gid_of_rid(uint32_t rid, uint32_t *ret_gid)
{
	if (rid < SAM_RID_BASE || rid >= RID_NAMES || (rid - SAM_RID_BASE) % 2 == 0)
		return false;
	*ret_gid = (rid - SAM_RID_BASE) / 2;
	return true;
}

/* FNV-1a, 64 bits, over the folded code points: it must never change. The last numbers are left
 * out, for they have a meaning to some clients. */
uint32_t sam_rid_of_name(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325u;

	while (*name) {
		uint32_t c = smb3_fold(smb3_utf8_next(&name));

		for (int shift = 0; shift < 32; shift += 8)
			hash = (hash ^ (c >> shift & 0xff)) * 0x100000001b3u;
	}
	return RID_NAMES + (uint32_t)((hash ^ hash >> 32) % 0x0FFFFF00u);
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
	if (a->found && smb3_name_equal(account->name, a->unix_user.name) &&
	    sam_rid_of_uid(a->unix_user.id) < RID_NAMES && a->unix_user.id <= SAM_UNIX_MAX)
		a->rid = sam_rid_of_uid(a->unix_user.id);
	else
		a->rid = sam_rid_of_name(account->name);
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

static const struct smb3_accounts *store_where(struct smb3_server *server, const char *name)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_accounts *store = rows[i]->row;
		struct smb3_account a;
		bool found = name ? store->find && store->find(smb3_module_of(server, store), name,
							       &a) == 0 :
				    store->put && store->modify;

		smb3_wipe(&a, sizeof(a));
		if (found)
			return store;
	}
	return NULL;
}

const struct smb3_accounts *sam_store_of(struct smb3_server *server, const char *name)
{
	return store_where(server, name);
}

const struct smb3_accounts *sam_store_new(struct smb3_server *server)
{
	return store_where(server, NULL);
}

/* ---- finding ---- */

/* The first account whose number is made of its name, and is this one. */
struct search {
	uint32_t rid;
	struct smb3_account account;
	bool found;
};

static bool search_one(const struct smb3_account *account, void *arg)
{
	struct search *s = arg;

	if (sam_rid_of_name(account->name) != s->rid)
		return true;
	s->account = *account;
	s->found = true;
	return false;
}

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
	struct search s = { .rid = rid };
	struct sam_unix user;
	int err = -ENOENT;

	if (rid >= RID_NAMES) {
		sam_accounts_each(server, search_one, &s);
		if (s.found) {
			sam_account_resolve(server, &s.account, ret_account);
			err = 0;
		}
		smb3_wipe(&s, sizeof(s));
	} else if (rid >= SAM_RID_BASE && (rid - SAM_RID_BASE) % 2 == 0) {
		err = sam_user_by_id((rid - SAM_RID_BASE) / 2, &user);
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
