// SPDX-License-Identifier: Apache-2.0
/*
 * test_stamp.c: what time the name of a snapshot tells.
 */
#include "snap.h"

#include <criterion/criterion.h>
#include <smb3/snapshot.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GMT "@GMT-%Y.%m.%d-%H.%M.%S"

static smb3_nttime at(time_t seconds)
{
	const struct timespec ts = { .tv_sec = seconds };

	return seconds ? smb3_nttime_from_timespec(&ts) : 0;
}

static void zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

Test(stamp, formats)
{
	static const struct {
		const char *text, *format;
		bool local;
		time_t want;
	} rows[] = {
		{ "@GMT-2015.10.31-19.40.30", GMT, false, 1446320430 },
		{ "@GMT-2015.10.31-19.40.30x", GMT, false, 0 },
		{ "@GMT-2015.10.31-19.40", GMT, false, 0 },
		{ "", GMT, false, 0 },
		{ "2015-10-31", "%Y-%m-%d", false, 1446249600 },
		{ "2015-10-31_1940", "%Y-%m-%d_%H%M", true, 1446313200 }, /* two hours east */
		{ "2015-10-31_1940+0100", "%Y-%m-%d_%H%M%z", true, 1446316800 },
		{ "2015-10-31_1940+0100", "%Y-%m-%d_%H%M%z", false, 1446316800 },
		{ "1446320430", "%s", false, 1446320430 },
		{ "1446320430", "%s", true, 1446320430 },
		{ "1969-12-31", "%Y-%m-%d", false, 0 },
	};

	zone("EET-2");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(rows); i++)
		cr_assert_eq(snap_stamp(rows[i].text, rows[i].format, rows[i].local),
			     at(rows[i].want), "%s as %s: %llu", rows[i].text, rows[i].format,
			     (unsigned long long)snap_stamp(rows[i].text, rows[i].format,
							    rows[i].local));
}

Test(stamp, patterns)
{
	static const struct {
		const char *name, *pattern, *format;
		time_t want;
	} rows[] = {
		{ "zfs-auto-snap_hourly-2015-10-31-1940", "^zfs-auto-snap_([a-z]+)-(.*)$",
		  "%Y-%m-%d-%H%M", 1446320400 },
		{ "daily-2015-10-31", "^daily-(.*)", "%Y-%m-%d", 1446249600 },
		{ "weekly-2015-10-31", "^daily-(.*)", "%Y-%m-%d", 0 },
		{ "2015-10-31", "^2015", "%Y-%m-%d", 1446249600 },
		{ "2016-10-31", "^2015", "%Y-%m-%d", 0 },
		{ "a2015-10-31", "^(a|b(.*))", "%Y-%m-%d", 0 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(rows); i++) {
		regex_t re;

		cr_assert_eq(regcomp(&re, rows[i].pattern, REG_EXTENDED), 0);
		cr_assert_eq(snap_stamp_name(rows[i].name, &re, rows[i].format, false),
			     at(rows[i].want), "%s", rows[i].name);
		regfree(&re);
	}
}

Test(stamp, long_names_are_none)
{
	char name[300];

	memset(name, '1', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_assert_eq(snap_stamp_name(name, NULL, "%s", false), 0);
}

Test(stamp, snapper)
{
	char text[512];

	cr_assert_eq(snap_stamp_info("<?xml version=\"1.0\"?>\n<snapshot>\n <type>single</type>\n"
				     " <num>7</num>\n <date>2015-10-31 19:40:30</date>\n"
				     "</snapshot>\n"),
		     at(1446320430));
	cr_assert_eq(snap_stamp_info(""), 0);
	cr_assert_eq(snap_stamp_info("<date>"), 0);
	cr_assert_eq(snap_stamp_info("<date></date>"), 0);
	cr_assert_eq(snap_stamp_info("</date><date>2015-10-31 19:40:30"), 0);
	memset(text, 'x', sizeof(text));
	memcpy(text, "<date>", 6);
	memcpy(text + sizeof(text) - 8, "</date>", 8);
	cr_assert_eq(snap_stamp_info(text), 0);
}

/* A version has one name only. */
Test(stamp, names_of_versions)
{
	static const char *const wrong[] = {
		"@GMT-2015.10.31-19.40.3",
		"@GMT-2015.10.31-19.40.300",
		"@gmt-2015.10.31-19.40.30",
		"@GMT-2015.10.31-19.40.61",
		"@GMT-2015.02.30-00.00.00",
		"@GMT-2015.13.01-00.00.00",
		"@GMT-2015.1.31-19.40.30x",
		"@GMT-2015.+1.31-19.40.30",
		"@GMT-15.10.31-019.40.30",
		"@GMT- 015.10.31-19.40.30",
		"",
	};
	char name[SMB3_VERSION_NAME];

	cr_assert_eq(smb3_version_parse("@GMT-2015.10.31-19.40.30", 24), at(1446320430));
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(wrong); i++)
		cr_assert_eq(smb3_version_parse(wrong[i], strlen(wrong[i])), 0, "%s", wrong[i]);
	smb3_version_name(at(1446320430) + 9999999, name);
	cr_assert_str_eq(name, "@GMT-2015.10.31-19.40.30");
	smb3_version_name(UINT64_MAX, name);
	cr_assert_str_eq(name, "");
}
