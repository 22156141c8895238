// SPDX-License-Identifier: Apache-2.0
/*
 * access.h: what the files of module access share.
 *
 *   entry   one string of a list in smb3.conf: a user, "@group", "@@group", an address
 */
#ifndef ACCESS_ACCESS_H
#define ACCESS_ACCESS_H

#include <smb3/smb3.h>

struct access_conf {
	bool available;
	const char *const *valid_users, *const *invalid_users;
	const char *const *read_list, *const *write_list, *const *admin_users;
	const char *const *hosts_allow, *const *hosts_deny;
	int64_t max_connections;
	const char *force_user, *force_group;
};

/* ---- hosts.c: addresses ---- */

/* Whether a list can be understood; else why not. */
bool hosts_sound(const char *const *list, char *ret_why, size_t size);
/* Whether a peer may come; else the reason. local: the server's side of the connection. */
bool hosts_admit(const struct access_conf *conf, const struct sockaddr_storage *peer,
		 const struct sockaddr_storage *local, char *ret_why, size_t size);

/* ---- names.c: users and groups, by nsswitch; all of it may block ---- */

/* 0, -ENOENT or another errno. */
int names_group(const char *name, gid_t *ret_gid);
bool names_member(const struct smb3_identity *who, gid_t gid);
/* Whether every entry names somebody; else who is missing. */
bool names_sound(struct smb3_server *server, const char *const *list, char *ret_why, size_t size);
bool names_user_sound(const char *name, char *ret_why, size_t size);
bool names_group_sound(const char *name, char *ret_why, size_t size);
/* A group of the list that no account store has (now), or NULL. */
const char *names_missing(struct smb3_server *server, const char *const *list);
/* 0 with the entry that means that user, or NULL; -errno when a group cannot be looked up. gives: the list
 * gives something, so that a group that no account store has means nobody; -ENOENT otherwise. */
int names_find(const char *const *list, const struct smb3_identity *who, bool gives,
	       const char **ret_entry);

/* ---- become.c: whom the share makes of the user ---- */

/* A reference, or NULL for no other; -errno: the reason is there. */
int access_become(const struct access_conf *conf, const struct smb3_identity *who, bool admin,
		  struct smb3_identity **ret_identity, char *ret_why, size_t size);

/* ---- count.c: connections per share, by its name in smb3.conf ---- */

struct counts;
struct counts *counts_new(void);
void counts_free(struct counts *counts); /* NULL is allowed */
/* False: max are there already. From any thread. */
bool counts_add(struct counts *counts, const char *share, int64_t max);
void counts_remove(struct counts *counts, const char *share);

#endif
