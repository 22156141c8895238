// SPDX-License-Identifier: Apache-2.0
/*
 * near.c: "did you mean": the known name that is nearest to what was typed.
 */
#include "core.h"

#include <string.h>
#include <strings.h>
#include <sys/param.h>

#define NAME_LONG 64

/* Levenshtein's distance: insertions, deletions, replacements. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_LONG + 1], n = strnlen(b, NAME_LONG);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i] && i < NAME_LONG; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j];

			row[j] = MIN(MIN(above, row[j - 1]) + 1, diagonal + (a[i] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

const char *smb3_nearest(const char *typed, const char *const *names, size_t count)
{
	size_t best = SIZE_MAX, limit = strlen(typed) / 2 > 2 ? strlen(typed) / 2 : 2;
	const char *near = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t d = strcasecmp(typed, names[i]) ? distance(typed, names[i]) : 0;

		if (d < best) {
			best = d;
			near = names[i];
		}
	}
	return best <= limit ? near : NULL;
}
