// SPDX-License-Identifier: Apache-2.0
/*
 * test_guard.c: places: how many, whose, who has to go, and that none is ever lost.
 */
#include "guard.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static struct bounds bounds = {
	.places = 160, .per_address = 8, .strangers = 20, .strangers_per_address = 6
};

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };

	if (inet_pton(AF_INET, text, &((struct sockaddr_in *)&sa)->sin_addr) == 1)
		sa.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&sa)->sin6_addr) == 1)
		sa.ss_family = AF_INET6;
	return sa;
}

static bool same(const char *one, const char *two, int64_t prefix)
{
	struct sockaddr_storage a = address(one), b = address(two);
	uint8_t x[16], y[16];

	address_key(&a, prefix, x);
	address_key(&b, prefix, y);
	return !memcmp(x, y, 16);
}

Test(guard, what_counts_as_one_address)
{
	cr_expect(same("192.0.2.1", "192.0.2.1", 64));
	cr_expect_not(same("192.0.2.1", "192.0.2.2", 64));
	cr_expect(same("192.0.2.1", "::ffff:192.0.2.1", 64));
	cr_expect_not(same("::ffff:192.0.2.1", "::ffff:192.0.2.2", 64), "IPv4 in either form");
	cr_expect(same("2001:db8::1", "2001:db8::ffff:1", 64));
	cr_expect_not(same("2001:db8::1", "2001:db8:0:1::1", 64));
	cr_expect(same("2001:db8:0:1::1", "2001:db8::1", 63));
	cr_expect_not(same("2001:db8::1", "2001:db8::2", 128));
	cr_expect(same("a socket", "without an address", 64));
}

/* What a test takes, with the place that each was pushed out for. */
static const char *take(struct places *p, uint8_t who, struct place *place, struct place **victim)
{
	const uint8_t key[16] = { [15] = who };

	*victim = NULL;
	place_init(place);
	return place_take(p, &bounds, key, place, victim);
}

static void expect_empty(struct places *p)
{
	cr_expect_eq(p->taken, 0);
	cr_expect_eq(p->n_strangers, 0);
	cr_expect_eq(p->addresses.count, 0);
	cr_expect(smb3_list_empty(&p->crowd));
	places_done(p);
}

Test(guard, users_of_one_address)
{
	struct places p;
	struct place at[9], *victim;

	places_init(&p);
	for (int i = 0; i < 8; i++) {
		cr_assert_null(take(&p, 1, &at[i], &victim), "%d", i);
		cr_assert_null(victim);
		place_known(&p, &at[i]);
	}
	cr_expect_str_eq(take(&p, 1, &at[8], &victim), "guard.connections_per_address");
	place_leave(&p, &at[8]); /* has none; nothing happens */
	cr_expect_null(take(&p, 2, &at[8], &victim), "another address is not concerned");
	place_leave(&p, &at[8]);
	place_leave(&p, &at[3]);
	cr_expect_null(take(&p, 1, &at[3], &victim), "free again");
	cr_expect_null(victim);
	for (int i = 0; i < 8; i++)
		place_leave(&p, &at[i]);
	expect_empty(&p);
}

Test(guard, a_user_takes_the_place_of_a_stranger_of_the_same_address)
{
	struct places p;
	struct place at[9], *victim;

	places_init(&p);
	for (int i = 0; i < 8; i++) {
		cr_assert_null(take(&p, 1, &at[i], &victim));
		if (i != 4)
			place_known(&p, &at[i]);
	}
	cr_expect_null(take(&p, 1, &at[8], &victim));
	cr_expect_eq(victim, &at[4]);
	cr_expect(at[4].unwanted);
	for (int i = 0; i < 9; i++)
		place_leave(&p, &at[i]);
	expect_empty(&p);
}

Test(guard, strangers_of_one_address)
{
	struct places p;
	struct place at[7], *victim;

	places_init(&p);
	for (int i = 0; i < 6; i++) {
		cr_assert_null(take(&p, 1, &at[i], &victim));
		cr_assert_null(victim);
	}
	cr_expect_null(take(&p, 1, &at[6], &victim));
	cr_expect_eq(victim, &at[0], "the oldest");
	for (int i = 0; i < 7; i++)
		place_leave(&p, &at[i]);
	expect_empty(&p);
}

Test(guard, a_flood_pushes_out_itself)
{
	struct places p;
	struct place flood[200], quiet[3], *victim;

	places_init(&p);
	for (uint8_t i = 0; i < 3; i++)
		cr_assert_null(take(&p, (uint8_t)(100 + i), &quiet[i], &victim));
	for (int i = 0; i < 200; i++) {
		cr_assert_null(take(&p, (uint8_t)(1 + i % 4), &flood[i], &victim));
		cr_assert_eq(victim != NULL, i >= 17, "%d", i);
		cr_assert(!victim || (victim >= flood && victim < flood + i), "%d", i);
		cr_assert_leq(p.n_strangers, 20);
		if (victim)
			place_leave(&p, victim);
	}
	for (int i = 0; i < 3; i++)
		place_leave(&p, &quiet[i]);
	for (int i = 0; i < 200; i++)
		place_leave(&p, &flood[i]);
	expect_empty(&p);
}

/* From as many addresses as connections: who had the most time to log on goes. */
Test(guard, with_all_addresses_alike_the_oldest_goes)
{
	struct places p;
	struct place at[40], *victim;

	places_init(&p);
	for (int i = 0; i < 40; i++) {
		cr_assert_null(take(&p, (uint8_t)i, &at[i], &victim));
		cr_assert_eq(victim, i < 20 ? NULL : &at[i - 20], "%d", i);
	}
	for (int i = 0; i < 40; i++)
		place_leave(&p, &at[i]);
	expect_empty(&p);
}

Test(guard, strangers_make_room_before_all_places_are_taken)
{
	struct places p;
	struct place at[152], *victim;

	places_init(&p);
	for (int i = 0; i < 150; i++) {
		cr_assert_null(take(&p, (uint8_t)i, &at[i], &victim));
		cr_assert_null(victim);
		if (i != 77)
			place_known(&p, &at[i]);
	}
	cr_expect_null(take(&p, 200, &at[150], &victim));
	cr_expect_eq(victim, &at[77]);
	place_known(&p, &at[150]);
	cr_expect_null(take(&p, 201, &at[151], &victim));
	cr_expect_null(victim, "nobody is left who could go");
	for (int i = 0; i < 152; i++)
		place_leave(&p, &at[i]);
	expect_empty(&p);
}

/* Whatever order they come and go in. */
Test(guard, no_place_is_ever_lost)
{
	struct places p;
	struct place at[64], *victim;
	bool in[64] = { false };
	uint32_t random = 1;

	places_init(&p);
	for (int i = 0; i < 20000; i++) {
		uint32_t n = (random = random * 1664525 + 1013904223) >> 16, k = n % 64;

		if (!in[k]) {
			take(&p, (uint8_t)(n / 64 % 16), &at[k], &victim);
			in[k] = true;
		} else if (n & 0x4000) {
			place_leave(&p, &at[k]);
			in[k] = false;
		} else if (at[k].address) {
			place_known(&p, &at[k]);
		}
	}
	for (int k = 0; k < 64; k++)
		if (in[k])
			place_leave(&p, &at[k]);
	expect_empty(&p);
}
