// SPDX-License-Identifier: Apache-2.0
/*
 * hash.c: ids to objects by chained buckets, and SipHash for keys that a peer can choose.
 */
#include <smb3/hash.h>

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define HASH_BUCKETS_MIN 16

/* Ids often differ in a few bits only; spread them over the low bits. */
static uint64_t hash_mix(uint64_t key)
{
	key ^= key >> 32;
	key *= 0x9e3779b97f4a7c15u;
	key ^= key >> 29;
	return key;
}

static struct smb3_hash_node **hash_bucket(const struct smb3_hash *h, uint64_t key)
{
	return &h->buckets[hash_mix(key) & h->mask];
}

void smb3_hash_init(struct smb3_hash *h)
{
	*h = (struct smb3_hash){ 0 };
}

void smb3_hash_done(struct smb3_hash *h)
{
	free(h->buckets);
	smb3_hash_init(h);
}

/* Splits bucket i into i and i + old_size. Keeps the order, so the newest stays first. */
static void hash_split(struct smb3_hash *h, size_t i, size_t old_size)
{
	struct smb3_hash_node *node = h->buckets[i];
	struct smb3_hash_node **low = &h->buckets[i], **high = &h->buckets[i + old_size];

	for (; node; node = node->next) {
		struct smb3_hash_node ***tail = hash_mix(node->key) & old_size ? &high : &low;

		**tail = node;
		*tail = &node->next;
	}
	*low = *high = NULL;
}

static void hash_grow(struct smb3_hash *h)
{
	size_t old_size = h->mask + 1;

	if (!h->buckets) {
		h->buckets = smb3_alloc(HASH_BUCKETS_MIN * sizeof(*h->buckets));
		h->mask = HASH_BUCKETS_MIN - 1;
		return;
	}
	h->buckets = smb3_realloc(h->buckets, 2 * old_size * sizeof(*h->buckets));
	h->mask = 2 * old_size - 1;
	for (size_t i = 0; i < old_size; i++)
		hash_split(h, i, old_size);
}

void smb3_hash_add(struct smb3_hash *h, struct smb3_hash_node *node, uint64_t key)
{
	struct smb3_hash_node **bucket;

	if (!h->buckets || h->count > h->mask)
		hash_grow(h);
	bucket = hash_bucket(h, key);
	node->key = key;
	node->next = *bucket;
	*bucket = node;
	h->count++;
}

void smb3_hash_remove(struct smb3_hash *h, struct smb3_hash_node *node)
{
	struct smb3_hash_node **link = hash_bucket(h, node->key);

	while (*link != node) {
		assert(*link);
		link = &(*link)->next;
	}
	*link = node->next;
	node->next = NULL;
	h->count--;
}

static struct smb3_hash_node *hash_scan(struct smb3_hash_node *node, uint64_t key)
{
	while (node && node->key != key)
		node = node->next;
	return node;
}

struct smb3_hash_node *smb3_hash_find(const struct smb3_hash *h, uint64_t key)
{
	return h->count ? hash_scan(*hash_bucket(h, key), key) : NULL;
}

struct smb3_hash_node *smb3_hash_next_same(const struct smb3_hash_node *node)
{
	return hash_scan(node->next, node->key);
}

void smb3_hash_each(struct smb3_hash *h, bool (*fn)(struct smb3_hash_node *, void *), void *arg)
{
	if (!h->buckets)
		return;
	for (size_t i = 0; i <= h->mask; i++) {
		struct smb3_hash_node *node = h->buckets[i], *next;

		for (; node; node = next) {
			next = node->next;
			if (!fn(node, arg))
				return;
		}
	}
}

static uint64_t sip_rotate(uint64_t v, unsigned int bits)
{
	return v << bits | v >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = sip_rotate(v[1], 13) ^ v[0];
	v[3] = sip_rotate(v[3], 16) ^ v[2];
	v[0] = sip_rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = sip_rotate(v[1], 17) ^ v[2];
	v[3] = sip_rotate(v[3], 21) ^ v[0];
	v[2] = sip_rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

static uint64_t sip_load(const void *p, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, p, len);
	return le64toh(word);
}

/* The kernel gives each process 16 random bytes, so the seed needs no variable of ours. */
static void sip_seed(uint64_t key[2])
{
	const void *random = (const void *)getauxval(AT_RANDOM);

	key[0] = key[1] = 0;
	if (random)
		memcpy(key, random, 2 * sizeof(*key));
}

/* SipHash-1-3: one round per word, three at the end. */
uint64_t smb3_hash_bytes(const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t left = len;
	uint64_t key[2], v[4];

	sip_seed(key);
	v[0] = key[0] ^ 0x736f6d6570736575u;
	v[1] = key[1] ^ 0x646f72616e646f6du;
	v[2] = key[0] ^ 0x6c7967656e657261u;
	v[3] = key[1] ^ 0x7465646279746573u;
	for (; left >= 8; p += 8, left -= 8)
		sip_word(v, sip_load(p, 8));
	sip_word(v, (left ? sip_load(p, left) : 0) | (uint64_t)len << 56);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
