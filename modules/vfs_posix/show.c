// SPDX-License-Identifier: Apache-2.0
/*
 * show.c: how an entry's name is shown when clients could not read or write it as it stands on
 * disk. Each such character has one of the private use area in its place, and a name with those
 * reaches the entry again:
 *
 *   U+F001 to U+F01F           control characters
 *   U+F020 to U+F027           " * : < > ? \ |
 *   U+F028, U+F029             a space, a period at the end of the name
 *   U+F080 to U+F0FF           a byte that belongs to no UTF-8 sequence
 *
 * All but the last row is where Services for Macintosh put them and where macOS and Linux, as
 * clients, look for them. [MS-FSCC] 2.1.5.2
 */
#include "posix.h"

#include <string.h>

#define SHOW_BASE  0xf000
#define SHOW_SPACE 0xf028
#define SHOW_DOT   0xf029
#define SHOW_BYTES 0xf080

static const char show_reserved[] = "\"*:<>?\\|"; /* from U+F020 on */

bool posix_stands_in(uint32_t cp)
{
	return (cp > SHOW_BASE && cp <= SHOW_DOT) || (cp >= SHOW_BYTES && cp <= SHOW_BASE + 0xff);
}

static char *show_put(char *to, uint32_t cp)
{
	*to++ = (char)(0xe0 | cp >> 12);
	*to++ = (char)(0x80 | (cp >> 6 & 0x3f));
	*to++ = (char)(0x80 | (cp & 0x3f));
	return to;
}

/* What stands in for an ASCII character; 0: itself. */
static uint32_t show_ascii(unsigned char c, bool last)
{
	const char *reserved;

	if (c < 0x20)
		return SHOW_BASE + c;
	if (last && c == ' ')
		return SHOW_SPACE;
	if (last && c == '.')
		return SHOW_DOT;
	reserved = strchr(show_reserved, c);
	return reserved ? 0xf020 + (uint32_t)(reserved - show_reserved) : 0;
}

/* Bytes of the UTF-8 sequence at s; 0 when there is none. */
static size_t show_sequence(const char *s)
{
	const char *end = s;
	uint32_t cp = smb3_utf8_next(&end);

	/* A good U+FFFD has three bytes, one that stands for rubbish has taken one. */
	return cp == 0xfffd && end == s + 1 ? 0 : (size_t)(end - s);
}

/* Moves over what needs no other look. */
static const char *show_plain(const char *s)
{
	size_t n;

	for (;;) {
		if ((unsigned char)*s >= 0x80)
			n = show_sequence(s);
		else
			n = *s && !show_ascii((unsigned char)*s, !s[1]);
		if (!n)
			return s;
		s += n;
	}
}

const char *posix_shown(const char *disk, char buf[POSIX_SHOWN_SIZE])
{
	const char *s = show_plain(disk);
	char *to = buf;

	if (!*s)
		return disk;
	for (const char *from = disk; *from;) {
		to = mempcpy(to, from, (size_t)(s - from));
		if (!*s)
			break;
		if ((unsigned char)*s >= 0x80)
			to = show_put(to, SHOW_BASE + (unsigned char)*s);
		else
			to = show_put(to, show_ascii((unsigned char)*s, !s[1]));
		from = s + 1;
		s = show_plain(from);
	}
	*to = '\0';
	return buf;
}
