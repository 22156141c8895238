// SPDX-License-Identifier: Apache-2.0
/*
 * test_mds_names.c: texts with stars, and conditions. That the module walks as it should is seen by
 * the live tests.
 */
#include "names.h"

#include <criterion/criterion.h>

#define C SMB3_TERM_CASE
#define D SMB3_TERM_ACCENT
#define W SMB3_TERM_WORD

Test(mds_names, patterns)
{
	static const struct {
		const char *pattern;
		uint32_t flags;
		const char *name;
		bool want;
	} cases[] = {
		{ "a", 0, "a", true },
		{ "a", 0, "A", false },
		{ "a", C, "A", true },
		{ "a", 0, "ab", false },
		{ "a*", 0, "ab", true },
		{ "*b", 0, "ab", true },
		{ "*b", 0, "abc", false },
		{ "*b*", 0, "abc", true },
		{ "a*b*c", 0, "axbxbxc", true },
		{ "a*b*c", 0, "axcxb", false },
		{ "*", 0, "", true },
		{ "", 0, "", true },
		{ "", 0, "a", false },
		{ "a\\*b", 0, "a*b", true },
		{ "a\\*b", 0, "axb", false },
		{ "a?b", 0, "axb", false },
		{ "\xc3\xa4*", C, "\xc3\x84xt", true }, /* ä, Ä */
		{ "uber", C,
		  "\xc3\x9c"
		  "ber",
		  false }, /* Über */
		{ "uber", C | D,
		  "\xc3\x9c"
		  "ber",
		  true },
		{ "\xc3\xbc"
		  "ber",
		  C | D, "Uber", true },
		{ "\xc3\xbc"
		  "ber",
		  D,
		  "u\xcc\x88"
		  "ber",
		  true }, /* u and its dots apart */
		{ "lodz", C | D,
		  "\xc5\x81\xc3\xb3"
		  "d\xc5\xba",
		  true }, /* Łódź */
		{ "plan", W, "the plan.txt", true },
		{ "plan", W, "the planet", false },
		{ "plan*", W, "the planet", true },
		{ "lan*", W, "the planet", false },
		{ "*lan*", W, "the planet", true },
		{ "plan.txt", W, "the plan.txt", true },
		{ "the", W, "the plan", true },
		{ "e plan", W, "the plan", false },
	};
	struct pattern *p = malloc(sizeof(*p));

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		cr_assert(pattern_set(p, cases[i].pattern, cases[i].flags));
		cr_expect_eq(pattern_fits(p, cases[i].name), cases[i].want, "%s on %s",
			     cases[i].pattern, cases[i].name);
	}
	free(p);
}

/* Many stars, and a name that nearly fits, cost little. */
Test(mds_names, hostile_patterns_end, .timeout = 20)
{
	char text[PATTERN_MAX + 2], name[256];
	struct pattern *p = malloc(sizeof(*p));

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? '*' : 'a';
	text[PATTERN_MAX] = '\0';
	text[PATTERN_MAX - 1] = 'b';
	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	for (size_t i = 1; i < 255; i += 2)
		name[i] = ' ';
	cr_assert(pattern_set(p, text, W));
	for (int i = 0; i < 100; i++)
		cr_assert_not(pattern_fits(p, name));
	memset(text, 'a', sizeof(text));
	text[PATTERN_MAX + 1] = '\0';
	cr_expect_not(pattern_set(p, text, 0), "too long");
	free(p);
}

static struct smb3_term term(const char *attribute, enum smb3_term_relation relation,
			     int64_t number)
{
	return (struct smb3_term){ .op = SMB3_TERM_COMPARE,
				   .attribute = attribute,
				   .relation = relation,
				   .kind = SMB3_TERM_NUMBER,
				   .number = number };
}

Test(mds_names, conditions)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_term size = term("kMDItemFSSize", SMB3_TERM_GT, 10), name = size, both = size;
	struct smb3_stat small = { .size = 10 }, large = { .size = 11 };
	struct smb3_stat folder = { .size = 11, .attributes = FILE_ATTRIBUTE_DIRECTORY };
	const struct cond *c;

	name.attribute = "*";
	name.kind = SMB3_TERM_TEXT;
	name.relation = SMB3_TERM_NE;
	name.text = "x";
	c = cond_of(a, &name);
	cr_assert_not_null(c);
	cr_expect_not(cond_wants_stat(c));
	cr_expect_not(cond_fits(c, "x", NULL));
	cr_expect(cond_fits(c, "y", NULL));
	both.op = SMB3_TERM_AND;
	both.left = &name;
	both.right = &size;
	c = cond_of(a, &both);
	cr_assert_not_null(c);
	cr_expect(cond_wants_stat(c));
	cr_expect(cond_fits(c, "y", &large));
	cr_expect_not(cond_fits(c, "y", &small));
	cr_expect_not(cond_fits(c, "x", &large));
	cr_expect_not(cond_fits(c, "y", &folder));
	smb3_arena_free(a);
}

Test(mds_names, what_is_not_known_is_refused)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_term bad = term("kMDItemAuthors", SMB3_TERM_EQ, 1);
	struct smb3_term good = term("kMDItemFSSize", SMB3_TERM_EQ, 1), both = good;
	struct smb3_term kind = term("kMDItemFSName", SMB3_TERM_EQ, 1);

	cr_expect_null(cond_of(a, &bad));
	cr_expect_null(cond_of(a, &kind), "a name is no number");
	both.op = SMB3_TERM_OR;
	both.left = &good;
	both.right = &bad;
	cr_expect_null(cond_of(a, &both));
	both.right = &good;
	cr_expect_not_null(cond_of(a, &both));
	smb3_arena_free(a);
}
