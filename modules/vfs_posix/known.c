// SPDX-License-Identifier: Apache-2.0
/*
 * known.c: what is known of inodes, in a table of fixed size: a few places for each, the one written
 * longest ago goes.
 */
#include "known.h"

#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#define KNOWN_WAYS  4
#define KNOWN_LOCKS 64
#define KNOWN_LACKS 3
/* The coarsest tick of a kernel's clock has 10 ms; some inodes of ext4, and file systems that say they are
 * one, count whole seconds. In units of 100 ns. */
#define KNOWN_SECOND  10000000
#define KNOWN_SETTLED (20 * 10000)

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

struct known {
	struct posix_known_id id; /* ino 0: none */
	bool has_dos;
	uint8_t lacked;              /* which of lacks goes next */
	uint32_t lacks[KNOWN_LACKS]; /* hashes of names; 0: none */
	struct posix_dos dos;
};

struct known_set {
	unsigned int next; /* which way goes next */
	struct known ways[KNOWN_WAYS];
};

struct posix_known {
	pthread_mutex_t locks[KNOWN_LOCKS];
	uint64_t mask;
	struct known_set sets[];
};

struct posix_known *posix_known_new(uint64_t files)
{
	uint64_t sets = 1;
	struct posix_known *k;

	if (!files)
		return NULL;
	while (sets * KNOWN_WAYS < files)
		sets *= 2;
	k = smb3_alloc(sizeof(*k) + sets * sizeof(*k->sets));
	k->mask = sets - 1;
	for (size_t i = 0; i < KNOWN_LOCKS; i++)
		pthread_mutex_init(&k->locks[i], NULL);
	return k;
}

void posix_known_free(struct posix_known *k)
{
	for (size_t i = 0; k && i < KNOWN_LOCKS; i++)
		pthread_mutex_destroy(&k->locks[i]);
	free(k);
}

/* Those that move the change time with each extended attribute, in all kernels that smb3d runs on: tmpfs and
 * f2fs have learnt it late. */
bool posix_known_trusts(int fd)
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

/* ---- places; locked ---- */

static struct known_set *known_lock(const struct posix_mount *m, const struct posix_known_id *id,
				    pthread_mutex_t **ret_lock)
{
	const uint64_t object[2] = { id->dev, id->ino };
	uint64_t at;

	/* What is mounted below the share may be anything. */
	if (!m->known || id->dev != m->dev)
		return NULL;
	at = smb3_hash_bytes(object, sizeof(object)) & m->known->mask;
	*ret_lock = &m->known->locks[at % KNOWN_LOCKS];
	pthread_mutex_lock(*ret_lock);
	return &m->known->sets[at];
}

static struct known *known_find(struct known_set *set, const struct posix_known_id *id)
{
	for (size_t i = 0; i < KNOWN_WAYS; i++)
		if (set->ways[i].id.ino == id->ino && set->ways[i].id.dev == id->dev)
			return &set->ways[i];
	return NULL;
}

/* One that is as the object is now. */
static struct known *known_get(struct known_set *set, const struct posix_known_id *id)
{
	struct known *k = known_find(set, id);

	return k && k->id.changed == id->changed ? k : NULL;
}

static struct known *known_make(struct known_set *set, const struct posix_known_id *id)
{
	struct known *k = known_find(set, id);

	if (k && k->id.changed == id->changed)
		return k;
	if (!k)
		k = &set->ways[set->next++ % KNOWN_WAYS];
	*k = (struct known){ .id = *id };
	return k;
}

/* ---- for everybody ---- */

bool posix_known_may(const struct posix_mount *m, const struct posix_known_id *id)
{
	uint64_t settled = id->changed % KNOWN_SECOND ? KNOWN_SETTLED : 2 * KNOWN_SECOND;
	struct timespec now;

	if (!m->known || id->dev != m->dev)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	return id->changed + settled < smb3_nttime_from_timespec(&now);
}

bool posix_known_dos(const struct posix_mount *m, const struct posix_known_id *id,
		     struct posix_dos *ret_dos)
{
	pthread_mutex_t *lock;
	struct known_set *set = known_lock(m, id, &lock);
	struct known *k;
	bool found;

	if (!set)
		return false;
	k = known_get(set, id);
	found = k && k->has_dos;
	if (found)
		*ret_dos = k->dos;
	pthread_mutex_unlock(lock);
	return found;
}

void posix_known_keep_dos(const struct posix_mount *m, const struct posix_known_id *id,
			  const struct posix_dos *dos)
{
	pthread_mutex_t *lock;
	struct known_set *set = known_lock(m, id, &lock);
	struct known *k;

	if (!set)
		return;
	k = known_make(set, id);
	k->dos = *dos;
	k->has_dos = true;
	pthread_mutex_unlock(lock);
}

static uint32_t known_name(const char *xattr)
{
	return (uint32_t)smb3_hash_bytes(xattr, strlen(xattr)) | 1;
}

bool posix_known_lacks(const struct posix_mount *m, const struct posix_known_id *id,
		       const char *xattr)
{
	pthread_mutex_t *lock;
	struct known_set *set = known_lock(m, id, &lock);
	uint32_t name = known_name(xattr);
	struct known *k;
	bool lacks = false;

	if (!set)
		return false;
	k = known_get(set, id);
	for (size_t i = 0; k && i < KNOWN_LACKS; i++)
		lacks |= k->lacks[i] == name;
	pthread_mutex_unlock(lock);
	return lacks;
}

void posix_known_keep_lack(const struct posix_mount *m, const struct posix_known_id *id,
			   const char *xattr)
{
	pthread_mutex_t *lock;
	struct known_set *set = known_lock(m, id, &lock);
	struct known *k;

	if (!set)
		return;
	k = known_make(set, id);
	k->lacks[k->lacked++ % KNOWN_LACKS] = known_name(xattr);
	pthread_mutex_unlock(lock);
}
