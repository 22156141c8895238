// SPDX-License-Identifier: Apache-2.0
/*
 * known.c: what is known of inodes.
 */
#include "known.h"

#include <string.h>

#define KNOWN_LACKS 3

struct known {
	struct posix_known_id id;
	bool has_dos;
	uint8_t lacked;              /* which of lacks goes next */
	uint32_t lacks[KNOWN_LACKS]; /* hashes of names; 0: none */
	struct posix_dos dos;
};

struct posix_table *posix_known_new(uint64_t files)
{
	return posix_table_new(files, sizeof(struct known));
}

/* What is mounted below the share may be anything. */
static bool known_about(const struct posix_mount *m, const struct posix_known_id *id)
{
	return m->known && id->dev == m->dev;
}

bool posix_known_may(const struct posix_mount *m, const struct posix_known_id *id)
{
	return known_about(m, id) && posix_table_may(id);
}

bool posix_known_dos(const struct posix_mount *m, const struct posix_known_id *id,
		     struct posix_dos *ret_dos)
{
	pthread_mutex_t *lock;
	const struct known *k;
	bool found;

	if (!known_about(m, id))
		return false;
	k = posix_table_find(m->known, id, NULL, &lock);
	found = k && k->has_dos;
	if (found)
		*ret_dos = k->dos;
	posix_table_done(lock);
	return found;
}

void posix_known_keep_dos(const struct posix_mount *m, const struct posix_known_id *id,
			  const struct posix_dos *dos)
{
	pthread_mutex_t *lock;
	struct known *k;

	if (!known_about(m, id))
		return;
	k = posix_table_make(m->known, id, NULL, &lock);
	k->dos = *dos;
	k->has_dos = true;
	posix_table_done(lock);
}

static uint32_t known_name(const char *xattr)
{
	return (uint32_t)smb3_hash_bytes(xattr, strlen(xattr)) | 1;
}

bool posix_known_lacks(const struct posix_mount *m, const struct posix_known_id *id,
		       const char *xattr)
{
	uint32_t name = known_name(xattr);
	pthread_mutex_t *lock;
	const struct known *k;
	bool lacks = false;

	if (!known_about(m, id))
		return false;
	k = posix_table_find(m->known, id, NULL, &lock);
	for (size_t i = 0; k && i < KNOWN_LACKS; i++)
		lacks |= k->lacks[i] == name;
	posix_table_done(lock);
	return lacks;
}

void posix_known_keep_lack(const struct posix_mount *m, const struct posix_known_id *id,
			   const char *xattr)
{
	pthread_mutex_t *lock;
	struct known *k;

	if (!known_about(m, id))
		return;
	k = posix_table_make(m->known, id, NULL, &lock);
	k->lacks[k->lacked++ % KNOWN_LACKS] = known_name(xattr);
	posix_table_done(lock);
}
