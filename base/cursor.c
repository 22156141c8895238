// SPDX-License-Identifier: Apache-2.0
/*
 * cursor.c: the parts of reader and builder that are not worth inlining.
 */
#include <smb3/cursor.h>

#include <smb3/arena.h>

#define BUILDER_FIRST 512

struct smb3_cursor smb3_cursor_sub(struct smb3_cursor *c, size_t offset, size_t len)
{
	size_t total = (size_t)(c->end - c->base);

	if (!c->bad && len == 0)
		return smb3_cursor_init(c->end, 0);
	if (c->bad || offset > total || len > total - offset) {
		c->bad = true;
		return (struct smb3_cursor){ .bad = true };
	}
	return smb3_cursor_init(c->base + offset, len);
}

void smb3_cursor_seek(struct smb3_cursor *c, size_t offset)
{
	if (offset > (size_t)(c->end - c->base))
		c->bad = true;
	if (!c->bad)
		c->pos = c->base + offset;
}

struct smb3_builder smb3_builder_arena(struct smb3_arena *a, size_t max)
{
	size_t size = max < BUILDER_FIRST ? max : BUILDER_FIRST;

	return (struct smb3_builder){
		.data = smb3_arena_alloc(a, size), .size = size, .max = max, .arena = a
	};
}

bool smb3_builder_grow(struct smb3_builder *b, size_t len)
{
	size_t size = b->size;
	uint8_t *data;

	if (b->bad || len > b->max - b->len) {
		b->bad = true;
		return false;
	}
	while (size - b->len < len)
		size = size > b->max / 2 ? b->max : size * 2;
	data = smb3_arena_alloc(b->arena, size);
	memcpy(data, b->data, b->len);
	b->data = data;
	b->size = size;
	return true;
}

void smb3_put_align(struct smb3_builder *b, size_t to)
{
	smb3_put_zero(b, -b->len & (to - 1));
}

/* NULL, and the builder is bad, unless [at, at + len) was written. */
static uint8_t *builder_at(struct smb3_builder *b, size_t at, size_t len)
{
	if (at > b->len || len > b->len - at)
		b->bad = true;
	return b->bad ? NULL : b->data + at;
}

void smb3_set_u16(struct smb3_builder *b, size_t at, uint16_t v)
{
	uint8_t *p = builder_at(b, at, 2);

	if (p)
		smb3_store_u16(p, v);
}

void smb3_set_u32(struct smb3_builder *b, size_t at, uint32_t v)
{
	uint8_t *p = builder_at(b, at, 4);

	if (p)
		smb3_store_u32(p, v);
}

void smb3_set_u64(struct smb3_builder *b, size_t at, uint64_t v)
{
	uint8_t *p = builder_at(b, at, 8);

	if (p)
		smb3_store_u64(p, v);
}

void smb3_builder_cut(struct smb3_builder *b, size_t at)
{
	if (at > b->len)
		b->bad = true;
	if (!b->bad)
		b->len = at;
}
