// SPDX-License-Identifier: Apache-2.0
/*
 * test_json.c: lines of the audit: whole, one each, whatever the names in them are.
 */
#include "audit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHEN "{\"time\":\"2026-03-01T12:34:56.000789Z\",\"event\":\"x\""

static struct audit_line line;

static void setup(void)
{
	struct timespec ts = { .tv_sec = 1772368496, .tv_nsec = 789000 };

	smb3_now_set(smb3_nttime_from_timespec(&ts));
	line_begin(&line, "x");
}

static const char *ended(void)
{
	line_end(&line);
	line.text[line.len] = '\0';
	return line.text;
}

TestSuite(json, .init = setup);

Test(json, fields_of_each_kind)
{
	line_text(&line, "user", "alice");
	line_text(&line, "nothing", NULL);
	line_text(&line, "empty", "");
	line_number(&line, "n", UINT64_MAX);
	line_hex(&line, "id", 0x1f);
	line_flag(&line, "yes", true);
	line_flag(&line, "no", false);
	cr_assert_str_eq(ended(), WHEN ",\"user\":\"alice\",\"n\":18446744073709551615,"
				       "\"id\":\"0x1f\",\"yes\":true}\n");
}

Test(json, a_name_cannot_look_like_something_else)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "a\"b", "a\\u0022b" },
		{ "a\\", "a\\u005c" },
		{ "a\",\"event\":\"logon", "a\\u0022,\\u0022event\\u0022:\\u0022logon" },
		{ "a\n{\"event\":\"logon\"}", "a\\u000a{\\u0022event\\u0022:\\u0022logon\\u0022}" },
		{ "\r\t\x1b[2J\x7f", "\\u000d\\u0009\\u001b[2J\\u007f" },
		{ "\xc2\x85\xc2\x9b", "\\u0085\\u009b" },
		{ "\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029" },
		{ "\xe2\x80\xaexe.txt\xe2\x81\xa6", "\\u202exe.txt\\u2066" },
		{ "\xff\xfe", "\\ufffd\\ufffd" },
		{ "\xef\xbf\xbd", "\\ufffd" },
		{ "\xc3\xbc \xe2\x82\xac \xf0\x9f\x8e\xb5",
		  "\xc3\xbc \xe2\x82\xac \xf0\x9f\x8e\xb5" },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		char want[256];

		setup();
		line_text(&line, "user", cases[i].name);
		snprintf(want, sizeof(want), WHEN ",\"user\":\"%s\"}\n", cases[i].text);
		cr_expect_str_eq(ended(), want, "case %zu: %s", i, line.text);
	}
}

/* Whatever is too long, the line ends as it should, and says so. */
Test(json, long_values_are_cut_between_characters)
{
	static const char end[] = ",\"cut\":true}\n";
	char *name = malloc(60001);

	for (int i = 0; i < 60000; i++)
		name[i] = i % 3 == 0 ? '\n' : i % 3 == 1 ? '\xc3' : '\xbc';
	name[60000] = '\0';
	for (int i = 0; i < 20; i++)
		line_text(&line, "path", name);
	for (int i = 0; i < 2000; i++)
		line_number(&line, "n", UINT64_MAX);
	ended();
	cr_assert_lt(line.len, sizeof(line.text));
	cr_assert(smb3_utf8_valid(line.text));
	cr_assert_eq(strchr(line.text, '\n'), line.text + line.len - 1, "one line");
	cr_assert_str_eq(line.text + line.len - strlen(end), end);
	free(name);
}
