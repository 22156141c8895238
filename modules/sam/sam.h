// SPDX-License-Identifier: Apache-2.0
/*
 * sam.h: the parts of module sam: accounts and groups as clients of remote procedures know them.
 *   nss       Unix users and groups
 *   accounts  accounts of the stores, and the numbers (RIDs) under which they stand below the machine's
 *             SID
 *   names     SIDs to names and back
 *   lists     what is told of accounts and groups
 *   groups    groups, told of and changed
 *   change    accounts made, changed and removed
 *   password  passwords that come over the wire
 *   crypto    the arithmetic of those
 */
#ifndef SAM_SAM_H
#define SAM_SAM_H

#include "crypto.h"

#include <pthread.h>
#include <smb3/smb3.h>

struct sam_conf {
	bool guests;             /* may list accounts */
	const char *unix_user;   /* of new accounts; "": the one of the same name */
	int64_t first_group;     /* groups below that number are not listed */
	int64_t password_length; /* characters, at least */
	int64_t rounds;          /* of PBKDF2, at most */
};

struct sam {
	const struct smb3_mod *mod;
	atomic_flag deriving;      /* a key with many rounds */
	struct sam_crypto *crypto; /* NULL: passwords cannot be changed here */
	pthread_mutex_t change;    /* who makes accounts takes turns */
	pthread_mutex_t groups;    /* and who lists groups */
};

/* The module's state, from an answer. */
struct sam *sam_of(const struct smb3_rpc_asking *asking, const struct smb3_rpc_question *question);
static inline const struct sam_conf *sam_conf(const struct sam *sam)
{
	return atomic_load(&sam->mod->conf);
}

/* ---- nss.c: may block ---- */

struct sam_unix {
	uint32_t id;    /* uid or gid */
	uint32_t group; /* of a user: primary */
	char name[256], full_name[256];
};

/* 0, -ENOENT or another negative errno. */
int sam_user_by_name(const char *name, struct sam_unix *ret_user);
int sam_user_by_id(uint32_t uid, struct sam_unix *ret_user);
int sam_group_by_name(const char *name, struct sam_unix *ret_group);
int sam_group_by_id(uint32_t gid, struct sam_unix *ret_group);
/* Members by name, of what /etc/group and the like say; fn answers false to stop. */
int sam_group_members(uint32_t gid, bool (*fn)(const char *user, void *arg), void *arg);
/* Groups that the user is in, his primary one too; how many, at most max. */
size_t sam_user_groups(const struct sam_unix *user, uint32_t *ret_gids, size_t max);
/* All groups; false of fn stops. One thread at a time. */
void sam_groups_each(bool (*fn)(const struct sam_unix *group, void *arg), void *arg);

/* ---- accounts.c ---- */

/* Numbers of Unix users and groups below the machine's SID, as module acl understands them. */
#define SAM_RID_NONE_GROUP 513u
#define SAM_UNIX_MAX       SMB3_UNIX_ID_MAX

static inline uint32_t sam_rid_of_uid(uint32_t uid)
{
	return SMB3_UNIX_RIDS + 2 * uid;
}

static inline uint32_t sam_rid_of_gid(uint32_t gid)
{
	return SMB3_UNIX_RIDS + 1 + 2 * gid;
}

/* False: it is the number of none. */
bool sam_uid_of_rid(uint32_t rid, uint32_t *ret_uid);
bool sam_gid_of_rid(uint32_t rid, uint32_t *ret_gid);

/* Whom an account acts as. */
struct sam_account {
	struct smb3_account account; /* its hash is wiped */
	struct sam_unix unix_user;
	bool found; /* there is that Unix user */
	uint32_t rid;
};

void sam_account_resolve(const struct smb3_server *server, const struct smb3_account *account,
			 struct sam_account *ret_account);
/* A group of a store. 0, -ENOENT or another negative errno. By number, or by name when rid is 0. */
static inline int sam_group_of_store(struct smb3_server *server, uint32_t rid, const char *name,
				     struct smb3_group *ret_group,
				     const struct smb3_accounts **ret_store)
{
	if (!name && (rid < SMB3_GROUP_RIDS || rid >= SMB3_GROUP_RIDS_END))
		return -ENOENT;
	return smb3_group_find(server, rid, name, ret_group, ret_store);
}
/* 0, -ENOENT or another negative errno. An account whose number another one has is not found. */
int sam_account_by_name(struct smb3_server *server, const char *name,
			struct sam_account *ret_account);
int sam_account_by_rid(struct smb3_server *server, uint32_t rid, struct sam_account *ret_account);
/* In the stores' order. */
void sam_accounts_each(struct smb3_server *server,
		       bool (*fn)(const struct smb3_account *account, void *arg), void *arg);
/* The first one that takes new accounts. */
const struct smb3_accounts *sam_store_new(struct smb3_server *server);

/* ---- names.c, lists.c, change.c, password.c ---- */

/* Whether who asks may know of accounts and groups, other than by their SIDs. */
bool sam_may_list(const struct sam_conf *conf, const struct smb3_identity *who);
extern const struct smb3_rpc_question sam_sids, sam_names;
extern const struct smb3_rpc_question sam_create, sam_delete, sam_change;
extern const struct smb3_rpc_question sam_rules, sam_set_password, sam_new_password;
extern const struct smb3_rpc_question sam_accounts, sam_account, sam_groups, sam_members,
	sam_groups_of;
extern const struct smb3_rpc_question sam_group, sam_change_group;

/* For log: who did what to which account. */
void sam_tell(const struct smb3_rpc_asking *asking, const char *what, const char *name);
/* Whether whoever asks may list, and his question was read to its end: 0 or -errno. */
int sam_check_list(struct smb3_rpc_asking *asking);
int sam_list_end(struct smb3_rpc_asking *asking);
/* Some accounts, copied without their hashes: stores are locked only meanwhile. */
struct sam_window {
	uint32_t skip, most, n;
	bool more;
	struct smb3_account *accounts; /* in the arena */
};
struct sam_window sam_window_of(struct smb3_rpc_asking *asking, uint32_t skip, uint32_t most);
static inline uint8_t sam_group_type(const struct smb3_group *g)
{
	return g->alias ? SMB3_SID_ALIAS : SMB3_SID_GROUP;
}
/* Rows of answers. */
void sam_put_account(struct smb3_builder *out, const struct sam_account *a);

#endif
