// SPDX-License-Identifier: Apache-2.0
/*
 * match.h: patterns for names, in options: * is any number of characters, ? is one, and upper and
 * lower case are the same. (Patterns of clients have rules of their own, [MS-FSA] 2.1.4.4.)
 */
#ifndef SMB3_MATCH_H
#define SMB3_MATCH_H

#include <smb3/utf16.h>
#include <string.h>

/* What a star has taken grows by one character each time the rest does not fit; only the last star
 * needs that, so the time is at most the product of the lengths. */
static inline bool smb3_match(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	while (*name) {
		const char *p = pattern, *n = name;
		uint32_t want = smb3_utf8_next(&p), have = smb3_utf8_next(&n);

		if (want == '*') {
			star = pattern = p;
			retry = name;
		} else if (want == '?' || (want && smb3_fold(want) == smb3_fold(have))) {
			pattern = p;
			name = n;
		} else if (star) {
			pattern = star;
			smb3_utf8_next(&retry);
			name = retry;
		} else {
			return false;
		}
	}
	return !pattern[strspn(pattern, "*")];
}

/* Whether one of a list (NULL at the end) fits. */
static inline bool smb3_match_any(const char *const *patterns, const char *name)
{
	while (*patterns && !smb3_match(*patterns, name))
		patterns++;
	return *patterns;
}

/* For a path below a share: a pattern without '/' is for the last component, one with it for the
 * whole path, of which a star may take several components. */
static inline bool smb3_match_path(const char *pattern, const char *path)
{
	const char *leaf = strrchr(path, '/');

	return smb3_match(pattern, strchr(pattern, '/') || !leaf ? path : leaf + 1);
}

#endif
