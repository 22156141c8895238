// SPDX-License-Identifier: Apache-2.0
/*
 * names.c: a set of names that finds them without case.
 */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_BUCKETS  64 /* at first */
#define NAMES_OVERHEAD 16 /* what malloc adds, and rounding */

struct posix_name {
	struct posix_name *next;
	uint32_t hash; /* of the name as shown, without case */
	char disk[];
};

static uint32_t names_hash(const char *disk)
{
	char buf[POSIX_SHOWN_SIZE];

	return (uint32_t)smb3_name_hash(posix_shown(disk, buf));
}

static size_t names_cost(const char *disk)
{
	return sizeof(struct posix_name) + strlen(disk) + NAMES_OVERHEAD;
}

static void names_grow(struct posix_names *set)
{
	size_t old = set->buckets ? set->mask + 1 : 0, size = old ? old * 2 : NAMES_BUCKETS;
	struct posix_name **buckets = smb3_alloc(size * sizeof(*buckets));

	for (size_t i = 0; i < old; i++) {
		struct posix_name *next, *name = set->buckets[i];

		for (; name; name = next) {
			next = name->next;
			name->next = buckets[name->hash & (size - 1)];
			buckets[name->hash & (size - 1)] = name;
		}
	}
	free(set->buckets);
	set->buckets = buckets;
	set->mask = size - 1;
	set->bytes += (size - old) * sizeof(*buckets);
}

/* Where the pointer to it stands, or would stand. */
static struct posix_name **names_at(struct posix_names *set, const char *disk, uint32_t hash)
{
	struct posix_name **at = &set->buckets[hash & set->mask];

	while (*at && ((*at)->hash != hash || strcmp((*at)->disk, disk)))
		at = &(*at)->next;
	return at;
}

void posix_names_add(struct posix_names *set, const char *disk)
{
	uint32_t hash = names_hash(disk);
	size_t len = strlen(disk);
	struct posix_name **at, *name;

	if (!set->buckets || set->count > set->mask)
		names_grow(set);
	at = names_at(set, disk, hash);
	if (*at)
		return;
	name = smb3_alloc(sizeof(*name) + len + 1);
	name->hash = hash;
	memcpy(name->disk, disk, len);
	*at = name;
	set->count++;
	set->bytes += names_cost(disk);
}

void posix_names_remove(struct posix_names *set, const char *disk)
{
	struct posix_name **at, *name;

	if (!set->count)
		return;
	at = names_at(set, disk, names_hash(disk));
	name = *at;
	if (!name)
		return;
	*at = name->next;
	set->count--;
	set->bytes -= names_cost(disk);
	free(name);
}

int posix_names_find(const struct posix_names *set, const struct posix_search *s)
{
	uint32_t hash = (uint32_t)smb3_name_hash(s->shown);

	s->found[0] = '\0';
	if (!set->count)
		return -ENOENT;
	for (struct posix_name *name = set->buckets[hash & set->mask]; name; name = name->next)
		if (name->hash == hash && posix_consider(s, name->disk))
			return 0;
	return s->found[0] ? 0 : -ENOENT;
}

void posix_names_done(struct posix_names *set)
{
	for (size_t i = 0; set->buckets && i <= set->mask; i++) {
		struct posix_name *next, *name = set->buckets[i];

		for (; name; name = next) {
			next = name->next;
			free(name);
		}
	}
	free(set->buckets);
	memset(set, 0, sizeof(*set));
}
