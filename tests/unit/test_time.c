// SPDX-License-Identifier: Apache-2.0
/*
 * test_time.c: NT times. MS-DTYP 2.3.3
 */
#include <criterion/criterion.h>
#include <smb3/time.h>

static const struct {
	const char *what;
	int64_t sec;
	long nsec;
	uint64_t nt;
} both_ways[] = {
	{ "1970-01-01", 0, 0, 116444736000000000 },
	{ "one tick", 0, 100, 116444736000000001 },
	{ "last tick of a second", 1, 999999900, 116444736019999999 },
	{ "before 1970", -1, 0, 116444735990000000 },
	{ "a fraction before 1970", -1, 999999900, 116444735999999999 },
	{ "2000-01-01", 946684800, 0, 125911584000000000 },
	{ "2038 has gone by", 4294967296, 0, 159394408960000000 },
	{ "the first second", -11644473600, 100, 1 },
	{ "year 9999", 253402300799, 0, 2650467743990000000 },
};

Test(time, timespec_to_nt)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(both_ways); i++) {
		struct timespec ts = { both_ways[i].sec, both_ways[i].nsec };

		cr_expect_eq(smb3_nttime_from_timespec(&ts), both_ways[i].nt, "%s",
			     both_ways[i].what);
	}
}

Test(time, nt_to_timespec)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(both_ways); i++) {
		struct timespec ts = smb3_nttime_to_timespec(both_ways[i].nt);

		cr_expect_eq(ts.tv_sec, both_ways[i].sec, "%s", both_ways[i].what);
		cr_expect_eq(ts.tv_nsec, both_ways[i].nsec, "%s", both_ways[i].what);
	}
}

Test(time, nanoseconds_are_cut_to_ticks)
{
	struct timespec ts = { 0, 199 };

	cr_assert_eq(smb3_nttime_from_timespec(&ts), 116444736000000001);
}

Test(time, what_nt_time_cannot_say_is_clamped)
{
	static const struct {
		int64_t sec;
		uint64_t nt;
	} cases[] = {
		{ -11644473601, 0 },
		{ INT64_MIN, 0 },
		{ 910692730086, INT64_MAX },
		{ INT64_MAX, INT64_MAX },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct timespec ts = { cases[i].sec, 999999999 };

		cr_expect_eq(smb3_nttime_from_timespec(&ts), cases[i].nt, "case %zu", i);
	}
}

Test(time, any_number_from_a_client_converts)
{
	static const uint64_t cases[] = { 0, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct timespec ts = smb3_nttime_to_timespec(cases[i]);

		cr_expect(ts.tv_nsec >= 0 && ts.tv_nsec <= 999999900, "case %zu", i);
		cr_expect_eq((uint64_t)(ts.tv_sec + 11644473600) * 10000000 +
				     (uint64_t)ts.tv_nsec / 100,
			     cases[i]);
	}
}

Test(time, now_follows_the_wall_clock_until_it_is_set)
{
	struct timespec ts;
	smb3_nttime before, now;

	clock_gettime(CLOCK_REALTIME, &ts);
	before = smb3_nttime_from_timespec(&ts);
	now = smb3_now();
	cr_assert(now >= before && now - before < 3600 * 10000000ull);
	smb3_now_set(42);
	cr_assert_eq(smb3_now(), 42);
	cr_assert_eq(smb3_now(), 42);
	smb3_now_set(0);
	cr_assert_geq(smb3_now(), now);
}

Test(time, clock_does_not_go_back)
{
	uint64_t last = smb3_clock();

	for (int i = 0; i < 1000; i++) {
		uint64_t next = smb3_clock();

		cr_assert_geq(next, last);
		last = next;
	}
}
