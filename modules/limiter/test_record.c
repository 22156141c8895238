// SPDX-License-Identifier: Apache-2.0
/*
 * test_record.c: the arithmetic of the limiter, with a clock of its own; addresses; settings.
 */
#include "limiter.h"
#include "testmods.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* ---- records ---- */

static struct limiter_table table;
static struct limiter_policy policy;
static const struct limiter_key *banned;

static void table_setup(void)
{
	limiter_table_init(&table);
	policy = (struct limiter_policy){ .delay = 2000,
					  .window = 600000,
					  .ban_time = 600000,
					  .ban_after = 10,
					  .lock_after = 0,
					  .most = 64 };
}

static void table_teardown(void)
{
	limiter_table_done(&table);
}

TestSuite(limiter_record, .init = table_setup, .fini = table_teardown);

static struct limiter_key *key_of(const char *name)
{
	static struct limiter_key keys[2];

	snprintf(keys[0].name, sizeof(keys[0].name), "%s", name);
	keys[0].share = 1;
	keys[1].name[0] = '\0';
	return keys;
}

static enum smb3_verdict enter(const char *name, uint64_t now, uint64_t *ret_ms)
{
	return limiter_enter(&table, &policy, key_of(name), now, ret_ms);
}

static uint64_t fail_at(const char *name, uint64_t now)
{
	uint64_t until = limiter_fail(&table, &policy, key_of(name), now, &banned);

	limiter_leave(&table, &policy, key_of(name), now);
	return until;
}

Test(limiter_record, one_guess_per_delay)
{
	uint64_t now = 1000, ms;

	for (int i = 0; i < 9; i++) {
		cr_assert_eq(enter("a", now, &ms), SMB3_PASS);
		cr_assert_eq(fail_at("a", now), now + 2000);
		cr_assert_eq(enter("a", now, &ms), SMB3_WAIT);
		cr_assert_eq(ms, 2000);
		cr_assert_eq(enter("a", now + 1999, &ms), SMB3_WAIT);
		cr_assert_eq(ms, 1);
		cr_assert_eq(enter("b", now, &ms), SMB3_PASS, "others are not concerned");
		limiter_leave(&table, &policy, key_of("b"), now);
		now += 2000;
	}
}

/* Workers read the clock before they wait for the table. */
Test(limiter_record, a_clock_that_was_read_earlier_forgives_nothing)
{
	for (int i = 0; i < 4; i++)
		fail_at("a", 5000);
	fail_at("a", 4999);
	cr_expect_eq(limiter_failures(limiter_find(&table, "a"), &policy, 5000), 5);
	cr_expect_eq(limiter_failures(limiter_find(&table, "a"), &policy, 4000), 5);
}

/* Who is logged on and proves it again is not shut out by a ban, but waits as others do. */
Test(limiter_record, who_is_spared_a_ban_does_not_hurry)
{
	uint64_t ms;

	for (int i = 0; i < 10; i++)
		fail_at("a", 1000);
	cr_assert_eq(enter("a", 1000, &ms), SMB3_DENY);
	policy.spare = true;
	cr_expect_eq(enter("a", 1000, &ms), SMB3_WAIT);
	cr_expect_eq(ms, 20000, "ten failures");
	cr_assert_eq(enter("a", 21000, &ms), SMB3_PASS);
	cr_expect_eq(limiter_find(&table, "a")->in_work, 1);
	limiter_leave(&table, &policy, key_of("a"), 21000);
}

/* A burst is paid for: each of its failures adds a delay. */
Test(limiter_record, many_at_once_are_no_faster)
{
	uint64_t ms;

	for (int i = 0; i < LIMITER_AT_ONCE; i++)
		cr_assert_eq(enter("a", 0, &ms), SMB3_PASS);
	cr_assert_eq(enter("a", 0, &ms), SMB3_WAIT);
	for (uint64_t i = 1; i <= LIMITER_AT_ONCE; i++)
		cr_assert_eq(fail_at("a", 5), 5 + i * 2000);
	cr_assert_eq(enter("a", 5, &ms), SMB3_WAIT);
	cr_assert_eq(ms, LIMITER_AT_ONCE * 2000u);
}

Test(limiter_record, success_leaves_nothing_behind)
{
	uint64_t ms;

	for (int i = 0; i < 1000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		cr_assert_eq(enter(name, 0, &ms), SMB3_PASS);
		limiter_leave(&table, &policy, key_of(name), 0);
	}
	cr_assert_eq(table.hash.count, 0);
}

Test(limiter_record, ban_begins_and_ends)
{
	uint64_t ms;

	for (int i = 0; i < 9; i++)
		fail_at("a", 0);
	cr_assert_null(banned);
	fail_at("a", 0);
	cr_assert_not_null(banned);
	cr_assert_str_eq(banned->name, "a");
	cr_assert_eq(enter("a", 599999, &ms), SMB3_DENY);
	cr_assert_eq(ms, 1);
	cr_assert_eq(enter("a", 600000, &ms), SMB3_PASS);
	limiter_leave(&table, &policy, key_of("a"), 600000);
	cr_assert_null(limiter_find(&table, "a"), "its time is served");
}

/* Ten within a little while are ten. */
Test(limiter_record, a_moment_does_not_matter)
{
	for (uint64_t i = 0; i < 9; i++)
		fail_at("a", i * 3000);
	cr_assert_null(banned);
	fail_at("a", 27000);
	cr_assert_not_null(banned);
}

/* Slow guessing is never banned, however often the record is looked at meanwhile. */
Test(limiter_record, failures_fade)
{
	uint64_t ms;

	for (uint64_t i = 0; i < 50; i++) {
		fail_at("a", i * 70000);
		cr_assert_null(banned, "after %d", (int)i);
		for (uint64_t n = 0; n < 1000; n++) {
			enter("a", i * 70000 + 3000 + n, &ms);
			limiter_leave(&table, &policy, key_of("a"), i * 70000 + 3000 + n);
		}
	}
	cr_assert_lt(limiter_failures(limiter_find(&table, "a"), &policy, 49 * 70000), 10u);
	cr_assert_eq(limiter_failures(limiter_find(&table, "a"), &policy, 49 * 70000 + 600000), 0u);
}

Test(limiter_record, mistakes_are_forgiven_but_not_many)
{
	for (int i = 0; i < 2; i++)
		fail_at("a", 0);
	limiter_forgive(&table, &policy, key_of("a"), 4000);
	cr_assert_null(limiter_find(&table, "a"));
	for (int i = 0; i < 5; i++)
		fail_at("a", 10000);
	limiter_forgive(&table, &policy, key_of("a"), 20000);
	cr_assert_eq(limiter_failures(limiter_find(&table, "a"), &policy, 20000), 3u);
}

/* However many addresses fail, the table stays small and the ban stands. */
Test(limiter_record, flood_frees_nobody)
{
	uint64_t ms;

	for (int i = 0; i < 10; i++)
		fail_at("guesser", 0);
	for (int i = 0; i < 100000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		fail_at(name, 1 + (uint64_t)i / 1000);
		cr_assert_leq(table.hash.count, 64u);
	}
	cr_assert_eq(enter("guesser", 200, &ms), SMB3_DENY);
}

/* Full of attempts in work: a further address is refused, nobody's count is lost. */
Test(limiter_record, table_in_use_is_not_robbed)
{
	uint64_t ms;
	char name[16];

	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		cr_assert_eq(enter(name, 0, &ms), SMB3_PASS);
	}
	cr_assert_eq(enter("more", 0, &ms), SMB3_DENY);
	limiter_leave(&table, &policy, key_of("n5"), 0);
	cr_assert_eq(enter("more", 0, &ms), SMB3_PASS);
}

Test(limiter_record, accounts)
{
	uint64_t debt = 0;

	for (int i = 0; i < 100; i++)
		cr_assert_not(limiter_account_fail(&table, &policy, "Ann", 0, &debt));
	cr_assert_eq(debt, 10000u, "five delays at most");
	policy.lock_after = 3;
	cr_assert_not(limiter_account_fail(&table, &policy, "bob", 0, &debt));
	cr_assert_not(limiter_account_fail(&table, &policy, "BOB", 0, &debt));
	cr_assert(limiter_account_fail(&table, &policy, "Bob", 0, &debt));
	cr_assert_not(limiter_account_fail(&table, &policy, "bob", 0, &debt), "told once");
}

/* ---- addresses ---- */

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage a = { .ss_family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (a.ss_family == AF_INET6)
		inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&a)->sin6_addr);
	else
		inet_pton(AF_INET, text, &((struct sockaddr_in *)&a)->sin_addr);
	return a;
}

Test(limiter_address, keys)
{
	static const struct {
		const char *address, *first, *second;
	} cases[] = {
		{ "192.0.2.7", "192.0.2.7", "" },
		{ "::ffff:192.0.2.7", "192.0.2.7", "" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_conn conn = { .peer = address(cases[i].address) };
		struct limiter_key keys[LIMITER_KEYS + 1];

		limiter_keys(&conn, keys);
		cr_expect_str_eq(keys[0].name, cases[i].first);
		cr_expect_str_eq(keys[1].name, cases[i].second);
	}
}

Test(limiter_address, lists)
{
	static const char *const list[] = { "192.0.2.7", "10.0.0.0/8", "2001:db8::/33", NULL };
	static const char *const in[] = { "192.0.2.7", "10.255.0.1", "::ffff:10.1.1.1",
					  "2001:db8:7fff::1" };
	static const char *const out[] = { "192.0.2.8", "11.0.0.1", "2001:db8:8000::1", "::1" };
	static const char *const bad[] = { "",       "files", "10.0.0.0/33", "10.0.0.0/",
					   "::/129", "10/8",  "10.0.0.0/-1", "10.0.0.0/8x" };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(in); i++) {
		struct sockaddr_storage a = address(in[i]);

		cr_expect(limiter_listed(&a, list), "%s", in[i]);
	}
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(out); i++) {
		struct sockaddr_storage a = address(out[i]);

		cr_expect_not(limiter_listed(&a, list), "%s", out[i]);
	}
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		const char *one[] = { bad[i], NULL }, *which = NULL;

		cr_expect_not(limiter_list_sound(one, &which), "%s", bad[i]);
	}
}

Test(limiter_address, written_by_people)
{
	cr_expect(limiter_key_is("192.0.2.7", "192.0.2.7"));
	cr_expect(limiter_key_is("192.0.2.7", "::ffff:192.0.2.7"));
	cr_expect(limiter_key_is("2001:db8:1:2::/64", "2001:db8:1:2::99"));
	cr_expect(limiter_key_is("2001:db8:1:2::/64", "2001:db8:1:2::/64"));
	cr_expect_not(limiter_key_is("192.0.2.7", "192.0.2.70"));
	cr_expect_not(limiter_key_is("192.0.2.7", "192.0.2.0/24"));
}

Test(limiter_conf, what_is_refused)
{
	static const char *const bad[] = { "exempt = [ \"files\" ]", "delay = \"61s\"",
					   "ban_after = -1", "table = 1" };
	char groups[128];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(bad); i++) {
		struct test_mods *t;

		snprintf(groups, sizeof(groups), "limiter = { %s; };", bad[i]);
		t = test_mods_start("\"limiter\"", groups);
		cr_expect_null(t->server, "%s", bad[i]);
		test_mods_stop(t);
	}
}
