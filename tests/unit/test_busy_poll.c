// SPDX-License-Identifier: Apache-2.0
/*
 * test_busy_poll.c: when a worker looks for work instead of sleeping, by what its waits took.
 */
#include "core.h"

#include <criterion/criterion.h>

#define LIMIT 50000u
#define MANY  1000

/* One wait in which the next request came after so many ns: whether the worker polled. */
static bool wait_of(struct smb3_busy_poll *p, uint64_t *now, uint64_t took)
{
	bool polled = smb3_busy_poll_wait(p, LIMIT, *now, *now);
	bool polls = polled;

	for (uint64_t ends = *now + took; *now < ends; *now += 1000)
		polls = polls && smb3_busy_poll_again(p, LIMIT, *now);
	return polled;
}

static unsigned int polled_of(struct smb3_busy_poll *p, uint64_t *now, uint64_t took)
{
	unsigned int n = 0;

	for (int i = 0; i < MANY; i++)
		n += wait_of(p, now, took);
	return n;
}

Test(busy_poll, while_requests_come_soon)
{
	struct smb3_busy_poll p = { .on = false };
	uint64_t now = 1;

	cr_expect_eq(polled_of(&p, &now, 20000), MANY);
}

Test(busy_poll, seldom_where_they_come_late)
{
	struct smb3_busy_poll p = { .on = false };
	uint64_t now = 1;
	unsigned int n = polled_of(&p, &now, 200000);

	cr_expect_leq(n, MANY / 32, "%u", n);
	n = 0;
	for (int i = 0; i < 8; i++)
		n += polled_of(&p, &now, 200000);
	cr_expect_leq(n, 8, "%u", n);
	cr_expect_geq(n, 7, "%u: nobody would find out", n);
}

Test(busy_poll, again_when_they_come_soon_again)
{
	struct smb3_busy_poll p = { .on = false };
	uint64_t now = 1;

	polled_of(&p, &now, 200000);
	polled_of(&p, &now, 20000);
	polled_of(&p, &now, 20000);
	cr_expect_eq(polled_of(&p, &now, 20000), MANY);
}

/* Between the messages of a logon a client computes; the next READ may come at once. */
Test(busy_poll, each_command_by_itself)
{
	struct smb3_busy_poll p = { .on = false, .command = SMB2_SESSION_SETUP };
	uint64_t now = 1;
	unsigned int n = 0;

	polled_of(&p, &now, 200000);
	for (int i = 0; i < MANY; i++) {
		p.command = SMB2_SESSION_SETUP;
		wait_of(&p, &now, 200000);
		p.command = SMB2_READ;
		n += wait_of(&p, &now, 20000);
	}
	cr_expect_eq(n, MANY);
}

Test(busy_poll, ends_in_time)
{
	struct smb3_busy_poll p = { .on = false };

	cr_expect(smb3_busy_poll_wait(&p, LIMIT, 1000, 1000));
	cr_expect(smb3_busy_poll_again(&p, LIMIT, 1000 + LIMIT - 1));
	cr_expect_not(smb3_busy_poll_again(&p, LIMIT, 1000 + LIMIT));
}

Test(busy_poll, never_without_a_limit)
{
	struct smb3_busy_poll p = { .on = false };

	for (uint64_t now = 1000; now < 1000 * MANY; now += 1000)
		cr_expect_not(smb3_busy_poll_wait(&p, 0, now, now));
}

/* It was turned off, or a job went to the pool, while the worker polled. */
Test(busy_poll, ends_when_it_is_turned_off)
{
	struct smb3_busy_poll p = { .on = false };

	cr_expect(smb3_busy_poll_wait(&p, LIMIT, 1000, 1000));
	cr_expect_not(smb3_busy_poll_again(&p, 0, 1001));
	cr_expect(smb3_busy_poll_wait(&p, LIMIT, 2000, 2000));
	cr_expect_not(smb3_busy_poll_wait(&p, 0, 3000, 3000));
}
