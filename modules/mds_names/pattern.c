// SPDX-License-Identifier: Apache-2.0
/*
 * pattern.c: does a name fit a text with stars, as macOS compares them: without case ("c"), without
 * accents ("d"), from the beginning of some word on ("w").
 */
#include "names.h"

#define STAR           UINT32_MAX
#define NAME_MAX_CHARS 1024

/* Letters from U+00C0 to U+017F without what stands above and below them; '.': they have no such
 * thing. */
static const char plain[] = "AAAAAA.CEEEEIIII.NOOOOO.OUUUUY..aaaaaa.ceeeeiiii.nooooo.ouuuuy.y"
			    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi..JjKk.LlLlLlL"
			    "lLlNnNnNnn..OoOoOo..RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZz.";

#define PLAIN_FIRST 0xC0u
#define PLAIN_LAST  0x17Fu
#define MARK_FIRST  0x300u /* accents that follow their letter */
#define MARK_LAST   0x36Fu

static uint32_t fold(uint32_t c, uint32_t flags)
{
	if (flags & SMB3_TERM_ACCENT && c >= PLAIN_FIRST && c <= PLAIN_LAST &&
	    plain[c - PLAIN_FIRST] != '.')
		c = (unsigned char)plain[c - PLAIN_FIRST];
	return flags & SMB3_TERM_CASE ? smb3_fold(c) : c;
}

static bool is_mark(uint32_t c, uint32_t flags)
{
	return flags & SMB3_TERM_ACCENT && c >= MARK_FIRST && c <= MARK_LAST;
}

bool pattern_set(struct pattern *p, const char *text, uint32_t flags)
{
	p->flags = flags;
	p->n = 0;
	while (*text) {
		uint32_t c = smb3_utf8_next(&text);
		bool literal = c == '\\' && *text;

		if (literal)
			c = smb3_utf8_next(&text);
		if (is_mark(c, flags))
			continue;
		if (p->n == PATTERN_MAX)
			return false;
		p->chars[p->n++] = c == '*' && !literal ? STAR : fold(c, flags);
	}
	return true;
}

/* What is no letter or digit of ASCII separates words. */
static bool is_word(uint32_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static bool word_begins(const uint32_t *name, size_t at)
{
	return is_word(name[at]) && (!at || !is_word(name[at - 1]));
}

static bool ends_well(const struct pattern *p, const uint32_t *name, size_t len, size_t at)
{
	return at == len ||
	       (p->flags & SMB3_TERM_WORD && (!is_word(name[at]) || !is_word(name[at - 1])));
}

/* What a star has taken grows by one each time the rest does not fit; only the last star needs
 * that. */
static bool fits_from(const struct pattern *p, const uint32_t *name, size_t len, size_t from)
{
	size_t i = 0, at = from, star = SIZE_MAX, retry = 0;

	for (;;) {
		if (i < p->n && p->chars[i] == STAR) {
			star = ++i;
			retry = at;
			if (star == p->n)
				return true;
		} else if (i == p->n && ends_well(p, name, len, at)) {
			return true;
		} else if (i < p->n && at < len && p->chars[i] == name[at]) {
			i++;
			at++;
		} else if (star != SIZE_MAX && retry < len) {
			i = star;
			at = ++retry;
		} else {
			return false;
		}
	}
}

bool pattern_fits(const struct pattern *p, const char *name)
{
	uint32_t chars[NAME_MAX_CHARS];
	size_t len = 0;

	while (*name && len < NAME_MAX_CHARS) {
		uint32_t c = smb3_utf8_next(&name);

		if (!is_mark(c, p->flags))
			chars[len++] = fold(c, p->flags);
	}
	if (fits_from(p, chars, len, 0))
		return true;
	for (size_t i = 1; p->flags & SMB3_TERM_WORD && i < len; i++)
		if (word_begins(chars, i) && fits_from(p, chars, len, i))
			return true;
	return false;
}
