// SPDX-License-Identifier: Apache-2.0
/*
 * match.c: is a name in a wildcard expression. MS-FSA 2.1.4.4
 *
 * The expression is walked once. A set of positions says where in the name the part of the
 * expression seen so far can end; each expression character moves the set on. So nothing is
 * tried twice, and a hostile expression costs no more than its length times that of the name.
 */
#include "dir.h"

#include <smb3/utf16.h>
#include <stdlib.h>
#include <string.h>

#define DOS_STAR '<'
#define DOS_QM   '>'
#define DOS_DOT  '"'

#define SHORT_NAME 255 /* file systems store no longer ones, but clients may ask for them */

struct match {
	uint32_t *name;       /* folded */
	bool *live;           /* len + 1 positions */
	size_t len, last_dot; /* last_dot is len when there is none */
	size_t low, high;     /* no position outside is live */
};

/* An expression character that takes exactly one character: does it take the one at i? */
static bool match_takes(const struct match *m, uint32_t want, size_t i)
{
	if (i == m->len)
		return false;
	if (want == DOS_QM)
		return m->name[i] != '.';
	if (want == DOS_DOT)
		return m->name[i] == '.';
	return want == '?' || m->name[i] == want;
}

/* The two that can also take nothing: at the end of the name and, for one, before a period. */
static bool match_stays(const struct match *m, uint32_t want, size_t i)
{
	if (want == DOS_QM)
		return i == m->len || m->name[i] == '.';
	return want == DOS_DOT && i == m->len;
}

static void match_one(struct match *m, uint32_t want)
{
	/* Downwards, so that a position that was just made live is not moved again. */
	for (size_t i = m->high + 1; i-- > m->low;) {
		if (!m->live[i])
			continue;
		if (match_takes(m, want, i))
			m->live[i + 1] = true;
		m->live[i] = match_stays(m, want, i);
	}
	if (m->high < m->len)
		m->high++;
}

/* Makes all positions in [from, to] live that follow a live one there; true if there is one. */
static bool match_fill(struct match *m, size_t from, size_t to)
{
	bool found = false;

	for (size_t i = from; i <= to; i++) {
		found |= m->live[i];
		m->live[i] = found;
	}
	return found;
}

/* DOS_STAR takes anything up to and with the last period, but nothing across it. */
static void match_star(struct match *m, uint32_t want)
{
	if (want == '*' || m->last_dot == m->len || m->low > m->last_dot) {
		match_fill(m, m->low, m->len);
	} else {
		match_fill(m, m->last_dot + 1, m->len);
		if (match_fill(m, m->low, m->last_dot))
			m->live[m->last_dot + 1] = true;
	}
	m->high = m->len;
}

static bool match_run(struct match *m, const char *pattern)
{
	m->live[0] = true;
	while (*pattern) {
		uint32_t want = smb3_fold(smb3_utf8_next(&pattern));

		if (want == '*' || want == DOS_STAR)
			match_star(m, want);
		else
			match_one(m, want);
		while (!m->live[m->low]) {
			if (m->low == m->high)
				return false;
			m->low++;
		}
	}
	return m->high == m->len && m->live[m->len];
}

static void match_set_name(struct match *m, const char *name)
{
	m->last_dot = SIZE_MAX;
	while (*name) {
		uint32_t cp = smb3_fold(smb3_utf8_next(&name));

		if (cp == '.')
			m->last_dot = m->len;
		m->name[m->len++] = cp;
	}
	if (m->last_dot == SIZE_MAX)
		m->last_dot = m->len;
}

bool dir_match(const char *pattern, const char *name)
{
	uint32_t short_name[SHORT_NAME];
	bool short_live[SHORT_NAME + 1] = { false };
	struct match m = { .name = short_name, .live = short_live };
	size_t bytes = strlen(name);
	bool matched;

	if (!*pattern || !*name)
		return !*pattern && !*name;
	if (!strcmp(pattern, "*") || !strcmp(pattern, "*.*"))
		return true;
	if (bytes > SHORT_NAME) {
		m.name = smb3_alloc(bytes * sizeof(*m.name));
		m.live = smb3_alloc(bytes + 1);
	}
	match_set_name(&m, name);
	matched = match_run(&m, pattern);
	if (bytes > SHORT_NAME) {
		free(m.name);
		free(m.live);
	}
	return matched;
}

bool dir_wild(const char *pattern)
{
	return strpbrk(pattern, "*?<>\"") != NULL;
}
