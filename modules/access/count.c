// SPDX-License-Identifier: Apache-2.0
/*
 * count.c: how many trees each share has. By name, so that a reload that replaces the share loses
 * nobody. [MS-SMB2] 3.3.1.6 CurrentUses
 */
#include "access.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct count {
	struct count *next;
	int64_t trees;
	char name[];
};

struct counts {
	pthread_mutex_t lock;
	struct count *first;
};

struct counts *counts_new(void)
{
	struct counts *counts = smb3_alloc(sizeof(*counts));

	pthread_mutex_init(&counts->lock, NULL);
	return counts;
}

void counts_free(struct counts *counts)
{
	if (!counts)
		return;
	for (struct count *c = counts->first, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	pthread_mutex_destroy(&counts->lock);
	free(counts);
}

/* Under the lock; where it is, or would be. */
static struct count **count_at(struct counts *counts, const char *share)
{
	struct count **at = &counts->first;

	while (*at && !smb3_name_equal((*at)->name, share))
		at = &(*at)->next;
	return at;
}

bool counts_add(struct counts *counts, const char *share, int64_t max)
{
	struct count **at;
	bool room;

	pthread_mutex_lock(&counts->lock);
	at = count_at(counts, share);
	if (!*at) {
		*at = smb3_alloc(sizeof(**at) + strlen(share) + 1);
		strcpy((*at)->name, share);
	}
	room = (*at)->trees < max;
	(*at)->trees += room;
	pthread_mutex_unlock(&counts->lock);
	return room;
}

void counts_remove(struct counts *counts, const char *share)
{
	struct count **at, *c;

	pthread_mutex_lock(&counts->lock);
	at = count_at(counts, share);
	c = *at;
	if (c && --c->trees <= 0) {
		*at = c->next;
		free(c);
	}
	pthread_mutex_unlock(&counts->lock);
}
