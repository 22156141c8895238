// SPDX-License-Identifier: Apache-2.0
/*
 * slread.c: reads packets of Spotlight. Whatever comes: depth and number of values are limited, and
 * a value is made only from bytes that are there.
 */
#include "slpack.h"
#include "slwire.h"

#include <smb3/utf16.h>

struct reader {
	struct smb3_arena *arena;
	struct smb3_cursor data, table; /* words; table: entries only */
	bool big;
	unsigned int depth;
	uint32_t *left; /* values that may still be made; of the outermost packet */
};

struct tag {
	uint16_t size, type;
	uint32_t more;
};

static bool read_values(struct reader *r, struct sl_value *list, uint32_t count);
static bool read_packet(struct reader *outer, const uint8_t *data, size_t len,
			struct sl_value *list);

static uint64_t get_word(const struct reader *r, struct smb3_cursor *c)
{
	uint64_t word = smb3_get_u64(c);

	return r->big ? __builtin_bswap64(word) : word;
}

static struct tag get_tag(const struct reader *r, struct smb3_cursor *c)
{
	uint64_t word = get_word(r, c);

	return (struct tag){ (uint16_t)word, (uint16_t)(word >> 16), (uint32_t)(word >> 32) };
}

/* NULL when there are too many. */
static struct sl_value *new_value(struct reader *r, struct sl_value *list, enum sl_type type)
{
	if (!*r->left)
		return NULL;
	--*r->left;
	return sl_add(r->arena, list, type);
}

/* ---- simple values ---- */

static bool read_nils(struct reader *r, struct sl_value *list, uint32_t n)
{
	while (n--)
		if (!new_value(r, list, SL_NIL))
			return false;
	return true;
}

static bool read_numbers(struct reader *r, struct sl_value *list, enum sl_type type, uint32_t n)
{
	while (n--) {
		struct sl_value *v = new_value(r, list, type);

		if (!v)
			return false;
		v->number = get_word(r, &r->data);
		if (!smb3_cursor_ok(&r->data))
			return false;
	}
	return true;
}

static bool read_uuids(struct reader *r, struct sl_value *list, uint32_t n)
{
	while (n--) {
		struct sl_value *v = new_value(r, list, SL_UUID);

		if (!v)
			return false;
		v->uuid = smb3_get_guid(&r->data);
		if (!smb3_cursor_ok(&r->data))
			return false;
	}
	return true;
}

static bool read_bool(struct reader *r, struct sl_value *list, uint32_t more)
{
	struct sl_value *v = new_value(r, list, SL_BOOL);

	if (v)
		v->number = more != 0;
	return v;
}

/* ---- complex values ---- */

/* The bytes of a tag DATA, which comes next; NULL when there is none. */
static const uint8_t *read_data(struct reader *r, size_t *ret_len)
{
	struct tag tag = get_tag(r, &r->data);
	size_t words = tag.size - 1u;
	const uint8_t *p;

	if (tag.type != TAG_DATA || !tag.size || tag.more > SL_WORD || (words && !tag.more))
		return NULL;
	p = smb3_get_bytes(&r->data, words * SL_WORD);
	*ret_len = words ? words * SL_WORD - SL_WORD + tag.more : 0;
	return p;
}

/* UTF-16 has a byte order mark. */
static const char *text_of_wide(struct reader *r, const uint8_t *p, size_t len)
{
	uint8_t *copy = smb3_arena_copy(r->arena, p, len);
	bool big = len >= 2 && p[0] == 0xfe && p[1] == 0xff;

	if (len % 2)
		return NULL;
	for (size_t i = 0; big && i < len; i += 2) {
		copy[i] = p[i + 1];
		copy[i + 1] = p[i];
	}
	if (len >= 2 && copy[0] == 0xff && copy[1] == 0xfe)
		return smb3_utf16_to_utf8(r->arena, copy + 2, len - 2);
	return smb3_utf16_to_utf8(r->arena, copy, len);
}

static const char *text_of(struct reader *r, const uint8_t *p, size_t len)
{
	char *text = smb3_arena_alloc(r->arena, len + 1);

	memcpy(text, p, len);
	return strlen(text) == len && smb3_utf8_valid(text) ? text : NULL;
}

static bool read_text(struct reader *r, struct sl_value *list, bool wide)
{
	size_t len = 0;
	const uint8_t *p = read_data(r, &len);
	struct sl_value *v = p ? new_value(r, list, SL_TEXT) : NULL;

	if (!v)
		return false;
	v->text = wide ? text_of_wide(r, p, len) : text_of(r, p, len);
	return v->text;
}

/* A word with kind, context and number, and as many ids; no such word when there are none. */
static bool read_ids(struct reader *r, struct sl_value *list)
{
	struct tag tag = get_tag(r, &r->data);
	struct sl_value *v = tag.type == TAG_IDS ? new_value(r, list, SL_IDS) : NULL;
	uint64_t head, *ids;

	if (!v || !tag.size)
		return false;
	if (tag.size == 1)
		return true;
	head = get_word(r, &r->data);
	v->count = (uint16_t)head;
	v->number = v->count ? head & ~(uint64_t)0xffff : 0;
	if (smb3_cursor_left(&r->data) / SL_WORD < v->count || v->count > *r->left)
		return false;
	*r->left -= v->count;
	v->ids = ids = smb3_arena_alloc(r->arena, v->count * sizeof(*ids));
	for (uint32_t i = 0; i < v->count; i++)
		ids[i] = get_word(r, &r->data);
	return smb3_cursor_ok(&r->data);
}

static bool read_list(struct reader *r, struct sl_value *list, enum sl_type type, uint32_t count)
{
	struct sl_value *v = new_value(r, list, type);
	bool good;

	if (!v || r->depth == SL_DEPTH_MAX || (type == SL_DICT && count % 2))
		return false;
	r->depth++;
	good = read_values(r, v, count);
	r->depth--;
	return good;
}

static bool read_meta(struct reader *r, struct sl_value *list)
{
	size_t len = 0;
	const uint8_t *p = read_data(r, &len);
	struct sl_value *v = p ? new_value(r, list, SL_META) : NULL;
	bool good;

	if (!v || r->depth == SL_DEPTH_MAX)
		return false;
	r->depth++;
	good = !len || read_packet(r, p, len, v);
	r->depth--;
	return good;
}

static bool read_complex(struct reader *r, struct sl_value *list, uint32_t index)
{
	struct smb3_cursor c = r->table;
	struct tag entry;

	if (!index || index > smb3_cursor_left(&c) / SL_WORD)
		return false;
	smb3_get_skip(&c, (index - 1) * (size_t)SL_WORD);
	entry = get_tag(r, &c);
	switch (entry.type) {
	case CPX_ARRAY:
		return read_list(r, list, SL_ARRAY, entry.more);
	case CPX_DICT:
		return read_list(r, list, SL_DICT, entry.more);
	case CPX_TEXT:
		return read_text(r, list, false);
	case CPX_WIDE:
		return read_text(r, list, true);
	case CPX_IDS:
		return read_ids(r, list);
	case CPX_META:
		return read_meta(r, list);
	default:
		return false;
	}
}

/* ---- packets ---- */

/* What has one tag: one value, or as many as it says. */
static bool read_one(struct reader *r, struct sl_value *list, uint32_t most)
{
	struct tag tag = get_tag(r, &r->data);
	bool many = tag.type != TAG_BOOL && tag.type != TAG_COMPLEX;

	if (!smb3_cursor_ok(&r->data) || (many && (!tag.more || tag.more > most)))
		return false;
	switch (tag.type) {
	case TAG_NIL:
		return read_nils(r, list, tag.more);
	case TAG_BOOL:
		return read_bool(r, list, tag.more);
	case TAG_COMPLEX:
		return read_complex(r, list, tag.more);
	case TAG_INT:
		return read_numbers(r, list, SL_INT, tag.more);
	case TAG_FLOAT:
		return read_numbers(r, list, SL_FLOAT, tag.more);
	case TAG_DATE:
		return read_numbers(r, list, SL_DATE, tag.more);
	case TAG_UUID:
		return read_uuids(r, list, tag.more);
	default:
		return false;
	}
}

static bool read_values(struct reader *r, struct sl_value *list, uint32_t count)
{
	while (list->count < count)
		if (!read_one(r, list, count - list->count))
			return false;
	return true;
}

/* Lengths count words from the one that has them. */
static bool read_lengths(struct reader *r, struct smb3_cursor *c)
{
	uint32_t total = smb3_get_u32(c), data = smb3_get_u32(c);
	struct tag table;

	if (r->big) {
		total = __builtin_bswap32(total);
		data = __builtin_bswap32(data);
	}
	if (!smb3_cursor_ok(c) || !data || data >= total ||
	    total - 1 > smb3_cursor_left(c) / SL_WORD)
		return false;
	r->data = smb3_cursor_init(c->pos, (data - 1) * (size_t)SL_WORD);
	smb3_get_skip(c, (data - 1) * (size_t)SL_WORD);
	table = get_tag(r, c);
	if (table.type != TAG_TABLE || !table.size || table.size > total - data)
		return false;
	r->table = smb3_cursor_init(c->pos, (table.size - 1u) * (size_t)SL_WORD);
	return true;
}

static bool read_packet(struct reader *outer, const uint8_t *data, size_t len,
			struct sl_value *list)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);
	const uint8_t *magic = smb3_get_bytes(&c, SL_MAGIC_SIZE);
	struct reader r = { .arena = outer->arena, .depth = outer->depth, .left = outer->left };

	if (!magic)
		return false;
	r.big = !memcmp(magic, SL_MAGIC_BIG, SL_MAGIC_SIZE);
	if ((!r.big && memcmp(magic, SL_MAGIC_LITTLE, SL_MAGIC_SIZE)) || !read_lengths(&r, &c))
		return false;
	while (smb3_cursor_left(&r.data))
		if (!read_one(&r, list, SL_VALUES_MAX))
			return false;
	return true;
}

struct sl_value *sl_decode(struct smb3_arena *a, const void *data, size_t len)
{
	struct sl_value *root = smb3_arena_alloc(a, sizeof(*root));
	uint32_t left = SL_VALUES_MAX;
	struct reader r = { .arena = a, .left = &left };

	root->type = SL_ARRAY;
	return read_packet(&r, data, len, root) ? root : NULL;
}
