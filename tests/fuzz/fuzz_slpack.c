// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_slpack.c: what clients that search send: packets of Spotlight (first byte 0), queries as
 * text (1), and terms as smb3d reads them of smb3-rpcd (2). What was understood says the same once
 * it has been written and read again.
 */
#include "../../modules/rpc_mdssvc/slpack.h"
#include "../../modules/rpc_mdssvc/terms.h"
#include "fuzz.h"

#include <string.h>

static void same(const struct sl_value *a, const struct sl_value *b)
{
	CHECK(a->type == b->type && a->count == b->count);
	if (a->type == SL_TEXT)
		CHECK(!strcmp(a->text, b->text));
	else if (a->type == SL_UUID)
		CHECK(!memcmp(&a->uuid, &b->uuid, sizeof(a->uuid)));
	else if (a->type == SL_IDS)
		CHECK(!a->count || !memcmp(a->ids, b->ids, a->count * sizeof(*a->ids)));
	CHECK(a->number == b->number);
	b = b->first;
	for (const struct sl_value *v = a->first; v; v = v->next, b = b->next)
		same(v, b);
}

static void packet(struct smb3_arena *arena, const uint8_t *data, size_t len)
{
	const struct sl_value *root = sl_decode(arena, data, len), *again;
	struct smb3_builder out;

	if (!root)
		return;
	out = sl_encode(arena, root, SL_PACKET_MAX);
	if (!smb3_builder_ok(&out))
		return;
	again = sl_decode(arena, out.data, out.len);
	CHECK(again);
	same(root, again);
}

static void terms(struct smb3_arena *arena, const uint8_t *data, size_t len)
{
	struct smb3_cursor c = smb3_cursor_init(data, len);

	CHECK((terms_decode(arena, &c) != NULL) == smb3_cursor_ok(&c));
}

static void query(struct smb3_arena *arena, const uint8_t *data, size_t len)
{
	char *text = smb3_arena_alloc(arena, len + 1);
	struct smb3_builder out = smb3_builder_arena(arena, 1u << 20);
	struct smb3_cursor c;

	memcpy(text, data, len);
	if (!smb3_utf8_valid(text) || query_parse(text, smb3_now(), arena, &out))
		return;
	c = smb3_cursor_init(out.data, out.len);
	CHECK(terms_decode(arena, &c));
	CHECK(!smb3_cursor_left(&c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_arena *arena = smb3_arena_new();

	if (len && data[0] == 0)
		packet(arena, data + 1, len - 1);
	else if (len && data[0] == 1)
		query(arena, data + 1, len - 1);
	else if (len && data[0] == 2)
		terms(arena, data + 1, len - 1);
	smb3_arena_free(arena);
	return 0;
}
