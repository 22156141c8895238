// SPDX-License-Identifier: Apache-2.0
/*
 * table.h: a table of fixed size of what is known about objects as they are: an inode, or a name in a
 * folder. There are a few places for each; the one that was made longest ago goes.
 *
 * What is known belongs to an inode's change time. Who has changed the object, by whatever program, has
 * moved that time, and nobody can set it; so it holds while the time is the same. The system's clock
 * for it has a grain: a change in the same tick as the one before would not show. So nothing may be
 * kept of what has been changed a moment ago (posix_table_may). File systems that are shared with other
 * machines, or whose change times are not their own, are left out (posix_table_trusts).
 *
 * All functions are for any thread.
 */
#ifndef VFS_POSIX_TABLE_H
#define VFS_POSIX_TABLE_H

#include "posix.h"

/* An object as statx() has just told it; changed is the inode's own change time. */
struct posix_known_id {
	uint64_t dev, ino;
	smb3_nttime changed; /* 0: does not tell of all changes */
};

/* A place begins with a struct posix_known_id; in a table of names the name stands right behind that.
 * size: of a place. NULL when there is to be room for none. */
struct posix_table *posix_table_new(uint64_t places, size_t size);
void posix_table_free(struct posix_table *t); /* NULL is allowed */

/* The file system of this descriptor says by the change time whether anything has changed. */
bool posix_table_trusts(int fd);
/* Asked before it is found out: may what is learnt of the object be kept? */
bool posix_table_may(const struct posix_known_id *id);

/* The place of the object, or of a name in it (without case; else NULL), as the object is now, or NULL.
 * The lock is held after both and given back by done. */
void *posix_table_find(struct posix_table *t, const struct posix_known_id *id, const char *name,
		       pthread_mutex_t **ret_lock);
/* The same, or a new one, which has the id and the name and else zeros. */
void *posix_table_make(struct posix_table *t, const struct posix_known_id *id, const char *name,
		       pthread_mutex_t **ret_lock);
void posix_table_done(pthread_mutex_t *lock);

#endif
