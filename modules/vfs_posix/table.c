// SPDX-License-Identifier: Apache-2.0
/*
 * table.c: places for what is known of inodes, and of names in folders.
 */
#include "table.h"

#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#define TABLE_WAYS  4
#define TABLE_LOCKS 64
/* The coarsest tick of a kernel's clock has 10 ms; some inodes of ext4, and file systems that say they are
 * one, count whole seconds. In units of 100 ns. */
#define TABLE_SECOND  10000000
#define TABLE_SETTLED (20 * 10000)

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

struct table_set {
	uint64_t next; /* which way goes next */
	uint64_t ways[];
};

struct posix_table {
	pthread_mutex_t locks[TABLE_LOCKS];
	uint64_t mask;
	size_t words; /* of a place */
	uint64_t sets[];
};

struct posix_table *posix_table_new(uint64_t places, size_t size)
{
	size_t words = (size + sizeof(uint64_t) - 1) / sizeof(uint64_t);
	size_t set = sizeof(struct table_set) + TABLE_WAYS * words * sizeof(uint64_t);
	uint64_t sets = 1;
	struct posix_table *t;

	if (!places)
		return NULL;
	while (sets * TABLE_WAYS < places)
		sets *= 2;
	t = smb3_alloc(sizeof(*t) + sets * set);
	t->mask = sets - 1;
	t->words = words;
	for (size_t i = 0; i < TABLE_LOCKS; i++)
		pthread_mutex_init(&t->locks[i], NULL);
	return t;
}

void posix_table_free(struct posix_table *t)
{
	for (size_t i = 0; t && i < TABLE_LOCKS; i++)
		pthread_mutex_destroy(&t->locks[i]);
	free(t);
}

/* Those that move the change time with each extended attribute, in all kernels that smb3d runs on: tmpfs and
 * f2fs have learnt it late. All three move a folder's with each of its entries. */
bool posix_table_trusts(int fd)
{
	static const uint32_t own[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC };
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(own); i++)
		if ((uint32_t)fs.f_type == own[i])
			return true;
	return false;
}

/* By the clock that change times come from: it may be behind the other one, and on a machine that is not
 * let run for longer than a tick. No later change has a time before it. */
bool posix_table_may(const struct posix_known_id *id)
{
	uint64_t settled = id->changed % TABLE_SECOND ? TABLE_SETTLED : 2 * TABLE_SECOND;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return id->changed && id->changed + settled < smb3_nttime_from_timespec(&now);
}

/* ---- places; locked ---- */

static struct table_set *table_lock(struct posix_table *t, const struct posix_known_id *id,
				    const char *name, pthread_mutex_t **ret_lock)
{
	const uint64_t key[] = { id->dev, id->ino, name ? smb3_name_hash(name) : 0 };
	uint64_t at = smb3_hash_bytes(key, sizeof(key)) & t->mask;

	*ret_lock = &t->locks[at % TABLE_LOCKS];
	pthread_mutex_lock(*ret_lock);
	return (void *)&t
		->sets[at * (sizeof(struct table_set) / sizeof(uint64_t) + TABLE_WAYS * t->words)];
}

static void *table_find(const struct posix_table *t, struct table_set *set,
			const struct posix_known_id *id, const char *name)
{
	for (size_t i = 0; i < TABLE_WAYS; i++) {
		struct posix_known_id *have = (void *)&set->ways[i * t->words];

		if (have->ino == id->ino && have->dev == id->dev &&
		    (!name || smb3_name_equal((const char *)(have + 1), name)))
			return have;
	}
	return NULL;
}

void *posix_table_find(struct posix_table *t, const struct posix_known_id *id, const char *name,
		       pthread_mutex_t **ret_lock)
{
	struct posix_known_id *have = table_find(t, table_lock(t, id, name, ret_lock), id, name);

	return have && have->changed == id->changed ? have : NULL;
}

void *posix_table_make(struct posix_table *t, const struct posix_known_id *id, const char *name,
		       pthread_mutex_t **ret_lock)
{
	struct table_set *set = table_lock(t, id, name, ret_lock);
	struct posix_known_id *have = table_find(t, set, id, name);

	if (have && have->changed == id->changed)
		return have;
	if (!have)
		have = (void *)&set->ways[set->next++ % TABLE_WAYS * t->words];
	memset(have, 0, t->words * sizeof(uint64_t));
	*have = *id;
	if (name)
		strcpy((char *)(have + 1), name);
	return have;
}

void posix_table_done(pthread_mutex_t *lock)
{
	pthread_mutex_unlock(lock);
}
