// SPDX-License-Identifier: Apache-2.0
/*
 * secrets_text.c: the file of secrets, a line for each:
 *
 *	VALUE TIME OLD-VALUE TIME NAME
 *
 * Values are hexadecimal digits, "-" for none, and "." for one of no bytes; times are NT times. The
 * name comes last, for it may have blanks.
 */
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char heading[] =
	"# Secrets that administrators keep here with their clients (smb3-lsa(7)): nobody else's business.\n";

#define LINE_ROOM (2 * 24 + 4) /* numbers and blanks */

bool lsa_secret_name_sound(const char *name)
{
	size_t chars = 0;

	if (!smb3_utf8_valid(name))
		return false;
	for (const char *p = name; *p; chars++) {
		uint32_t c = smb3_utf8_next(&p);

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return chars && chars <= LSA_NAME_CHARS;
}

struct lsa_secret *lsa_secrets_find(const struct lsa_secrets *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (smb3_name_equal(s->list[i].name, name))
			return &s->list[i];
	return NULL;
}

void lsa_secrets_wipe(struct lsa_secrets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct lsa_value *values[] = { &s->list[i].now, &s->list[i].old };

		for (size_t v = 0; v < SMB3_ARRAY_SIZE(values); v++)
			if (values[v]->data)
				smb3_wipe((void *)(uintptr_t)values[v]->data, values[v]->len);
	}
}

/* ---- reading ---- */

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool value_parse(struct smb3_arena *a, const char *s, struct lsa_value *v)
{
	size_t len = strlen(s);
	uint8_t *data;

	if (!strcmp(s, "-"))
		return true;
	if (!strcmp(s, "."))
		len = 0;
	if (len % 2)
		return false;
	data = smb3_arena_alloc(a, len / 2 + 1);
	v->data = data;
	for (v->len = 0; v->len < len / 2; v->len++) {
		int high = digit(s[2 * v->len]), low = digit(s[2 * v->len + 1]);

		if (high < 0 || low < 0)
			return false;
		data[v->len] = (uint8_t)(high << 4 | low);
	}
	return *s == '.' || v->len;
}

static bool time_parse(const char *s, uint64_t *ret_time)
{
	unsigned long long time;
	char *end;

	if (*s < '0' || *s > '9' || strlen(s) > 20)
		return false;
	errno = 0;
	time = strtoull(s, &end, 10);
	*ret_time = time;
	return !errno && !*end;
}

/* What it has read of a line that is wrong is a secret, too. */
static bool secret_parse(struct smb3_arena *a, char *line, struct lsa_secret *s)
{
	char *now = strsep(&line, " "), *now_time = line ? strsep(&line, " ") : NULL;
	char *old = line ? strsep(&line, " ") : NULL, *old_time = line ? strsep(&line, " ") : NULL;

	s->name = line;
	return line && value_parse(a, now, &s->now) && time_parse(now_time, &s->now.time) &&
	       value_parse(a, old, &s->old) && time_parse(old_time, &s->old.time) &&
	       lsa_secret_name_sound(line);
}

static bool take(struct smb3_arena *a, char *line, struct lsa_secrets *s)
{
	struct lsa_secret *new = &s->list[s->n];
	size_t len = strlen(line);
	bool good;

	if (!*line || *line == '#')
		return true;
	*new = (struct lsa_secret){ .name = NULL };
	good = secret_parse(a, line, new) && !lsa_secrets_find(s, new->name);
	if (good)
		new->name = smb3_arena_strdup(a, new->name);
	smb3_wipe(line, len);
	s->n++;
	return good;
}

int lsa_secrets_parse(struct smb3_arena *a, const char *text, size_t len,
		      struct lsa_secrets *ret_secrets)
{
	struct lsa_secrets s = { .n = 0 };
	const char *end = text + len;
	bool good = true;

	s.list = smb3_arena_alloc(a, (lsa_lines(text, len) + 1) * sizeof(*s.list));
	while (good && text < end) {
		char *line = lsa_line(a, &text, end);

		s.line++;
		good = line && take(a, line, &s);
	}
	if (!good)
		lsa_secrets_wipe(&s);
	*ret_secrets = s;
	return good ? 0 : -EBADMSG;
}

/* ---- writing ---- */

size_t lsa_secrets_size(const struct lsa_secrets *s)
{
	size_t size = sizeof(heading);

	for (size_t i = 0; i < s->n; i++)
		size += LINE_ROOM + strlen(s->list[i].name) +
			2 * (s->list[i].now.len + s->list[i].old.len + 2);
	return size;
}

static void put_value(struct smb3_builder *out, const struct lsa_value *v)
{
	static const char digits[] = "0123456789abcdef";
	char time[24];

	if (!v->data || !v->len)
		smb3_put_u8(out, v->data ? '.' : '-');
	for (size_t i = 0; v->data && i < v->len; i++) {
		smb3_put_u8(out, (uint8_t)digits[v->data[i] >> 4]);
		smb3_put_u8(out, (uint8_t)digits[v->data[i] & 15]);
	}
	snprintf(time, sizeof(time), " %" PRIu64 " ", v->time);
	smb3_put_bytes(out, time, strlen(time));
}

void lsa_secrets_build(const struct lsa_secrets *s, struct smb3_builder *out)
{
	smb3_put_bytes(out, heading, sizeof(heading) - 1);
	for (size_t i = 0; i < s->n; i++) {
		put_value(out, &s->list[i].now);
		put_value(out, &s->list[i].old);
		smb3_put_bytes(out, s->list[i].name, strlen(s->list[i].name));
		smb3_put_u8(out, '\n');
	}
}
