// SPDX-License-Identifier: Apache-2.0
/*
 * group.h: numbers (RIDs) of accounts below the machine's SID; groups that account stores keep, and who is in
 * them by his log-on.
 */
#ifndef SMB3_GROUP_H
#define SMB3_GROUP_H

#include <errno.h>
#include <smb3/auth.h>
#include <smb3/module.h>
#include <smb3/rpc.h>
#include <smb3/server.h>
#include <smb3/utf16.h>
#include <string.h>

/* Numbers of Unix users and groups: 1000 + 2 * uid, 1001 + 2 * gid, as far as they fit below those of
 * groups. An account that is called like the Unix user that it acts as has that user's number. Any other
 * (several may act as one, or there is none) has one that is made of its name, from SMB3_ACCOUNT_RIDS on. */
#define SMB3_UNIX_RIDS    1000u
#define SMB3_UNIX_ID_MAX  ((SMB3_GROUP_RIDS - SMB3_UNIX_RIDS - 2) / 2)
#define SMB3_ACCOUNT_RIDS SMB3_GROUP_RIDS_END

/* unix_name NULL: there is none. The name's is FNV-1a, 64 bits, over the folded code points: it must never
 * change. The last numbers are left out, for they have a meaning to some clients. */
static inline uint32_t smb3_account_rid(const char *name, const char *unix_name, uint32_t uid)
{
	uint64_t hash = 0xcbf29ce484222325u;

	if (unix_name && smb3_name_equal(name, unix_name) && uid <= SMB3_UNIX_ID_MAX)
		return SMB3_UNIX_RIDS + 2 * uid;
	while (*name) {
		uint32_t c = smb3_fold(smb3_utf8_next(&name));

		for (int shift = 0; shift < 32; shift += 8)
			hash = (hash ^ (c >> shift & 0xff)) * 0x100000001b3u;
	}
	return SMB3_ACCOUNT_RIDS + (uint32_t)((hash ^ hash >> 32) % 0x0FFFFF00u);
}

/* The store whose group that is, by name, or by number when name is NULL. 0; -ENOENT; -EAGAIN when a store
 * cannot tell yet. */
static inline int smb3_group_find(struct smb3_server *server, uint32_t rid, const char *name,
				  struct smb3_group *ret_group,
				  const struct smb3_accounts **ret_store)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_accounts *store = rows[i]->row;
		int err = -ENOENT;

		if (store->group_find)
			err = store->group_find(smb3_module_of(server, store), rid, name,
						ret_group);
		if (!err && ret_store)
			*ret_store = store;
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

/* The store that has an account; NULL: none. */
static inline const struct smb3_accounts *smb3_account_store(struct smb3_server *server,
							     const char *name)
{
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct smb3_accounts *store = rows[i]->row;
		struct smb3_account a;
		bool found = store->find &&
			     store->find(smb3_module_of(server, store), name, &a) == 0;

		smb3_wipe(&a, sizeof(a));
		if (found)
			return store;
	}
	return NULL;
}

struct smb3_account_search {
	uint32_t rid;
	struct smb3_account *found;
	bool is;
};

static inline bool smb3_account_search_one(const struct smb3_account *account, void *arg)
{
	struct smb3_account_search *s = arg;

	s->is = smb3_account_rid(account->name, NULL, 0) == s->rid;
	if (s->is)
		*s->found = *account;
	return !s->is;
}

/* The first account that has that number if it is one that is made of the name: whether it is not called
 * like its Unix user is still to be seen. 0 or -ENOENT. */
static inline int smb3_account_by_rid(struct smb3_server *server, uint32_t rid,
				      struct smb3_account *ret_account)
{
	struct smb3_account_search s = { .rid = rid, .found = ret_account };
	size_t n;
	const struct smb3_provide *const *rows = smb3_rows(server, SMB3_KIND_ACCOUNTS, &n);

	for (size_t i = 0; i < n && !s.is; i++) {
		const struct smb3_accounts *store = rows[i]->row;

		if (store->each)
			store->each(smb3_module_of(server, store), smb3_account_search_one, &s);
	}
	return s.is ? 0 : -ENOENT;
}

/* Whether the SID of that number below the machine's is among those that it has. */
static inline bool smb3_identity_has_rid(const struct smb3_identity *id, uint32_t rid)
{
	struct smb3_rpc_sid machine = smb3_machine_sid(smb3_server_guid(id->server));
	struct smb3_rpc_sid sid = smb3_rpc_sid_below(&machine, rid);
	uint8_t form[8 + 4 * 15];
	struct smb3_builder b = smb3_builder_init(form, sizeof(form));
	bool has = false;

	smb3_put_rpc_sid(&b, &sid);
	for (size_t at = 0; !has && at + b.len <= id->sids_len;
	     at += 8 + 4 * (size_t)id->sids[at + 1])
		has = !memcmp(id->sids + at, form, b.len);
	return has;
}

/* Puts a SID below the machine's behind those that it has. */
static inline void smb3_identity_add_rid(struct smb3_identity *id, uint32_t rid)
{
	struct smb3_rpc_sid machine = smb3_machine_sid(smb3_server_guid(id->server));
	struct smb3_rpc_sid sid = smb3_rpc_sid_below(&machine, rid);
	size_t size = 8 + 4 * (size_t)sid.n_auths;
	struct smb3_builder b;

	id->sids = smb3_realloc(id->sids, id->sids_len + size);
	b = smb3_builder_init(id->sids + id->sids_len, size);
	smb3_put_rpc_sid(&b, &sid);
	id->sids_len += size;
}

static inline bool smb3_identity_join_one(const struct smb3_group *group, void *arg)
{
	struct smb3_identity *id = arg;
	size_t len = strlen(group->name) + 1;

	smb3_identity_add_rid(id, group->rid);
	id->groups_of_store = smb3_realloc(id->groups_of_store, id->groups_of_store_len + len);
	memcpy(id->groups_of_store + id->groups_of_store_len, group->name, len);
	id->groups_of_store_len += len;
	return true;
}

/* For the maker of an identity that is an account of a store, after sids and before anybody else sees it:
 * gives it the account's own SID, unless that is its Unix user's, and those of the groups that the account
 * is in now. May block. 0 or -errno: then it must not be used. */
static inline int smb3_identity_join(struct smb3_identity *id)
{
	const struct smb3_accounts *store = smb3_account_store(id->server, id->name);
	uint32_t rid = smb3_account_rid(id->name, id->unix_name, id->uid);

	if (!store)
		return 0;
	if (rid >= SMB3_ACCOUNT_RIDS)
		smb3_identity_add_rid(id, rid);
	if (!store->group_each)
		return 0;
	return store->group_each(smb3_module_of(id->server, store), id->name,
				 smb3_identity_join_one, id);
}

/* The next name of such a group, from NULL on; NULL at the end. */
static inline const char *smb3_identity_group(const struct smb3_identity *id, const char *last)
{
	const char *next = last ? last + strlen(last) + 1 : id->groups_of_store;

	return next && next < id->groups_of_store + id->groups_of_store_len ? next : NULL;
}

/* An identity that is made of another's: in the same groups, also in those of a domain. */
static inline void smb3_identity_share_groups(struct smb3_identity *id,
					      const struct smb3_identity *of)
{
	if (of->sids_len) {
		id->sids = smb3_realloc(id->sids, of->sids_len);
		memcpy(id->sids, of->sids, of->sids_len);
		id->sids_len = of->sids_len;
	}
	if (of->groups_of_store_len) {
		id->groups_of_store = smb3_realloc(id->groups_of_store, of->groups_of_store_len);
		memcpy(id->groups_of_store, of->groups_of_store, of->groups_of_store_len);
		id->groups_of_store_len = of->groups_of_store_len;
	}
}

#endif
