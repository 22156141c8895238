// SPDX-License-Identifier: Apache-2.0
/*
 * readonly.h: windows of time: "mon-fri 18:00-08:00".
 */
#ifndef VFS_READONLY_READONLY_H
#define VFS_READONLY_READONLY_H

#include <stdbool.h>

#define READONLY_DAY 1440 /* minutes */

struct readonly_window {
	unsigned int days; /* bits 1 << day of the week, Sunday is 0 */
	int from, until;   /* minutes of the day; until may lie on the next day */
};

/* Days, with commas and ranges, and a time of the day, from-until; one of both may be missing. */
bool readonly_window_parse(const char *text, struct readonly_window *ret_window);
/* Whether this minute lies in it. What goes over midnight belongs to the day on which it begins. */
bool readonly_window_has(const struct readonly_window *w, int day, int minute);

#endif
