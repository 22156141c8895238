// SPDX-License-Identifier: Apache-2.0
/*
 * buf.c: the byte buffer and the reader of buf.h.
 */
#include "buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void smbc_buf_free(struct smbc_buf *b)
{
	free(b->p);
	*b = (struct smbc_buf){ 0 };
}

uint8_t *smbc_buf_room(struct smbc_buf *b, size_t n)
{
	if (!b->p || b->cap - b->len < n) {
		size_t cap = b->cap ? b->cap * 2 : 256;

		if (cap < b->len + n)
			cap = b->len + n;
		b->p = realloc(b->p, cap);
		if (!b->p) {
			fputs("smbc: out of memory\n", stderr);
			abort();
		}
		b->cap = cap;
	}
	return b->p + b->len;
}

uint8_t *smbc_buf_grow(struct smbc_buf *b, size_t n)
{
	uint8_t *p = smbc_buf_room(b, n);

	memset(p, 0, n);
	b->len += n;
	return p;
}

void smbc_store16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

void smbc_store32(uint8_t *p, uint32_t v)
{
	smbc_store16(p, (uint16_t)v);
	smbc_store16(p + 2, (uint16_t)(v >> 16));
}

void smbc_store64(uint8_t *p, uint64_t v)
{
	smbc_store32(p, (uint32_t)v);
	smbc_store32(p + 4, (uint32_t)(v >> 32));
}

uint16_t smbc_load16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t smbc_load32(const uint8_t *p)
{
	return smbc_load16(p) | (uint32_t)smbc_load16(p + 2) << 16;
}

uint64_t smbc_load64(const uint8_t *p)
{
	return smbc_load32(p) | (uint64_t)smbc_load32(p + 4) << 32;
}

void smbc_put8(struct smbc_buf *b, uint8_t v)
{
	*smbc_buf_grow(b, 1) = v;
}

void smbc_put16(struct smbc_buf *b, uint16_t v)
{
	smbc_store16(smbc_buf_grow(b, 2), v);
}

void smbc_put32(struct smbc_buf *b, uint32_t v)
{
	smbc_store32(smbc_buf_grow(b, 4), v);
}

void smbc_put64(struct smbc_buf *b, uint64_t v)
{
	smbc_store64(smbc_buf_grow(b, 8), v);
}

void smbc_put_bytes(struct smbc_buf *b, const void *p, size_t n)
{
	if (!n)
		return;
	memcpy(smbc_buf_room(b, n), p, n);
	b->len += n;
}

void smbc_put_zero(struct smbc_buf *b, size_t n)
{
	smbc_buf_grow(b, n);
}

void smbc_put_align(struct smbc_buf *b, size_t base, size_t to)
{
	size_t over = (b->len - base) % to;

	if (over)
		smbc_put_zero(b, to - over);
}

/* Takes one code point from s; 1 to 4 bytes. What is not UTF-8 is passed on as it stands. */
static uint32_t utf8_next(const unsigned char **s)
{
	static const uint8_t lead[] = { 0, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = *s;
	int more = *p < 0xc0 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
	uint32_t cp = more ? *p & lead[more] : *p;

	for (int i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*s = p + 1;
			return *p;
		}
		cp = cp << 6 | (p[i] & 0x3f);
	}
	*s = p + 1 + more;
	return cp;
}

size_t smbc_put_utf16(struct smbc_buf *b, const char *utf8)
{
	const unsigned char *s = (const unsigned char *)utf8;
	size_t start = b->len;

	while (*s) {
		uint32_t cp = utf8_next(&s);

		if (cp >= 0x10000) {
			cp -= 0x10000;
			smbc_put16(b, (uint16_t)(0xd800 | (cp >> 10 & 0x3ff)));
			cp = 0xdc00 | (cp & 0x3ff);
		}
		smbc_put16(b, (uint16_t)cp);
	}
	return b->len - start;
}

void smbc_set16(struct smbc_buf *b, size_t at, uint16_t v)
{
	smbc_store16(b->p + at, v);
}

void smbc_set32(struct smbc_buf *b, size_t at, uint32_t v)
{
	smbc_store32(b->p + at, v);
}

struct smbc_rd smbc_rd(const void *p, size_t len)
{
	return (struct smbc_rd){ .p = p, .len = len };
}

const uint8_t *smbc_get_bytes(struct smbc_rd *r, size_t n)
{
	const uint8_t *p;

	if (r->bad || r->len - r->pos < n) {
		r->bad = true;
		return NULL;
	}
	p = r->p + r->pos;
	r->pos += n;
	return p;
}

uint8_t smbc_get8(struct smbc_rd *r)
{
	const uint8_t *p = smbc_get_bytes(r, 1);

	return p ? *p : 0;
}

uint16_t smbc_get16(struct smbc_rd *r)
{
	const uint8_t *p = smbc_get_bytes(r, 2);

	return p ? smbc_load16(p) : 0;
}

uint32_t smbc_get32(struct smbc_rd *r)
{
	const uint8_t *p = smbc_get_bytes(r, 4);

	return p ? smbc_load32(p) : 0;
}

uint64_t smbc_get64(struct smbc_rd *r)
{
	const uint8_t *p = smbc_get_bytes(r, 8);

	return p ? smbc_load64(p) : 0;
}

void smbc_get_skip(struct smbc_rd *r, size_t n)
{
	smbc_get_bytes(r, n);
}

struct smbc_rd smbc_rd_sub(struct smbc_rd *r, size_t at, size_t n)
{
	if (r->bad || at > r->len || n > r->len - at) {
		r->bad = true;
		return (struct smbc_rd){ .bad = true };
	}
	return smbc_rd(r->p + at, n);
}
