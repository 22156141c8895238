// SPDX-License-Identifier: Apache-2.0
/*
 * test_match.c: wildcard expressions. MS-FSA 2.1.4.4
 */
#include "dir.h"

#include <criterion/criterion.h>
#include <smb3/utf16.h>
#include <string.h>

struct match_case {
	const char *pattern, *name;
	bool want;
};

static void check(const struct match_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cr_expect_eq(dir_match(cases[i].pattern, cases[i].name), cases[i].want, "%s on %s",
			     cases[i].pattern, cases[i].name);
}

Test(match, special_cases)
{
	static const struct match_case cases[] = {
		{ "", "", true },       { "", "a", false },   { "*", "", false },
		{ "<", "", false },     { "*", "a", true },   { "*.*", "a", true },
		{ "*.*", "a.b", true }, { "*.*", ".", true }, { "**.*", "a", false },
	};

	check(cases, SMB3_ARRAY_SIZE(cases));
}

Test(match, letters)
{
	static const struct match_case cases[] = {
		{ "a", "a", true },         { "a", "A", true },   { "ä", "Ä", true },
		{ "a", "b", false },        { "a", "aa", false }, { "aa", "a", false },
		{ "a.txt", "A.TXT", true }, { "ß", "ss", false }, { ".", ".", true },
	};

	check(cases, SMB3_ARRAY_SIZE(cases));
}

Test(match, star_and_question_mark)
{
	static const struct match_case cases[] = {
		{ "*.txt", "a.txt", true },
		{ "*.txt", "a.TXT", true },
		{ "*.txt", ".txt", true },
		{ "*.txt", "a.b.txt", true },
		{ "*.txt", "a.txt.b", false },
		{ "*.txt", "atxt", false },
		{ "a*", "a", true },
		{ "a*", "abc", true },
		{ "a*", "ba", false },
		{ "*a*", "bab", true },
		{ "*a*", "bbb", false },
		{ "a*b*c", "axxbyyc", true },
		{ "a*b*c", "axxcyyb", false },
		{ "a*b*c", "abbc", true },
		{ "***", "abc", true },
		{ "*ab", "aab", true },
		{ "*aab*", "aaab", true },
		{ "?", "a", true },
		{ "?", ".", true },
		{ "?", "ab", false },
		{ "??", "a", false },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "*?", "a", true },
		{ "?*", "a", true },
		{ "?*?", "a", false },
		{ "*.?", "a.b", true },
		{ "*.?", "a.", false },
		{ "?", "\U0001f600", true },
		{ "?.txt", "日.txt", true },
	};

	check(cases, SMB3_ARRAY_SIZE(cases));
}

/* DOS_STAR: anything up to and with the last period. */
Test(match, dos_star)
{
	static const struct match_case cases[] = {
		{ "<", "a", true },           { "<", "abc", true },      { "<", "a.", true },
		{ "<", "a.b", false },        { "<", "a.b.", true },     { "<", "a.b.c", false },
		{ "<.", "a.", true },         { "<.", "a", false },      { "<.b", "a.b", true },
		{ "<.b", ".b", true },        { "<.b", "a.c.b", true },  { "<.b", "a.b.c", false },
		{ "<b", "a.b", true },        { "<c", "a.bc", false },   { "<.<", "a.b", true },
		{ "<.<", "a.b.c", true },     { "<.<", "a", false },     { "<<", "a.b", true },
		{ "<<", "a.b.c", true },      { "a<", "a", true },       { "a<", "abc", true },
		{ "a<", "abc.d", false },     { "a<.d", "abc.d", true }, { "a.b<", "a.bcd", true },
		{ "<.t?t", "x.y.txt", true }, { "<*", "a.b", true },     { "*<", "a.b", true },
		{ "<\"*", "a", true },        { "<\"*", "a.b", true },   { "<\"*", "a.b.c", true },
	};

	check(cases, SMB3_ARRAY_SIZE(cases));
}

/* DOS_QM: one character that is not a period, or nothing before a period and at the end. */
Test(match, dos_question_mark)
{
	static const struct match_case cases[] = {
		{ ">", "a", true },
		{ ">", "ab", false },
		{ ">", ".", false },
		{ ">>", "a", true },
		{ ">>>", "a", true },
		{ ">>>", "abcd", false },
		{ ">>>>>>>>.>>>", "readme.txt", true },
		{ ">>>>>>>>.>>>", "a.b", true },
		{ ">>>>>>>>.>>>", "a.", true },
		{ ">>>>>>>>.>>>", "a", false },
		{ ">>>>>>>>.>>>", "toolongname.txt", false },
		{ ">>>>>>>>\">>>", "a", true },
		{ ">>>>>>>>\">>>", "a.b", true },
		{ ">>>>>>>>\">>>", "a.html", false },
		{ "a>.txt", "a.txt", true },
		{ "a>.txt", "ab.txt", true },
		{ "a>.txt", "abc.txt", false },
		{ "a>b", "ab", false },
		{ "a>b", "acb", true },
		{ "file>", "file", true },
		{ "file>", "file1", true },
		{ "file>", "file12", false },
	};

	check(cases, SMB3_ARRAY_SIZE(cases));
}

/* DOS_DOT: a period, or nothing at the end. */
Test(match, dos_dot)
{
	static const struct match_case cases[] = {
		{ "\"", ".", true },         { "\"", "a", false },     { "a\"", "a", true },
		{ "a\"", "a.", true },       { "a\"", "a.b", false },  { "a\"b", "a.b", true },
		{ "a\"b", "ab", false },     { "a\"*", "a", true },    { "a\"*", "a.txt", true },
		{ "a\"*", "ab", false },     { "a\"\"\"", "a", true }, { "a\"\"", "a..", true },
		{ "*\"txt", "a.txt", true }, { "*\"", "a.b", true },   { "\"\"", "..", true },
	};

	check(cases, SMB3_ARRAY_SIZE(cases));
}

/* The rules once more, word by word from the specification and with all their cost: what the
 * quick matcher must agree with. */
static bool slow(const char *p, const char *name, const char *s)
{
	const char *last_dot = strrchr(name, '.');

	switch (*p) {
	case 0:
		return !*s;
	case '*':
		return slow(p + 1, name, s) || (*s && slow(p, name, s + 1));
	case '<':
		if (slow(p + 1, name, s) || (*s && slow(p + 1, name, s + 1) && s == last_dot))
			return true;
		return *s && s != last_dot && slow(p, name, s + 1);
	case '>':
		if (!*s || *s == '.')
			return slow(p + 1, name, s);
		return slow(p + 1, name, s + 1);
	case '"':
		if (!*s)
			return slow(p + 1, name, s);
		return *s == '.' && slow(p + 1, name, s + 1);
	default:
		return *s && (*p == '?' || *p == *s) && slow(p + 1, name, s + 1);
	}
}

static void word(char *to, unsigned long n, const char *letters, size_t len)
{
	size_t base = strlen(letters);

	for (; len; len--, n /= base)
		*to++ = letters[n % base];
	*to = 0;
}

/* All patterns of up to 4 characters of 7, on all names of up to 5 characters of 2. */
Test(match, agrees_with_the_rules_on_everything_short)
{
	char pattern[8], name[8];

	for (size_t plen = 1, patterns = 7; plen <= 4; plen++, patterns *= 7) {
		for (unsigned long p = 0; p < patterns; p++) {
			word(pattern, p, "*<>\"?A.", plen);
			if (!strcmp(pattern, "*.*"))
				continue;
			for (size_t nlen = 1; nlen <= 5; nlen++) {
				for (unsigned long n = 0; n < 1ul << nlen; n++) {
					word(name, n, "A.", nlen);
					cr_assert_eq(dir_match(pattern, name),
						     slow(pattern, name, name), "%s on %s", pattern,
						     name);
				}
			}
		}
	}
}

/* A matcher that tries the alternatives one after the other would never finish. */
Test(match, hostile_patterns_cost_little, .timeout = 20)
{
	static const char *const units[] = { "*a", "<a", "a*", ">*", "*?", "<>", "<\"", "*.<" };
	static char pattern[4096 + 4], name[1024 + 1];

	memset(name, 'a', 1024);
	name[512] = name[700] = '.';
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(units); i++) {
		size_t len = strlen(units[i]), at;

		for (at = 0; at + len <= 300; at += len)
			memcpy(pattern + at, units[i], len);
		strcpy(pattern + at, "!");
		cr_expect_not(dir_match(pattern, name), "%s", units[i]);
	}
	memset(pattern, '*', 4096);
	strcpy(pattern + 4096, "b");
	cr_assert_not(dir_match(pattern, name));
	strcpy(pattern + 4096, "a");
	cr_assert(dir_match(pattern, name));
}

/* 255 characters are the longest name of most file systems: both sides of that border. */
Test(match, long_names)
{
	static char name[2000];

	for (size_t len = 253; len < 1500; len += len < 258 ? 1 : 311) {
		memset(name, 'x', len);
		name[len] = 0;
		cr_expect(dir_match("x*X", name), "%zu", len);
		cr_expect(dir_match("<", name), "%zu", len);
		cr_expect_not(dir_match("*y", name), "%zu", len);
		name[len - 2] = '.';
		cr_expect(dir_match("<.?", name), "%zu", len);
		cr_expect_not(dir_match("<.", name), "%zu", len);
	}
}

Test(match, what_is_a_wildcard)
{
	static const struct {
		const char *name;
		bool wild;
	} cases[] = {
		{ "", false },     { "a.b", false }, { "*", true },   { "a?", true },
		{ "a<b", true },   { ">", true },    { "a\"", true }, { "a|b:c\\d/", false },
		{ "日本", false }, { "日*", true },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_expect_eq(dir_wild(cases[i].name), cases[i].wild, "%s", cases[i].name);
}
