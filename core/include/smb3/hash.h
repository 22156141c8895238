// SPDX-License-Identifier: Apache-2.0
/*
 * hash.h: a hash table from 64-bit ids to objects. Intrusive: the node lives in the object.
 * Not thread-safe; grows by itself; removal never allocates.
 */
#ifndef SMB3_HASH_H
#define SMB3_HASH_H

#include <smb3/base.h>

struct smb3_hash_node {
	struct smb3_hash_node *next;
	uint64_t key;
};

struct smb3_hash {
	struct smb3_hash_node **buckets;
	size_t mask;  /* number of buckets - 1; 0 before the first add */
	size_t count; /* nodes in the table */
};

void smb3_hash_init(struct smb3_hash *h);
void smb3_hash_done(struct smb3_hash *h); /* frees the buckets, not the nodes */
/* Several nodes may have one key: find gives the newest, next_same the older ones. */
void smb3_hash_add(struct smb3_hash *h, struct smb3_hash_node *node, uint64_t key);
void smb3_hash_remove(struct smb3_hash *h, struct smb3_hash_node *node);
struct smb3_hash_node *smb3_hash_find(const struct smb3_hash *h, uint64_t key);
struct smb3_hash_node *smb3_hash_next_same(const struct smb3_hash_node *node);

/* Calls fn for every node; fn may remove that node. Stops when fn returns false. */
void smb3_hash_each(struct smb3_hash *h, bool (*fn)(struct smb3_hash_node *, void *), void *arg);

/* A 64-bit hash of bytes, for tables keyed by names; seeded per process. */
uint64_t smb3_hash_bytes(const void *data, size_t len);

#endif
