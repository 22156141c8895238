// SPDX-License-Identifier: Apache-2.0
/*
 * users.h: what the files of module users share.
 *
 * The store is a text file, one account a line, fields between colons:
 *   name:unix name:NT hash in hex:flags:time of the password:time of expiry
 * flags are letters: D disabled, L locked, A administrator; times are seconds since 1970, 0 for
 * never. Lines that begin with # say nothing.
 */
#ifndef USERS_H
#define USERS_H

#include <pthread.h>
#include <smb3/smb3.h>
#include <sys/stat.h>

struct users_conf {
	const char *file;
};

struct user {
	struct user *next;
	struct smb3_account account;
};

/* The module's state: what the file said when it was last read. */
struct users {
	pthread_rwlock_t lock;
	char *path;
	struct user *first;
	struct timespec mtime;
	ino_t inode;
	off_t size;
};

/* Reads the file into a list; a file that is missing gives an empty one. The reason is logged. */
int store_read(const char *path, struct user **ret_first, struct stat *ret_st);
/* Writes the list in place of the file: complete, synced, or not at all. */
int store_write(const char *path, const struct user *first);
void store_free(struct user *first);
/* -EINVAL with the reason logged when others may read the file or change its folder. */
int store_check(const char *path);
/* Holds off other writers, in this process and outside; the descriptor, or -errno. */
int store_lock(const char *path);

/* One account and its line. false: not a line of the format. */
bool account_parse(const char *line, struct smb3_account *ret_account);
bool account_format(const struct smb3_account *a, char *buf, size_t size);
/* NULL, or what is wrong with the name. */
const char *account_name_fault(const char *name);

int users_find(struct smb3_mod *mod, const char *name, struct smb3_account *ret_account);
int users_put(struct smb3_mod *mod, const struct smb3_account *account);
int users_remove(struct smb3_mod *mod, const char *name);
int users_each(struct smb3_mod *mod, bool (*fn)(const struct smb3_account *, void *), void *arg);

extern const struct smb3_ctl_command users_add_command, users_passwd_command, users_del_command,
	users_list_command;

#endif
