// SPDX-License-Identifier: Apache-2.0
/*
 * utf16.c: names between UTF-16LE and UTF-8, and comparing them as NTFS does.
 * MS-DTYP 2.2.17, MS-FSA 2.1.4.3
 */
#include <smb3/utf16.h>

#include "fold.h"
#include <smb3/arena.h>
#include <smb3/cursor.h>
#include <smb3/hash.h>
#include <string.h>

#define REPLACEMENT 0xfffd

static bool is_high_surrogate(uint32_t unit)
{
	return unit >> 10 == 0xd800 >> 10;
}

static bool is_low_surrogate(uint32_t unit)
{
	return unit >> 10 == 0xdc00 >> 10;
}

/* 0 for a NUL or a surrogate that stands alone, which no name may contain. */
static uint32_t utf16_next(struct smb3_cursor *c)
{
	uint32_t unit = smb3_get_u16(c), low;

	if (!is_high_surrogate(unit))
		return is_low_surrogate(unit) ? 0 : unit;
	low = smb3_get_u16(c);
	if (!is_low_surrogate(low))
		return 0;
	return 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
}

static char *utf8_store(char *to, uint32_t cp)
{
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	unsigned int more = (cp >= 0x80) + (cp >= 0x800) + (cp >= 0x10000);

	*to++ = (char)(lead[more] | cp >> 6 * more);
	while (more--)
		*to++ = (char)(0x80 | (cp >> 6 * more & 0x3f));
	return to;
}

char *smb3_utf16_to_utf8(struct smb3_arena *a, const uint8_t *utf16, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(utf16, len);
	char *s, *to;

	if (len % 2)
		return NULL;
	/* One unit gives at most three bytes, a pair four. */
	s = to = smb3_arena_alloc(a, len / 2 * 3 + 1);
	while (smb3_cursor_left(&c)) {
		uint32_t cp = utf16_next(&c);

		if (!cp)
			return NULL;
		to = utf8_store(to, cp);
	}
	return s;
}

/* Length of the sequence that starts with this byte, its first bits, and the least value that
 * needs so many bytes; 0 when no sequence starts so. */
static size_t utf8_lead(uint8_t byte, uint32_t *ret_bits, uint32_t *ret_least)
{
	static const uint32_t least[] = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 };

	for (size_t len = 2; len < SMB3_ARRAY_SIZE(least); len++) {
		/* As many ones as there are bytes, and a zero. */
		if (byte >> (7 - len) != (0xff >> (7 - len)) - 1)
			continue;
		*ret_bits = byte & (0x7fu >> len);
		*ret_least = least[len];
		return len;
	}
	return 0;
}

/* False, one byte on, for what is not UTF-8: too long, a surrogate, beyond Unicode, cut off. */
static bool utf8_decode(const char **s, uint32_t *ret_cp)
{
	const uint8_t *p = (const uint8_t *)*s;
	uint32_t cp, least;
	size_t len;

	if (*p < 0x80) {
		*ret_cp = *p;
		*s += *p != 0;
		return true;
	}
	++*s;
	len = utf8_lead(*p, &cp, &least);
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return false;
		cp = cp << 6 | (p[i] & 0x3f);
	}
	if (len == 0 || cp < least || cp > 0x10ffff || cp >> 11 == 0xd800 >> 11)
		return false;
	*s += len - 1;
	*ret_cp = cp;
	return true;
}

uint32_t smb3_utf8_next(const char **s)
{
	uint32_t cp = REPLACEMENT;

	(void)utf8_decode(s, &cp);
	return cp;
}

bool smb3_utf8_valid(const char *s)
{
	uint32_t cp;

	while (*s)
		if (!utf8_decode(&s, &cp))
			return false;
	return true;
}

size_t smb3_put_utf16(struct smb3_builder *b, const char *s)
{
	size_t size = 0;

	while (*s) {
		uint32_t cp = smb3_utf8_next(&s);

		if (cp < 0x10000) {
			smb3_put_u16(b, (uint16_t)cp);
			size += 2;
		} else {
			cp -= 0x10000;
			smb3_put_u32(b, 0xd800 | cp >> 10 | (0xdc00 | (cp & 0x3ff)) << 16);
			size += 4;
		}
	}
	return size;
}

size_t smb3_utf16_size(const char *s)
{
	size_t size = 0;

	while (*s)
		size += smb3_utf8_next(&s) < 0x10000 ? 2 : 4;
	return size;
}

uint32_t smb3_fold(uint32_t cp)
{
	size_t low = 0, high = fold_row_count;

	if (cp < 0x80)
		return cp >= 'a' && cp <= 'z' ? cp - ('a' - 'A') : cp;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct fold_row *row = &fold_rows[middle];

		if (cp < row->first)
			high = middle;
		else if (cp > row->last)
			low = middle + 1;
		else
			return (cp - row->first) % row->step ? cp : cp + (uint32_t)row->delta;
	}
	return cp;
}

bool smb3_name_equal(const char *a, const char *b)
{
	uint32_t x, y;

	do {
		x = smb3_utf8_next(&a);
		y = smb3_utf8_next(&b);
		if (x != y && smb3_fold(x) != smb3_fold(y))
			return false;
	} while (x);
	return true;
}

uint64_t smb3_name_hash(const char *name)
{
	uint32_t folded[64];
	uint64_t hash = 0;

	do {
		size_t n = 0;

		while (*name && n < SMB3_ARRAY_SIZE(folded))
			folded[n++] = smb3_fold(smb3_utf8_next(&name));
		hash = hash * 31 + smb3_hash_bytes(folded, n * sizeof(*folded));
	} while (*name);
	return hash;
}
