// SPDX-License-Identifier: Apache-2.0
/*
 * test_ranges.c: the set of ranges: overlaps at the edges, and against a list that is searched
 * from end to end.
 */
#include "ranges.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct smb3_open *who(uintptr_t n)
{
	return (struct smb3_open *)n;
}

static struct range *add(struct ranges *set, uint64_t offset, uint64_t length)
{
	struct range *r = calloc(1, sizeof(*r));

	r->offset = offset;
	r->length = length;
	r->owner = who(1);
	ranges_add(set, r);
	return r;
}

Test(ranges, edges)
{
	static const struct {
		uint64_t at, len, offset, length;
		bool overlap;
	} cases[] = {
		{ 10, 10, 9, 1, false },
		{ 10, 10, 9, 2, true },
		{ 10, 10, 19, 1, true },
		{ 10, 10, 20, 1, false },
		{ 10, 10, 0, UINT64_MAX, true },
		{ 10, 0, 10, 1, false }, /* between the bytes 9 and 10 */
		{ 10, 0, 9, 1, false },
		{ 10, 0, 9, 2, true },
		{ 10, 0, 10, 0, false },
		{ 10, 10, 10, 0, false },
		{ 10, 10, 11, 0, true },
		{ 10, 10, 20, 0, false },
		{ 0, 0, 0, UINT64_MAX, false },
		{ 0, 1, 0, 0, false },
		{ 0, 10, 1, 0, true },
		{ UINT64_MAX, 1, UINT64_MAX, 1, true },
		{ UINT64_MAX, 1, 0, UINT64_MAX, false },
		{ 1, UINT64_MAX, UINT64_MAX, 1, true },
		{ UINT64_MAX, 0, UINT64_MAX - 1, 2, true },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct ranges set = { .count = 0 };
		struct range *r = add(&set, cases[i].at, cases[i].len);

		cr_expect_eq(ranges_overlap(&set, cases[i].offset, cases[i].length, NULL) != NULL,
			     cases[i].overlap, "case %zu", i);
		cr_expect_null(ranges_overlap(&set, cases[i].offset, cases[i].length, who(1)),
			       "case %zu: its own", i);
		free(r);
	}
}

Test(ranges, equal_ones_are_removed_one_by_one)
{
	struct ranges set = { .count = 0 };
	struct range *a = add(&set, 5, 5), *b = add(&set, 5, 5);
	struct range like = { .offset = 5, .length = 5, .owner = who(1) };

	ranges_remove(&set, a);
	cr_expect_eq(ranges_find(&set, &like), b);
	like.owner = who(2);
	cr_expect_null(ranges_find(&set, &like));
	ranges_remove(&set, b);
	cr_expect_null(set.root);
	cr_expect_eq(set.count, 0u);
	free(a);
	free(b);
}

/* ---- against a list ---- */

#define MANY 400

static bool alike(const struct range *r, uint64_t offset, uint64_t length, uintptr_t except)
{
	uint64_t last = offset + length - 1, r_last = r->offset + r->length - 1;

	if ((!offset && !length) || (!r->offset && !r->length) || r->owner == who(except))
		return false;
	return offset <= r_last && last >= r->offset;
}

static bool listed(struct range *const *list, uint64_t offset, uint64_t length, uintptr_t except)
{
	for (size_t i = 0; i < MANY; i++)
		if (list[i] && alike(list[i], offset, length, except))
			return true;
	return false;
}

static void toggle(struct ranges *set, struct range **slot)
{
	if (*slot) {
		ranges_remove(set, *slot);
		free(*slot);
		*slot = NULL;
		return;
	}
	*slot = calloc(1, sizeof(**slot));
	(*slot)->offset = (uint64_t)rand() % 1000;
	(*slot)->length = (uint64_t)rand() % 20;
	(*slot)->owner = who(1 + (uintptr_t)rand() % 3);
	ranges_add(set, *slot);
}

Test(ranges, as_a_list_would_say)
{
	struct range *list[MANY] = { NULL };
	struct ranges set = { .count = 0 };

	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint64_t offset = (uint64_t)rand() % 1000, length = (uint64_t)rand() % 8;
		uintptr_t except = (uintptr_t)rand() % 4;

		toggle(&set, &list[rand() % MANY]);
		cr_assert_eq(ranges_overlap(&set, offset, length, who(except)) != NULL,
			     listed(list, offset, length, except), "step %d", i);
	}
	for (size_t i = 0; i < MANY; i++)
		if (list[i])
			toggle(&set, &list[i]);
	cr_expect_eq(set.count, 0u);
	cr_expect_null(set.root);
}

static int depth(const struct range *r)
{
	int left, right;

	if (!r)
		return 0;
	left = depth(r->left);
	right = depth(r->right);
	return 1 + (left > right ? left : right);
}

/* Ascending offsets, as databases lock them, are the worst that a plain tree can meet. */
Test(ranges, ten_thousand_in_a_row_stay_shallow)
{
	struct ranges set = { .count = 0 };
	struct range *all = calloc(10000, sizeof(*all));

	for (uint64_t i = 0; i < 10000; i++) {
		all[i].offset = i * 10;
		all[i].length = 5;
		ranges_add(&set, &all[i]);
	}
	cr_expect_lt(depth(set.root), 64);
	cr_expect_null(ranges_overlap(&set, 50005, 5, NULL));
	cr_expect_eq(ranges_overlap(&set, 50004, 1, NULL), &all[5000]);
	free(all);
}
