// SPDX-License-Identifier: Apache-2.0
/*
 * test_hash.c: the hash table, and the hash of bytes.
 */
#include <criterion/criterion.h>
#include <smb3/hash.h>
#include <stdlib.h>
#include <string.h>

#define MANY 5000

struct thing {
	int number;
	struct smb3_hash_node node;
};

static struct thing *thing_of(struct smb3_hash_node *node)
{
	return SMB3_CONTAINER(node, struct thing, node);
}

/* Keys as servers make them: counting, strided, and with only the high bits different. */
static uint64_t key_of(int pattern, uint64_t i)
{
	static const unsigned int shift[] = { 0, 12, 32, 50 };

	return i << shift[pattern];
}

Test(hash, empty_table_finds_nothing)
{
	struct smb3_hash h;

	smb3_hash_init(&h);
	cr_assert_null(smb3_hash_find(&h, 0));
	cr_assert_null(smb3_hash_find(&h, 17));
	cr_assert_eq(h.count, 0);
	smb3_hash_done(&h);
}

Test(hash, everything_added_is_found_until_removed)
{
	struct thing *things = calloc(MANY, sizeof(*things));

	for (int pattern = 0; pattern < 4; pattern++) {
		struct smb3_hash h;

		smb3_hash_init(&h);
		for (uint64_t i = 0; i < MANY; i++)
			smb3_hash_add(&h, &things[i].node, key_of(pattern, i));
		cr_assert_eq(h.count, MANY);
		for (uint64_t i = 0; i < MANY; i += 2)
			smb3_hash_remove(&h, &things[i].node);
		for (uint64_t i = 0; i < MANY; i++)
			cr_assert_eq(smb3_hash_find(&h, key_of(pattern, i)),
				     i % 2 ? &things[i].node : NULL, "pattern %d, %d", pattern,
				     (int)i);
		cr_assert_null(smb3_hash_find(&h, key_of(pattern, MANY)));
		cr_assert_eq(h.count, MANY / 2);
		smb3_hash_done(&h);
	}
	free(things);
}

Test(hash, chains_stay_short)
{
	struct thing *things = calloc(MANY, sizeof(*things));

	for (int pattern = 0; pattern < 4; pattern++) {
		struct smb3_hash h;

		smb3_hash_init(&h);
		for (uint64_t i = 0; i < MANY; i++)
			smb3_hash_add(&h, &things[i].node, key_of(pattern, i));
		for (size_t b = 0; b <= h.mask; b++) {
			int length = 0;

			for (struct smb3_hash_node *n = h.buckets[b]; n; n = n->next)
				length++;
			cr_assert_leq(length, 12, "pattern %d", pattern);
		}
		smb3_hash_done(&h);
	}
	free(things);
}

Test(hash, same_key_gives_newest_first_also_after_growing)
{
	struct thing twins[3], others[200];
	struct smb3_hash_node *node;
	struct smb3_hash h;

	smb3_hash_init(&h);
	for (int i = 0; i < 3; i++) {
		twins[i].number = i + 1;
		smb3_hash_add(&h, &twins[i].node, 7);
	}
	for (uint64_t i = 0; i < 200; i++)
		smb3_hash_add(&h, &others[i].node, 1000 + i);
	node = smb3_hash_find(&h, 7);
	for (int want = 3; want >= 1; want--) {
		cr_assert_not_null(node);
		cr_assert_eq(thing_of(node)->number, want);
		node = smb3_hash_next_same(node);
	}
	cr_assert_null(node);
	smb3_hash_remove(&h, &twins[1].node);
	node = smb3_hash_next_same(smb3_hash_find(&h, 7));
	cr_assert_eq(thing_of(node)->number, 1);
	smb3_hash_done(&h);
}

struct visit {
	struct smb3_hash *table;
	int count, sum, stop_after;
};

static bool visit_and_remove(struct smb3_hash_node *node, void *arg)
{
	struct visit *v = arg;

	v->count++;
	v->sum += thing_of(node)->number;
	smb3_hash_remove(v->table, node);
	free(thing_of(node));
	return v->count != v->stop_after;
}

static void fill(struct smb3_hash *h, int count)
{
	smb3_hash_init(h);
	for (int i = 1; i <= count; i++) {
		struct thing *t = calloc(1, sizeof(*t));

		t->number = i;
		smb3_hash_add(h, &t->node, (uint64_t)i * 3);
	}
}

Test(hash, each_visits_all_once_and_lets_them_go)
{
	struct smb3_hash h;
	struct visit v = { .table = &h };

	fill(&h, 100);
	smb3_hash_each(&h, visit_and_remove, &v);
	cr_assert_eq(v.count, 100);
	cr_assert_eq(v.sum, 5050);
	cr_assert_eq(h.count, 0);
	smb3_hash_each(&h, visit_and_remove, &v);
	cr_assert_eq(v.count, 100);
	smb3_hash_done(&h);
	smb3_hash_each(&h, visit_and_remove, &v);
	cr_assert_eq(v.count, 100);
}

Test(hash, each_stops_when_told)
{
	struct smb3_hash h;
	struct visit v = { .table = &h, .stop_after = 3 };

	fill(&h, 10);
	smb3_hash_each(&h, visit_and_remove, &v);
	cr_assert_eq(v.count, 3);
	cr_assert_eq(h.count, 7);
	v.stop_after = 0;
	smb3_hash_each(&h, visit_and_remove, &v);
	smb3_hash_done(&h);
}

Test(hash, bytes_depend_on_content_and_length)
{
	uint8_t zeros[40] = { 0 };
	uint64_t hashes[40];

	for (size_t i = 0; i < 40; i++) {
		hashes[i] = smb3_hash_bytes(zeros, i);
		cr_assert_eq(hashes[i], smb3_hash_bytes(zeros, i));
		for (size_t j = 0; j < i; j++)
			cr_assert_neq(hashes[i], hashes[j], "lengths %zu and %zu", i, j);
	}
	for (size_t i = 0; i < 40; i++) {
		zeros[i] = 1;
		cr_assert_neq(smb3_hash_bytes(zeros, 40), smb3_hash_bytes(zeros, i), "%zu", i);
		cr_assert_eq(smb3_hash_bytes(zeros + i + 1, 39 - i), hashes[39 - i]);
		zeros[i] = 0;
	}
}

Test(hash, one_bit_changes_half_of_the_result)
{
	uint8_t data[24] = "what a client may choose";
	uint64_t base = smb3_hash_bytes(data, sizeof(data));
	int changed = 0;

	for (size_t bit = 0; bit < 8 * sizeof(data); bit++) {
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		changed += __builtin_popcountll(base ^ smb3_hash_bytes(data, sizeof(data)));
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* 192 tries of 64 bits: 6144 expected, standard deviation 55 */
	cr_assert(changed > 5500 && changed < 6800, "%d bits", changed);
}
