// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_lsa.c: the files of rights and of secrets. Input: a byte that says which, and its text.
 * Whatever it is: what is taken is sound, each account and name once, and is the same once it has been
 * written and read again.
 */
#include "../../modules/lsa/text.h"
#include "fuzz.h"

#include <string.h>

static void rights_again(struct smb3_arena *a, const struct lsa_holders *h)
{
	struct smb3_builder out = smb3_builder_arena(a, 16u << 20);
	struct lsa_holders again;

	lsa_holders_build(h, &out);
	CHECK(smb3_builder_ok(&out));
	CHECK(!lsa_holders_parse(a, (const char *)out.data, out.len, &again));
	CHECK(again.n == h->n);
	for (size_t i = 0; i < h->n; i++) {
		CHECK(lsa_holders_find(h, &h->list[i].sid) == &h->list[i]);
		CHECK(lsa_rights_sound(h->list[i].rights));
		CHECK(smb3_rpc_sid_equal(&h->list[i].sid, &again.list[i].sid));
		CHECK(!strcmp(h->list[i].rights, again.list[i].rights));
	}
}

static void value_same(const struct lsa_value *a, const struct lsa_value *b)
{
	CHECK(!a->data == !b->data && a->len == b->len && a->time == b->time);
	CHECK(!a->len || !memcmp(a->data, b->data, a->len));
}

static void secrets_again(struct smb3_arena *a, struct lsa_secrets *s)
{
	struct smb3_builder out = smb3_builder_arena(a, lsa_secrets_size(s));
	struct lsa_secrets again;

	lsa_secrets_build(s, &out);
	CHECK(smb3_builder_ok(&out));
	CHECK(!lsa_secrets_parse(a, (const char *)out.data, out.len, &again));
	CHECK(again.n == s->n);
	for (size_t i = 0; i < s->n; i++) {
		CHECK(lsa_secrets_find(s, s->list[i].name) == &s->list[i]);
		CHECK(lsa_secret_name_sound(s->list[i].name));
		CHECK(!strcmp(s->list[i].name, again.list[i].name));
		value_same(&s->list[i].now, &again.list[i].now);
		value_same(&s->list[i].old, &again.list[i].old);
	}
	lsa_secrets_wipe(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct smb3_arena *arena = smb3_arena_new();
	const char *text = (const char *)data + 1;
	struct lsa_holders holders;
	struct lsa_secrets secrets;

	if (len && data[0] & 1 && !lsa_holders_parse(arena, text, len - 1, &holders))
		rights_again(arena, &holders);
	if (len && !(data[0] & 1) && !lsa_secrets_parse(arena, text, len - 1, &secrets))
		secrets_again(arena, &secrets);
	smb3_arena_free(arena);
	return 0;
}
