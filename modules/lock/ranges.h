// SPDX-License-Identifier: Apache-2.0
/*
 * ranges.h: a set of byte ranges that knows at once what overlaps. [MS-FSA] 2.1.4.10
 *
 * A treap, ordered by offset; each node knows the last byte of all below it. Adding, removing and
 * finding cost the logarithm of the count, whatever order the ranges come in. The nodes are the
 * caller's.
 */
#ifndef LOCK_RANGES_H
#define LOCK_RANGES_H

#include <smb3/base.h>
#include <smb3/list.h>

struct range {
	struct range *left, *right;
	uint64_t offset, length;
	uint64_t last_below; /* of this range and those below it */
	uint64_t serial;     /* tells equal ranges apart */
	uint64_t priority;   /* random: no order of requests makes the tree deep */
	struct smb3_open *owner;
	struct smb3_list owner_link;
	bool exclusive;
};

struct ranges {
	struct range *root;
	uint64_t count, serial;
};

void ranges_add(struct ranges *set, struct range *r);
void ranges_remove(struct ranges *set, struct range *r);
/* The one of exactly that offset, length and owner, or NULL. */
struct range *ranges_find(const struct ranges *set, const struct range *like);
/* One that overlaps and belongs to somebody else than `except` (NULL: to anybody), or NULL. A
 * range without bytes lies between two bytes: it overlaps what covers both of them; at offset 0
 * it overlaps nothing. */
struct range *ranges_overlap(const struct ranges *set, uint64_t offset, uint64_t length,
			     const struct smb3_open *except);

#endif
