// SPDX-License-Identifier: Apache-2.0
/*
 * names.h: a set of names that finds them without case. Not thread-safe.
 */
#ifndef VFS_POSIX_NAMES_H
#define VFS_POSIX_NAMES_H

#include "posix.h"

struct posix_name;

struct posix_names {
	struct posix_name **buckets;
	size_t mask, count;
	size_t bytes; /* of memory, all together */
};

/* As they stand on disk; one that is there stays, one that is not is not removed. */
void posix_names_add(struct posix_names *set, const char *disk);
void posix_names_remove(struct posix_names *set, const char *disk);
/* 0 or -ENOENT. */
int posix_names_find(const struct posix_names *set, const struct posix_search *s);
void posix_names_done(struct posix_names *set);

#endif
