// SPDX-License-Identifier: Apache-2.0
/*
 * test_credit.c: the sequence window.
 */
#include <criterion/criterion.h>
#include <smb3/credit.h>
#include <stdlib.h>

TestSuite(credit);

Test(credit, starts_with_one_for_id_zero)
{
	struct smb3_credits c;

	smb3_credits_init(&c, 512);
	cr_assert(!smb3_credits_take(&c, 1, 1));
	cr_assert(smb3_credits_take(&c, 0, 1));
	cr_assert(!smb3_credits_take(&c, 0, 1), "an id works once");
	cr_assert_eq(smb3_credits_grant(&c, 0, 1), 1, "nobody is left without credits");
	cr_assert(smb3_credits_take(&c, 1, 1));
}

Test(credit, out_of_order_within_the_window)
{
	struct smb3_credits c;

	smb3_credits_init(&c, 16);
	cr_assert(smb3_credits_take(&c, 0, 1));
	cr_assert_eq(smb3_credits_grant(&c, 10, 1), 10);
	cr_assert(smb3_credits_take(&c, 10, 1));
	cr_assert(smb3_credits_take(&c, 3, 4), "a charge of four takes four ids");
	cr_assert(!smb3_credits_take(&c, 6, 1), "the last of them is used");
	cr_assert(!smb3_credits_take(&c, 2, 2), "half used is used");
	cr_assert(smb3_credits_take(&c, 1, 2));
	cr_assert_eq(c.low, 7);
	cr_assert(!smb3_credits_take(&c, 11, 1), "beyond the window");
}

Test(credit, never_more_than_the_limit)
{
	struct smb3_credits c;
	uint32_t held = 1;

	smb3_credits_init(&c, 100);
	for (int i = 0; i < 50; i++) {
		cr_assert(smb3_credits_take(&c, c.low, 1));
		held += smb3_credits_grant(&c, 65535, 1) - 1u;
		cr_assert_leq(held, 100);
		cr_assert_eq(held, c.granted);
	}
	cr_assert_eq(held, 100);
}

Test(credit, a_gap_does_not_stretch_the_window)
{
	struct smb3_credits c;
	uint64_t id = 2;

	smb3_credits_init(&c, 8);
	cr_assert(smb3_credits_take(&c, 0, 1));
	cr_assert_eq(smb3_credits_grant(&c, 8, 1), 8);
	while (c.granted > 1) { /* id 1 is never used */
		cr_assert(smb3_credits_take(&c, id++, 1));
		smb3_credits_grant(&c, 1, 1);
		cr_assert_leq(c.high - c.low, 16);
	}
	cr_assert(smb3_credits_take(&c, 1, 1), "the gap can still be filled");
}

Test(credit, charge_beyond_the_window_does_not_wrap)
{
	struct smb3_credits c;

	smb3_credits_init(&c, SMB3_CREDITS_MAX);
	cr_assert(!smb3_credits_take(&c, UINT64_MAX, 2));
	cr_assert(!smb3_credits_take(&c, 0, 65535));
	cr_assert(smb3_credits_take(&c, 0, 1));
}

/* A plain model beside it, fed the same random requests. */
Test(credit, agrees_with_a_model)
{
	static bool used[1 << 16];
	struct smb3_credits c;
	uint64_t high = 1, low = 0, held = 1;

	srand(7);
	smb3_credits_init(&c, 64);
	for (int i = 0; i < 20000 && high < 60000; i++) {
		uint64_t id = low + (uint64_t)(rand() % 70);
		uint32_t count = 1 + (uint32_t)(rand() % 3);
		bool fits = id + count <= high && count <= held;

		for (uint32_t k = 0; fits && k < count; k++)
			fits = !used[id + k];
		cr_assert_eq(smb3_credits_take(&c, id, count), fits);
		for (uint32_t k = 0; fits && k < count; k++)
			used[id + k] = true;
		while (used[low])
			low++;
		if (fits) {
			uint16_t got = smb3_credits_grant(&c, 3, (uint16_t)count);

			held += got - (uint64_t)count;
			high += got;
		}
		cr_assert_eq(c.low, low);
		cr_assert_eq(c.high, high);
	}
	cr_assert_gt(high, 1000);
}
