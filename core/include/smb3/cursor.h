// SPDX-License-Identifier: Apache-2.0
/*
 * cursor.h: the one way to read wire data, and the one way to build it.
 *
 * Both are little-endian, check bounds, and have a sticky error: read or write several fields,
 * then test once. A cursor that went wrong reads zeros; a builder that went wrong swallows.
 */
#ifndef SMB3_CURSOR_H
#define SMB3_CURSOR_H

#include <smb3/base.h>
#include <string.h>

struct smb3_cursor {
	const uint8_t *base; /* where offsets are measured from (the SMB2 header of a PDU) */
	const uint8_t *pos;
	const uint8_t *end;
	bool bad;
};

static inline struct smb3_cursor smb3_cursor_init(const void *data, size_t len)
{
	const uint8_t *p = data;

	return (struct smb3_cursor){ .base = p, .pos = p, .end = p ? p + len : p };
}

static inline bool smb3_cursor_ok(const struct smb3_cursor *c)
{
	return !c->bad;
}

static inline size_t smb3_cursor_left(const struct smb3_cursor *c)
{
	return c->bad ? 0 : (size_t)(c->end - c->pos);
}

/* Offset of the next byte from base. */
static inline size_t smb3_cursor_at(const struct smb3_cursor *c)
{
	return (size_t)(c->pos - c->base);
}

/* The next len bytes, or NULL (and the cursor is bad) when there are not that many. */
static inline const uint8_t *smb3_get_bytes(struct smb3_cursor *c, size_t len)
{
	const uint8_t *p = c->pos;

	if (c->bad || (size_t)(c->end - c->pos) < len) {
		c->bad = true;
		return NULL;
	}
	c->pos += len;
	return p;
}

static inline void smb3_get_skip(struct smb3_cursor *c, size_t len)
{
	(void)smb3_get_bytes(c, len);
}

static inline uint8_t smb3_get_u8(struct smb3_cursor *c)
{
	const uint8_t *p = smb3_get_bytes(c, 1);

	return p ? p[0] : 0;
}

static inline uint16_t smb3_get_u16(struct smb3_cursor *c)
{
	const uint8_t *p = smb3_get_bytes(c, 2);

	return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

static inline uint32_t smb3_get_u32(struct smb3_cursor *c)
{
	const uint8_t *p = smb3_get_bytes(c, 4);

	return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			       (uint32_t)p[3] << 24 :
		   0;
}

static inline uint64_t smb3_get_u64(struct smb3_cursor *c)
{
	uint64_t low = smb3_get_u32(c);

	return low | (uint64_t)smb3_get_u32(c) << 32;
}

static inline struct smb3_guid smb3_get_guid(struct smb3_cursor *c)
{
	struct smb3_guid g = { { 0 } };
	const uint8_t *p = smb3_get_bytes(c, sizeof(g.bytes));

	if (p)
		memcpy(g.bytes, p, sizeof(g.bytes));
	return g;
}

/* The part [offset, offset + len) measured from base, as a cursor of its own whose base is its
 * first byte. Out of bounds: a bad cursor, and c becomes bad too. c does not move. A zero len
 * gives an empty good cursor whatever the offset (clients leave rubbish there). */
struct smb3_cursor smb3_cursor_sub(struct smb3_cursor *c, size_t offset, size_t len);

/* Moves to offset from base (at most end); out of bounds makes the cursor bad. */
void smb3_cursor_seek(struct smb3_cursor *c, size_t offset);

/* On plain memory, for the rare place without a builder. */
static inline void smb3_store_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void smb3_store_u32(uint8_t *p, uint32_t v)
{
	smb3_store_u16(p, (uint16_t)v);
	smb3_store_u16(p + 2, (uint16_t)(v >> 16));
}

static inline void smb3_store_u64(uint8_t *p, uint64_t v)
{
	smb3_store_u32(p, (uint32_t)v);
	smb3_store_u32(p + 4, (uint32_t)(v >> 32));
}

struct smb3_builder {
	uint8_t *data;
	size_t len;               /* bytes written */
	size_t size;              /* bytes at data */
	size_t max;               /* may grow in the arena up to this; more makes the builder bad */
	struct smb3_arena *arena; /* NULL: data is fixed */
	bool bad;
};

/* On memory of the caller. */
static inline struct smb3_builder smb3_builder_init(void *data, size_t size)
{
	return (struct smb3_builder){ .data = data, .size = size, .max = size };
}

/* In an arena, growing up to max bytes. */
struct smb3_builder smb3_builder_arena(struct smb3_arena *a, size_t max);

static inline bool smb3_builder_ok(const struct smb3_builder *b)
{
	return !b->bad;
}

/* Room for len more bytes; false, and the builder is bad, when there is none. */
bool smb3_builder_grow(struct smb3_builder *b, size_t len);

/* len more bytes, content undefined, to be filled before the next put; NULL when full. */
static inline uint8_t *smb3_put_raw(struct smb3_builder *b, size_t len)
{
	uint8_t *p;

	if ((b->bad || len > b->size - b->len) && !smb3_builder_grow(b, len))
		return NULL;
	p = b->data + b->len;
	b->len += len;
	return p;
}

/* len more bytes, zeroed, to be filled by the caller before the next put; NULL when full. */
static inline uint8_t *smb3_put_space(struct smb3_builder *b, size_t len)
{
	uint8_t *p = smb3_put_raw(b, len);

	return p && len ? (uint8_t *)memset(p, 0, len) : p;
}

static inline void smb3_put_bytes(struct smb3_builder *b, const void *data, size_t len)
{
	uint8_t *p = smb3_put_raw(b, len);

	if (p && len)
		memcpy(p, data, len);
}

static inline void smb3_put_u8(struct smb3_builder *b, uint8_t v)
{
	uint8_t *p = smb3_put_raw(b, 1);

	if (p)
		*p = v;
}

static inline void smb3_put_u16(struct smb3_builder *b, uint16_t v)
{
	uint8_t *p = smb3_put_raw(b, 2);

	if (p)
		smb3_store_u16(p, v);
}

static inline void smb3_put_u32(struct smb3_builder *b, uint32_t v)
{
	uint8_t *p = smb3_put_raw(b, 4);

	if (p)
		smb3_store_u32(p, v);
}

static inline void smb3_put_u64(struct smb3_builder *b, uint64_t v)
{
	uint8_t *p = smb3_put_raw(b, 8);

	if (p)
		smb3_store_u64(p, v);
}

static inline void smb3_put_guid(struct smb3_builder *b, const struct smb3_guid *g)
{
	smb3_put_bytes(b, g->bytes, sizeof(g->bytes));
}

static inline void smb3_put_zero(struct smb3_builder *b, size_t len)
{
	(void)smb3_put_space(b, len);
}

/* Zeros until len is a multiple of to (a power of two), counted from data. */
void smb3_put_align(struct smb3_builder *b, size_t to);
/* Changes what was written at an offset from data; out of bounds makes the builder bad. */
void smb3_set_u16(struct smb3_builder *b, size_t at, uint16_t v);
void smb3_set_u32(struct smb3_builder *b, size_t at, uint32_t v);
void smb3_set_u64(struct smb3_builder *b, size_t at, uint64_t v);
/* Forgets what was written after at. */
void smb3_builder_cut(struct smb3_builder *b, size_t at);

#endif
