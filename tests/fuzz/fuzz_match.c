// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_match.c: wildcard expressions against names. Input: expression, line feed, name. Short
 * ones are also matched by a second, slower reading of the rules, which must agree.
 */
#include "../../modules/dir/dir.h"
#include "fuzz.h"

#define SHORT 24

/* One square per (expression, name) suffix, filled from the ends: MS-FSA 2.1.4.4 */
static bool by_table(const char *p, const char *n)
{
	static bool ok[SHORT + 1][SHORT + 2];
	size_t pl = strlen(p), nl = strlen(n);
	const char *last_dot = strrchr(n, '.');

	for (size_t i = pl + 1; i-- > 0;) {
		for (size_t j = nl + 1; j-- > 0;) {
			bool end = j == nl, dot = n[j] == '.', skip = i < pl && ok[i + 1][j];
			bool next = i < pl && !end && ok[i + 1][j + 1], stay = !end && ok[i][j + 1];

			if (i == pl)
				ok[i][j] = end;
			else if (p[i] == '*')
				ok[i][j] = skip || stay;
			else if (p[i] == '<')
				ok[i][j] = skip || (&n[j] == last_dot ? next : stay);
			else if (p[i] == '>')
				ok[i][j] = end || dot ? skip : next;
			else if (p[i] == '"')
				ok[i][j] = end ? skip : dot && next;
			else
				ok[i][j] = next &&
					   (p[i] == '?' ||
					    smb3_fold((uint8_t)p[i]) == smb3_fold((uint8_t)n[j]));
		}
	}
	return ok[0][0];
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if (*s & 0x80)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *pattern = malloc(len + 1), *name;
	bool matched;

	memcpy(pattern, data, len);
	pattern[len] = 0;
	name = strchr(pattern, '\n');
	if (name) {
		*name++ = 0;
		matched = dir_match(pattern, name);
		if (strlen(pattern) <= SHORT && strlen(name) <= SHORT && is_ascii(pattern) &&
		    is_ascii(name) && *name && strcmp(pattern, "*.*"))
			CHECK(matched == by_table(pattern, name));
		if (!dir_wild(pattern))
			CHECK(matched == smb3_name_equal(pattern, name));
	}
	free(pattern);
	return 0;
}
