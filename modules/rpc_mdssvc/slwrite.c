// SPDX-License-Identifier: Apache-2.0
/*
 * slwrite.c: makes packets of Spotlight, little-endian, each value under a tag of its own.
 */
#include "slpack.h"
#include "slwire.h"

#include <smb3/utf16.h>

#define MORE_ALWAYS 8 /* of ids, and of a packet in a packet */

struct writer {
	struct smb3_arena *arena;
	struct smb3_builder data, table; /* data: from the word with the lengths on */
	uint32_t n_table;
	unsigned int depth;
};

static bool put_packet(struct smb3_arena *a, const struct sl_value *list, unsigned int depth,
		       struct smb3_builder *out);
static void put_values(struct writer *w, const struct sl_value *list);

static void put_tag(struct smb3_builder *b, size_t size, uint16_t type, uint32_t more)
{
	if (size > UINT16_MAX)
		b->bad = true;
	smb3_put_u16(b, (uint16_t)size);
	smb3_put_u16(b, type);
	smb3_put_u32(b, more);
}

/* The tag of what stands after it, which the table describes. */
static void put_complex(struct writer *w, uint16_t type, uint32_t more)
{
	put_tag(&w->data, 1, TAG_COMPLEX, ++w->n_table);
	put_tag(&w->table, w->data.len / SL_WORD, type, more);
}

static uint32_t last_bytes(size_t len)
{
	return len % SL_WORD ? (uint32_t)(len % SL_WORD) : SL_WORD;
}

static void put_bytes(struct writer *w, uint16_t type, const void *data, size_t len)
{
	put_complex(w, type, last_bytes(len));
	put_tag(&w->data, 1 + (len + SL_WORD - 1) / SL_WORD, TAG_DATA, last_bytes(len));
	smb3_put_bytes(&w->data, data, len);
	smb3_put_align(&w->data, SL_WORD);
}

static void put_wide(struct writer *w, const char *text)
{
	struct smb3_builder b = smb3_builder_arena(w->arena, 2 + smb3_utf16_size(text));

	smb3_put_u16(&b, 0xfeff);
	smb3_put_utf16(&b, text);
	put_bytes(w, CPX_WIDE, b.data, b.len);
}

static void put_ids(struct writer *w, const struct sl_value *v)
{
	put_complex(w, CPX_IDS, 0);
	put_tag(&w->data, v->count ? 2 + v->count : 1, TAG_IDS, MORE_ALWAYS);
	if (!v->count)
		return;
	smb3_put_u64(&w->data, (v->number & ~(uint64_t)UINT16_MAX) | v->count);
	for (uint32_t i = 0; i < v->count; i++)
		smb3_put_u64(&w->data, v->ids[i]);
}

static void put_meta(struct writer *w, const struct sl_value *v)
{
	struct smb3_builder inner = smb3_builder_arena(w->arena, w->data.max);

	if (v->count && !put_packet(w->arena, v, w->depth + 1, &inner))
		w->data.bad = true;
	put_complex(w, CPX_META, (uint32_t)(inner.len / SL_WORD));
	put_tag(&w->data, 1 + inner.len / SL_WORD, TAG_DATA, MORE_ALWAYS);
	smb3_put_bytes(&w->data, inner.data, inner.len);
}

static void put_list(struct writer *w, const struct sl_value *v)
{
	put_complex(w, v->type == SL_DICT ? CPX_DICT : CPX_ARRAY, v->count);
	if (w->depth == SL_DEPTH_MAX) {
		w->data.bad = true;
		return;
	}
	w->depth++;
	put_values(w, v);
	w->depth--;
}

static void put_value(struct writer *w, const struct sl_value *v)
{
	static const uint16_t numbers[] = {
		[SL_INT] = TAG_INT, [SL_FLOAT] = TAG_FLOAT, [SL_DATE] = TAG_DATE
	};

	switch (v->type) {
	case SL_NIL:
		put_tag(&w->data, 1, TAG_NIL, 1);
		break;
	case SL_BOOL:
		put_tag(&w->data, 1, TAG_BOOL, (uint32_t)v->number);
		break;
	case SL_INT:
	case SL_FLOAT:
	case SL_DATE:
		put_tag(&w->data, 2, numbers[v->type], 1);
		smb3_put_u64(&w->data, v->number);
		break;
	case SL_UUID:
		put_tag(&w->data, 3, TAG_UUID, 1);
		smb3_put_guid(&w->data, &v->uuid);
		break;
	case SL_TEXT:
		put_bytes(w, CPX_TEXT, v->text, strlen(v->text));
		break;
	case SL_WIDE:
		put_wide(w, v->text);
		break;
	case SL_ARRAY:
	case SL_DICT:
		put_list(w, v);
		break;
	case SL_IDS:
		put_ids(w, v);
		break;
	case SL_META:
		put_meta(w, v);
		break;
	}
}

static void put_values(struct writer *w, const struct sl_value *list)
{
	for (const struct sl_value *v = list->first; v; v = v->next)
		put_value(w, v);
}

/* False: it does not fit. */
static bool put_packet(struct smb3_arena *a, const struct sl_value *list, unsigned int depth,
		       struct smb3_builder *out)
{
	struct writer w = { .arena = a, .depth = depth };

	if (depth > SL_DEPTH_MAX)
		return false;
	w.data = smb3_builder_arena(a, out->max);
	w.table = smb3_builder_arena(a, out->max);
	smb3_put_u64(&w.data, 0);
	put_values(&w, list);
	if (!smb3_builder_ok(&w.data) || !smb3_builder_ok(&w.table))
		return false;
	smb3_set_u32(&w.data, 0, (uint32_t)((w.data.len + SL_WORD + w.table.len) / SL_WORD));
	smb3_set_u32(&w.data, 4, (uint32_t)(w.data.len / SL_WORD));
	smb3_put_bytes(out, SL_MAGIC_LITTLE, SL_MAGIC_SIZE);
	smb3_put_bytes(out, w.data.data, w.data.len);
	put_tag(out, 1 + w.table.len / SL_WORD, TAG_TABLE, 0);
	smb3_put_bytes(out, w.table.data, w.table.len);
	return smb3_builder_ok(out);
}

struct smb3_builder sl_encode(struct smb3_arena *a, const struct sl_value *root, size_t max)
{
	struct smb3_builder out =
		smb3_builder_arena(a, max < SL_PACKET_MAX ? max : (size_t)SL_PACKET_MAX);

	if (!put_packet(a, root, 0, &out))
		out.bad = true;
	return out;
}
