// SPDX-License-Identifier: Apache-2.0
/*
 * test_slow.c: which mounts are slow: a loop's work waited for them too much of the time.
 */
#include "core.h"

#include <criterion/criterion.h>

#define MS   1000000ull
#define MANY 100

static bool is_slow(const struct smb3_mount *m)
{
	return smb3_clock() < m->slow_until;
}

Test(slow, work_that_took_long_is_watched)
{
	struct smb3_mount m = { .slow_until = 0 };

	smb3_mount_took(&m, 500 * MS, false);
	cr_expect_gt(m.watched_until, smb3_clock());
	cr_expect_not(is_slow(&m));
}

Test(slow, one_long_wait_is_enough)
{
	struct smb3_mount m = { .slow_until = 0 };

	smb3_mount_took(&m, 20 * MS, true);
	cr_expect(is_slow(&m));
}

/* A thread that holds a lock has lost its processor for a moment. */
Test(slow, a_short_wait_now_and_then_is_not)
{
	struct smb3_mount m = { .slow_until = 0 };
	int n = 0;

	smb3_mount_took(&m, 4 * MS, true);
	cr_expect_not(is_slow(&m));
	while (!is_slow(&m) && n++ < MANY)
		smb3_mount_took(&m, 4 * MS, true);
	cr_expect_geq(n, 3);
	cr_expect_lt(n, MANY);
}

/* What has passed is forgotten; however long it was, not for more than a second. */
Test(slow, nothing_is_held_against_it_for_long)
{
	struct smb3_mount m = { .slow_until = 0 };

	smb3_mount_took(&m, 60000 * MS, true);
	cr_expect_leq(m.slow_until, smb3_clock() + 1000 * MS);
	cr_expect_leq(m.strained_until, smb3_clock() + 1000 * MS);
	m.strained_until = m.slow_until = smb3_clock() - 1;
	smb3_mount_took(&m, 4 * MS, true);
	cr_expect_not(is_slow(&m));
}
