// SPDX-License-Identifier: Apache-2.0
/*
 * json.c: one event as one line of JSON. RFC 8259, RFC 3339
 *
 * Names come from clients. What could end a string or a line, act on a terminal or turn the
 * direction of text stands as \uXXXX, and bytes that are not UTF-8 as U+FFFD; so no name can look
 * like an event or like another field.
 */
#include "audit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX 5200 /* of one value, escaped: two paths and all the rest fit in a line */
#define TAIL     32   /* kept free for the end of the line */

static size_t room(const struct audit_line *l)
{
	size_t used = l->len + TAIL;

	return used < sizeof(l->text) ? sizeof(l->text) - used : 0;
}

static void put(struct audit_line *l, const char *bytes, size_t len)
{
	memcpy(l->text + l->len, bytes, len);
	l->len += len;
}

/* Controls, and what would reorder or break the line on somebody's screen. */
static bool is_plain(uint32_t c)
{
	return c >= 0x20 && c != '"' && c != '\\' && !(c >= 0x7f && c < 0xa0) &&
	       !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0xfffd;
}

/* c as it stands in a JSON string; from is how it came. */
static size_t escape(uint32_t c, const char *from, size_t len, char buf[8])
{
	if (!is_plain(c))
		return (size_t)snprintf(buf, 8, "\\u%04x", c);
	memcpy(buf, from, len);
	return len;
}

static void put_string(struct audit_line *l, const char *s)
{
	size_t left = room(l), end;

	left = left < TEXT_MAX ? left : TEXT_MAX;
	end = l->len + left;
	put(l, "\"", 1);
	while (*s) {
		const char *from = s;
		uint32_t c = smb3_utf8_next(&s);
		char buf[8];
		size_t n = escape(c, from, (size_t)(s - from), buf);

		if (l->len + n + 1 > end) {
			l->cut = true;
			break;
		}
		put(l, buf, n);
	}
	put(l, "\"", 1);
}

/* False: no room for the key and a short value. */
static bool put_key(struct audit_line *l, const char *key)
{
	size_t len = strlen(key);

	if (room(l) < len + 32) {
		l->cut = true;
		return false;
	}
	put(l, ",\"", 2);
	put(l, key, len);
	put(l, "\":", 2);
	return true;
}

/* In UTC, to the microsecond: lines sort by it as text. */
static void put_time(struct audit_line *l)
{
	struct timespec now = smb3_nttime_to_timespec(smb3_now());
	struct tm tm;
	char text[64];
	size_t n;

	gmtime_r(&now.tv_sec, &tm);
	n = strftime(text, sizeof(text), "{\"time\":\"%Y-%m-%dT%H:%M:%S", &tm);
	n += (size_t)snprintf(text + n, sizeof(text) - n, ".%06ldZ\"", now.tv_nsec / 1000);
	put(l, text, n);
}

void line_begin(struct audit_line *l, const char *event)
{
	l->len = 0;
	l->cut = false;
	put_time(l);
	line_text(l, "event", event);
}

void line_text(struct audit_line *l, const char *key, const char *value)
{
	if (value && *value && put_key(l, key))
		put_string(l, value);
}

void line_number(struct audit_line *l, const char *key, uint64_t value)
{
	if (put_key(l, key))
		l->len += (size_t)snprintf(l->text + l->len, 24, "%llu", (unsigned long long)value);
}

void line_hex(struct audit_line *l, const char *key, uint64_t value)
{
	if (put_key(l, key))
		l->len += (size_t)snprintf(l->text + l->len, 24, "\"0x%llx\"",
					   (unsigned long long)value);
}

void line_flag(struct audit_line *l, const char *key, bool value)
{
	if (value && put_key(l, key))
		put(l, "true", 4);
}

void line_end(struct audit_line *l)
{
	static const char cut[] = ",\"cut\":true";

	if (l->cut)
		put(l, cut, sizeof(cut) - 1);
	put(l, "}\n", 2);
}
