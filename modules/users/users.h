// SPDX-License-Identifier: Apache-2.0
/*
 * users.h: the parts of the module of accounts.
 *   store      the file, and what it says in memory (table, store_group)
 *   line       one account as a line of the file, and which names may be; group_line: a group
 *   nthash     from a password to what NTLM needs of it
 *   users.c    the module, and what core asks it
 *   import     accounts as other servers write them down
 *   groups     what core asks about groups, and who may be called how
 *   users_ctl, users_change, users_import, group_ctl  the commands of smb3ctl
 */
#ifndef USERS_H
#define USERS_H

#include <smb3/auth.h>
#include <smb3/ctl.h>
#include <stdio.h>

#define USERS_WHY_SIZE 320 /* of a message for people */

/* ---- store.c ---- */

struct store;

/* Reads the file; one that is not there is empty. NULL, with the reason, when somebody else could
 * have read or written it, or when it makes no sense. */
struct store *store_open(const char *path, char why[USERS_WHY_SIZE]);
void store_free(struct store *s); /* NULL is allowed */
const char *store_path(const struct store *s);

/* From any thread; may read the file again, when it has changed. */
int store_find(struct store *s, const char *name, struct smb3_account *ret_account);
size_t store_count(struct store *s);
/* fn is called with the store locked. */
void store_each(struct store *s, bool (*fn)(const struct smb3_account *, void *), void *arg);

/* One change, on disk when it returns. Processes and threads take turns. 0, or -errno with the
 * reason: -EEXIST and -ENOENT are about the account. */
enum store_how { STORE_ADD, STORE_CHANGE, STORE_PUT };
int store_put(struct store *s, const struct smb3_account *account, enum store_how how,
	      char why[USERS_WHY_SIZE]);
int store_remove(struct store *s, const char *name, char why[USERS_WHY_SIZE]);
/* change alters the account as it is now; its name stays. */
int store_modify(struct store *s, const char *name,
		 void (*change)(struct smb3_account *account, void *arg), void *arg,
		 char why[USERS_WHY_SIZE]);

/* Several changes at once: fn makes them, all or (when it answers not 0) none. With 1 it ends the
 * edit without an error and without a change. */
struct store_edit;
int store_edit(struct store *s, int (*fn)(struct store_edit *edit, void *arg), void *arg,
	       char why[USERS_WHY_SIZE]);
const struct smb3_account *edit_find(const struct store_edit *edit, const char *name);
int edit_put(struct store_edit *edit, const struct smb3_account *account, enum store_how how);
int edit_remove(struct store_edit *edit, const char *name);
bool edit_is_group(const struct store_edit *edit, const char *name);

/* ---- store_group.c ---- */

struct group_limits {
	uint64_t groups, members; /* of one group */
	uint64_t memberships;     /* of one account */
};

/* As of rows of kind ACCOUNTS; fn is called with the store locked. */
int store_group_find(struct store *s, uint32_t rid, const char *name, struct smb3_group *ret_group);
void store_group_each(struct store *s, const char *member,
		      bool (*fn)(const struct smb3_group *, void *), void *arg);
int store_group_members(struct store *s, uint32_t rid, bool (*fn)(const char *account, void *),
			void *arg);
int store_group_change(struct store *s, const struct smb3_group_change *change,
		       const struct group_limits *limits, struct smb3_group *ret_group,
		       char why[USERS_WHY_SIZE]);

/* ---- group_line.c ---- */

/* NULL when a group may have that name, or description; else what is wrong with it. */
const char *group_name_problem(const char *name);
const char *group_comment_problem(const char *comment);

/* ---- store_line.c ---- */

/* NULL when an account may have that name; else what is wrong with it. */
const char *name_problem(const char *name);
const char *unix_name_problem(const char *name);
/* NULL when the line was good; else what is wrong with it. The line is cut into pieces. */
const char *line_parse(char *line, struct smb3_account *ret_account);
void line_write(FILE *f, const struct smb3_account *account);

/* ---- nthash.c ---- */

/* NULL; or why there is none: an unfit password, or OpenSSL without MD4. */
const char *nt_hash(const char *password, uint8_t ret_hash[16]);

/* ---- users.c ---- */

struct users_conf {
	const char *file;
	uint64_t password_age;
	int64_t max_groups, max_members, max_memberships;
};

/* ---- users_groups.c ---- */

int groups_change(struct smb3_mod *mod, const struct smb3_group_change *change,
		  struct smb3_group *ret_group, char why[USERS_WHY_SIZE]);
int users_group_find(struct smb3_mod *mod, uint32_t rid, const char *name,
		     struct smb3_group *ret_group);
int users_group_each(struct smb3_mod *mod, const char *member,
		     bool (*fn)(const struct smb3_group *, void *), void *arg);
int users_group_members(struct smb3_mod *mod, uint32_t rid, bool (*fn)(const char *, void *),
			void *arg);
int users_group_change(struct smb3_mod *mod, const struct smb3_group_change *change,
		       struct smb3_group *ret_group);

/* ---- users_ctl.c, users_change.c, users_import.c ---- */

extern const struct smb3_ctl_command users_add, users_password, users_passwd, users_delete,
	users_del, users_list, users_show, users_export;
extern const struct smb3_ctl_command users_enable, users_disable, users_lock, users_unlock,
	users_expire, users_set;
extern const struct smb3_ctl_command users_import;
extern const struct smb3_ctl_command group_add, group_delete, group_del, group_list, group_members,
	group_join, group_leave, group_set;

#endif
