// SPDX-License-Identifier: Apache-2.0
/*
 * store.h: what one version of the file says, in memory: accounts, groups, and who is in which. For the
 * files of the store alone.
 */
#ifndef USERS_STORE_H
#define USERS_STORE_H

#include "users.h"

#include <pthread.h>
#include <smb3/hash.h>
#include <sys/stat.h>

/* An account in a group: on a list of each. */
struct member {
	struct entry *entry;
	struct group *group;
	struct member *next_of_entry, *next_in_group;
};

struct entry {
	struct smb3_hash_node node; /* by smb3_name_hash() of the name */
	struct entry *next;         /* in the file's order */
	struct member *groups;
	struct smb3_account account;
};

struct group {
	struct smb3_hash_node node;   /* by smb3_name_hash() of the name */
	struct group *next;           /* in the file's order */
	struct member *first, **last; /* in the file's order */
	struct smb3_group group;
};

struct table {
	struct smb3_hash hash;
	struct entry *first, **last;
	size_t count;
	struct smb3_hash groups;
	struct group *first_group, **last_group;
	size_t n_groups;
	uint32_t next_rid; /* of the next group: those before it have been given away */
	struct stat id;    /* of the file; all zero: there was none */
};

struct table *table_new(void);
void table_free(struct table *t); /* NULL is allowed */
struct entry *table_find(const struct table *t, const char *name);
void table_add(struct table *t, const struct smb3_account *account);
void table_remove(struct table *t, struct entry *gone);

struct group *table_group(const struct table *t, const char *name);
struct group *table_group_by_rid(const struct table *t, uint32_t rid);
struct group *table_group_add(struct table *t, const struct smb3_group *group);
void table_group_rename(struct table *t, struct group *g, const char *name);
void table_group_remove(struct table *t, struct group *gone);
struct member *table_member(const struct entry *e, const struct group *g); /* or NULL */
void table_join(struct entry *e, struct group *g);
void table_leave(struct member *m);

/* A line of a group, or that of the numbers; NULL, or what is wrong with it. */
const char *table_group_line(struct table *t, char *line);
void table_group_lines(const struct table *t, FILE *f);

/* ---- store.c ---- */

struct store {
	char *path;
	pthread_rwlock_t lock; /* of table and refused */
	struct table *table;
	struct stat refused; /* a version that could not be read, told once */
};

/* With a file that has changed read again. */
void store_refresh(struct store *s);

struct store_edit {
	struct table *table;
	char *why;
};

void store_problem(char why[USERS_WHY_SIZE], const char *fmt, ...) SMB3_PRINTF(2, 3);

#endif
