// SPDX-License-Identifier: Apache-2.0
/*
 * window.c: windows of time.
 */
#include "readonly.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EVERY_DAY 0x7fu

/* "mon"; moves on behind it. -1: no day. */
static int get_day(const char **text)
{
	static const char names[][4] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

	for (int day = 0; day < 7; day++) {
		if (strncasecmp(*text, names[day], 3))
			continue;
		*text += 3;
		return day;
	}
	return -1;
}

static bool get_days(const char **text, unsigned int *ret_days)
{
	do {
		int day = get_day(text), last = day;

		if (day >= 0 && **text == '-') {
			++*text;
			last = get_day(text);
		}
		if (day < 0 || last < 0)
			return false;
		for (; day != last; day = (day + 1) % 7)
			*ret_days |= 1u << day;
		*ret_days |= 1u << last;
	} while (**text == ',' && ++*text);
	return true;
}

/* "08:30", up to "24:00"; moves on behind it. */
static bool get_time(const char **text, int *ret_minute)
{
	const char *s = *text;
	int minute;

	if (strspn(s, "0123456789") != 2 || s[2] != ':' || strspn(s + 3, "0123456789") != 2)
		return false;
	minute = atoi(s) * 60 + atoi(s + 3);
	if (s[3] > '5' || minute > READONLY_DAY)
		return false;
	*ret_minute = minute;
	*text = s + 5;
	return true;
}

bool readonly_window_parse(const char *text, struct readonly_window *ret_window)
{
	struct readonly_window w = { .from = 0, .until = READONLY_DAY };

	text += strspn(text, " ");
	if (!*text || ((*text < '0' || *text > '9') && !get_days(&text, &w.days)))
		return false;
	if (!w.days)
		w.days = EVERY_DAY;
	text += strspn(text, " ");
	if (*text) {
		if (!get_time(&text, &w.from) || *text++ != '-' || !get_time(&text, &w.until))
			return false;
		if (w.from == w.until || w.from == READONLY_DAY)
			return false;
		if (w.until < w.from)
			w.until += READONLY_DAY;
	}
	if (text[strspn(text, " ")])
		return false;
	*ret_window = w;
	return true;
}

bool readonly_window_has(const struct readonly_window *w, int day, int minute)
{
	int before = (day + 6) % 7;

	if (w->days & 1u << day && minute >= w->from && minute < w->until)
		return true;
	return w->days & 1u << before && minute + READONLY_DAY < w->until;
}
