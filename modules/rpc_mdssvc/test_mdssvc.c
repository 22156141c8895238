// SPDX-License-Identifier: Apache-2.0
/*
 * test_mdssvc.c: packets of Spotlight, and queries.
 */
#include "slpack.h"
#include "terms.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct smb3_arena *arena;

static void setup(void)
{
	arena = smb3_arena_new();
}

static void teardown(void)
{
	smb3_arena_free(arena);
}

TestSuite(mdssvc, .init = setup, .fini = teardown, .timeout = 60);

/* As a client sends it: [ [ "fetchPropertiesForContext:", 0, 7 ] ] */
static const uint8_t request[] =
	"432130dm\x10\0\0\0\x0c\0\0\0"
	"\x01\0\0\x02\x01\0\0\0\x01\0\0\x02\x02\0\0\0\x01\0\0\x02\x03\0\0\0"
	"\x05\0\0\x07\x02\0\0\0"
	"fetchPropertiesForContext:\0\0\0\0\0\0"
	"\x03\0\0\x84\x02\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0"
	"\x04\0\0\x88\0\0\0\0\x02\0\0\x0a\x01\0\0\0\x03\0\0\x0a\x03\0\0\0\x04\0\0\x0c\x02\0\0";
#define REQUEST_SIZE sizeof(request) /* the last zero is that of the text */

/* As servers answer when there are no results: [ 0, no ids, nothing ] */
static const uint8_t nothing_found[] =
	"432130dm\x0c\0\0\0\x08\0\0\0"
	"\x01\0\0\x02\x01\0\0\0\x02\0\0\x84\x01\0\0\0\0\0\0\0\0\0\0\0"
	"\x01\0\0\x02\x02\0\0\0\x01\0\0\x87\x08\0\0\0\x01\0\0\x02\x03\0\0\0\x01\0\0\x07\x08\0\0\0"
	"\x04\0\0\x88\0\0\0\0\x02\0\0\x0a\x03\0\0\0\x05\0\0\x1a\0\0\0\0\x07\0\0\x1b\0\0\0";

static struct sl_value *root_new(void)
{
	struct sl_value *root = smb3_arena_alloc(arena, sizeof(*root));

	root->type = SL_ARRAY;
	return root;
}

/* ---- reading ---- */

Test(mdssvc, a_request_is_read)
{
	const struct sl_value *root = sl_decode(arena, request, REQUEST_SIZE);
	const struct sl_value *head = sl_at(sl_at(root, 0, SL_ARRAY), 0, SL_ARRAY);

	cr_assert_not_null(head);
	cr_expect_eq(head->count, 3u);
	cr_expect_str_eq(sl_at(head, 0, SL_TEXT)->text, "fetchPropertiesForContext:");
	cr_expect_eq(sl_at(head, 1, SL_INT)->number, 0u);
	cr_expect_eq(sl_at(head, 2, SL_INT)->number, 7u);
	cr_expect_null(sl_at(head, 2, SL_TEXT));
	cr_expect_null(sl_at(head, 3, SL_INT));
}

/* Its words the other way round. */
Test(mdssvc, big_endian_is_read)
{
	uint8_t big[REQUEST_SIZE];
	const struct sl_value *head, *root;

	memcpy(big, "md031234", 8);
	for (size_t i = 8; i < sizeof(big); i++)
		big[i] = request[i];
	for (size_t i = 8; i < 16; i++)
		big[i] = request[i ^ 3];
	for (size_t i = 16; i < sizeof(big); i++)
		big[i] = i >= 48 && i < 80 ? request[i] : request[i ^ 7];
	root = sl_decode(arena, big, sizeof(big));
	head = sl_at(sl_at(root, 0, SL_ARRAY), 0, SL_ARRAY);
	cr_assert_not_null(head);
	cr_expect_str_eq(sl_at(head, 0, SL_TEXT)->text, "fetchPropertiesForContext:");
	cr_expect_eq(sl_at(head, 2, SL_INT)->number, 7u);
}

Test(mdssvc, a_cut_packet_is_none)
{
	for (size_t len = 0; len < REQUEST_SIZE; len++) {
		uint8_t *copy = malloc(len ? len : 1); /* so that sanitizers see a step beyond */

		memcpy(copy, request, len);
		cr_expect_null(sl_decode(arena, copy, len), "%zu bytes", len);
		free(copy);
	}
}

/* Whatever one byte is changed to: an answer, and nothing beyond the packet. */
Test(mdssvc, any_byte_may_be_wrong)
{
	for (size_t i = 0; i < REQUEST_SIZE; i++) {
		for (int v = 0; v < 256; v++) {
			uint8_t *copy = malloc(REQUEST_SIZE);

			memcpy(copy, request, REQUEST_SIZE);
			copy[i] = (uint8_t)v;
			(void)sl_decode(arena, copy, REQUEST_SIZE);
			free(copy);
		}
		smb3_arena_reset(arena);
	}
}

/* A packet of these words, with these entries in its table. */
static struct sl_value *decode_words(const uint64_t *words, size_t n, const uint64_t *entries,
				     size_t n_entries)
{
	struct smb3_builder b = smb3_builder_arena(arena, 1u << 20);

	smb3_put_bytes(&b, "432130dm", 8);
	smb3_put_u32(&b, (uint32_t)(n + n_entries + 2));
	smb3_put_u32(&b, (uint32_t)(n + 1));
	for (size_t i = 0; i < n; i++)
		smb3_put_u64(&b, words[i]);
	smb3_put_u64(&b, 0x88000000u | (n_entries + 1));
	for (size_t i = 0; i < n_entries; i++)
		smb3_put_u64(&b, entries[i]);
	return sl_decode(arena, b.data, b.len);
}

#define TAG(size, type, more) ((uint64_t)(more) << 32 | (uint64_t)(type) << 16 | (size))

/* An array that says of itself that it is in itself gets only as deep as there are tags. */
Test(mdssvc, depth_is_limited)
{
	uint64_t words[40], entry = TAG(2, 0x0a00, 1);

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(words); i++)
		words[i] = TAG(1, 0x0200, 1);
	words[SL_DEPTH_MAX] = TAG(1, 0x0100, 1);
	cr_expect_not_null(decode_words(words, SL_DEPTH_MAX + 1, &entry, 1));
	words[SL_DEPTH_MAX] = TAG(1, 0x0200, 1);
	words[SL_DEPTH_MAX + 1] = TAG(1, 0x0100, 1);
	cr_expect_null(decode_words(words, SL_DEPTH_MAX + 2, &entry, 1));
	cr_expect_null(decode_words(words, SMB3_ARRAY_SIZE(words), &entry, 1));
}

Test(mdssvc, counts_are_limited)
{
	const uint64_t nils = TAG(1, 0, UINT32_MAX), some = TAG(1, 0, SL_VALUES_MAX);
	const uint64_t more[] = { some, TAG(1, 0, 1) },
		       ids[] = { TAG(1, 0x0200, 1), TAG(9, 0x8700, 8), 0xffff };
	const uint64_t array[] = { TAG(1, 0x0200, 1), TAG(1, 0, 3) };
	const uint64_t entry = TAG(2, 0x0a00, 2), dict = TAG(2, 0x0d00, 3),
		       of_ids = TAG(2, 0x1a00, 0);

	cr_expect_null(decode_words(&nils, 1, NULL, 0));
	cr_expect_not_null(decode_words(&some, 1, NULL, 0));
	cr_expect_null(decode_words(more, 2, NULL, 0));
	cr_expect_null(decode_words(ids, 3, &of_ids, 1), "ids that are not there");
	cr_expect_null(decode_words(array, 2, &entry, 1), "more values than the array has");
	cr_expect_null(decode_words(array, 2, &dict, 1), "a key without value");
}

Test(mdssvc, the_table_must_have_the_entry)
{
	const uint64_t none = TAG(1, 0x0200, 0), second = TAG(1, 0x0200, 2),
		       far = TAG(1, 0x0200, UINT32_MAX);
	const uint64_t entry = TAG(2, 0x0a00, 0), first = TAG(1, 0x0200, 1),
		       unknown = TAG(2, 0x0b00, 0);

	cr_expect_not_null(decode_words(&first, 1, &entry, 1));
	cr_expect_null(decode_words(&none, 1, &entry, 1));
	cr_expect_null(decode_words(&second, 1, &entry, 1));
	cr_expect_null(decode_words(&far, 1, &entry, 1));
	cr_expect_null(decode_words(&first, 1, &unknown, 1));
}

/* What a fuzzer found: what is read must be what is written. */
Test(mdssvc, no_ids_have_no_kind_and_context)
{
	const uint64_t words[] = { TAG(1, 0x0200, 1), TAG(2, 0x8700, 8), TAG(0, 2, 0x6b) };
	const uint64_t of_ids = TAG(2, 0x1a00, 0);
	const struct sl_value *root = decode_words(words, 3, &of_ids, 1);

	cr_assert_not_null(sl_at(root, 0, SL_IDS));
	cr_expect_eq(sl_at(root, 0, SL_IDS)->count, 0u);
	cr_expect_eq(sl_at(root, 0, SL_IDS)->number, 0u);
}

/* ---- writing ---- */

Test(mdssvc, no_results_are_written_as_others_do)
{
	struct sl_value *root = root_new(), *list = sl_add(arena, root, SL_ARRAY);
	struct smb3_builder out;

	sl_add_number(arena, list, SL_INT, 0);
	sl_add(arena, list, SL_IDS);
	sl_add(arena, list, SL_META);
	out = sl_encode(arena, root, SL_PACKET_MAX);
	cr_assert(smb3_builder_ok(&out));
	cr_assert_eq(out.len, sizeof(nothing_found));
	cr_expect_arr_eq(out.data, nothing_found, out.len);
}

/* One of each. */
static struct sl_value *everything(void)
{
	static const uint64_t ids[] = { 1, UINT64_MAX };
	struct sl_value *root = root_new(), *dict = sl_add(arena, root, SL_DICT), *v, *meta;

	sl_add(arena, sl_key(arena, dict, "nil"), SL_NIL);
	sl_add_number(arena, sl_key(arena, dict, "yes"), SL_BOOL, 1);
	sl_add_number(arena, sl_key(arena, dict, "int"), SL_INT, UINT64_MAX);
	sl_add_number(arena, sl_key(arena, dict, "float"), SL_FLOAT, 0x3ff0000000000000u);
	sl_add_number(arena, sl_key(arena, dict, "date"), SL_DATE, sl_date(smb3_now()));
	sl_add(arena, sl_key(arena, dict, "uuid"), SL_UUID)->uuid.bytes[15] = 9;
	sl_add_text(arena, sl_key(arena, dict, "empty"), "");
	sl_add_text(arena, sl_key(arena, dict, "eight"), "12345678");
	sl_add(arena, sl_key(arena, dict, "wide"), SL_WIDE)->text = "gr\xc3\xbcn";
	v = sl_add_number(arena, sl_key(arena, dict, "ids"), SL_IDS, 0x6b000001u * (1ull << 32));
	v->ids = ids;
	v->count = 2;
	meta = sl_add(arena, sl_key(arena, dict, "meta"), SL_META);
	sl_add_text(arena, sl_add(arena, meta, SL_ARRAY), "inside");
	return root;
}

Test(mdssvc, what_is_written_can_be_read)
{
	struct smb3_builder out = sl_encode(arena, everything(), SL_PACKET_MAX);
	const struct sl_value *dict;

	cr_assert(smb3_builder_ok(&out));
	dict = sl_at(sl_decode(arena, out.data, out.len), 0, SL_DICT);
	cr_assert_not_null(dict);
	cr_expect_not_null(sl_get(dict, "nil", SL_NIL));
	cr_expect_eq(sl_get(dict, "yes", SL_BOOL)->number, 1u);
	cr_expect_eq(sl_get(dict, "int", SL_INT)->number, UINT64_MAX);
	cr_expect_eq(sl_get(dict, "float", SL_FLOAT)->number, 0x3ff0000000000000u);
	cr_expect_eq(sl_get(dict, "uuid", SL_UUID)->uuid.bytes[15], 9);
	cr_expect_str_eq(sl_get(dict, "empty", SL_TEXT)->text, "");
	cr_expect_str_eq(sl_get(dict, "eight", SL_TEXT)->text, "12345678");
	cr_expect_str_eq(sl_get(dict, "wide", SL_TEXT)->text, "gr\xc3\xbcn");
	cr_expect_eq(sl_get(dict, "ids", SL_IDS)->ids[1], UINT64_MAX);
	cr_expect_eq(sl_get(dict, "ids", SL_IDS)->number >> 32, 0x6b000001u);
	cr_expect_str_eq(sl_at(sl_at(sl_get(dict, "meta", SL_META), 0, SL_ARRAY), 0, SL_TEXT)->text,
			 "inside");
	cr_expect_null(sl_get(dict, "int", SL_TEXT), "of another type");
	cr_expect_null(sl_get(dict, "none", SL_TEXT));
}

Test(mdssvc, no_packet_is_larger_than_it_may_be)
{
	size_t whole = sl_encode(arena, everything(), SL_PACKET_MAX).len;
	struct smb3_builder out;

	for (size_t max = 0; max < whole; max += 8) {
		out = sl_encode(arena, everything(), max);
		cr_expect_not(smb3_builder_ok(&out), "%zu", max);
	}
	out = sl_encode(arena, everything(), whole);
	cr_expect(smb3_builder_ok(&out));
}

/* 2001-01-01 is where macOS begins to count; 25165824 is a second and a half. */
Test(mdssvc, dates)
{
	struct timespec ts = { .tv_sec = 978307200 };
	uint64_t day = sl_date(smb3_nttime_from_timespec(&ts));

	cr_expect_eq(day, (978307200u + 280878921600u) << 24);
	ts.tv_sec++;
	cr_expect_eq(sl_date(smb3_nttime_from_timespec(&ts)) - day, 1u << 24);
}

/* ---- queries ---- */

#define NOW (UINT64_C(134100000000000000) + 12345)

static const struct smb3_term *parse(const char *text)
{
	struct smb3_builder b = smb3_builder_arena(arena, 1u << 16);
	struct smb3_cursor c;
	const struct smb3_term *t;

	if (query_parse(text, NOW, arena, &b))
		return NULL;
	c = smb3_cursor_init(b.data, b.len);
	t = terms_decode(arena, &c);
	cr_assert_not_null(t, "%s", text);
	cr_assert_eq(smb3_cursor_left(&c), 0u);
	return t;
}

Test(mdssvc, a_comparison)
{
	const struct smb3_term *t = parse(" kMDItemFSName == \"*a\\\"b\\*\"cdw ");

	cr_assert_not_null(t);
	cr_expect_eq(t->op, SMB3_TERM_COMPARE);
	cr_expect_str_eq(t->attribute, "kMDItemFSName");
	cr_expect_eq(t->relation, SMB3_TERM_EQ);
	cr_expect_eq(t->kind, SMB3_TERM_TEXT);
	cr_expect_eq(t->flags, (uint32_t)(SMB3_TERM_CASE | SMB3_TERM_ACCENT | SMB3_TERM_WORD));
	cr_expect_str_eq(t->text, "*a\"b\\*");
	t = parse("*='x'");
	cr_expect_str_eq(t->attribute, "*");
	cr_expect_eq(t->flags, 0u);
	t = parse("kMDItemFSSize >= -12.75");
	cr_expect_eq(t->kind, SMB3_TERM_NUMBER);
	cr_expect_eq(t->relation, SMB3_TERM_GE);
	cr_expect_eq(t->number, -12);
}

Test(mdssvc, terms_are_put_together)
{
	const struct smb3_term *t = parse("a==1||b==2&&!(c==3||d==4)");

	cr_assert_not_null(t);
	cr_expect_eq(t->op, SMB3_TERM_OR);
	cr_expect_str_eq(t->left->attribute, "a");
	cr_expect_eq(t->right->op, SMB3_TERM_AND);
	cr_expect_str_eq(t->right->left->attribute, "b");
	cr_expect_eq(t->right->right->op, SMB3_TERM_NOT);
	cr_expect_str_eq(t->right->right->left->right->attribute, "d");
}

Test(mdssvc, times_of_queries)
{
	const smb3_nttime day = UINT64_C(864000000000);
	const struct {
		const char *text;
		smb3_nttime when;
	} cases[] = {
		{ "$time.now", NOW },
		{ "$time.now(-2)", NOW - 20000000 },
		{ "$time.today", NOW - NOW % day },
		{ "$time.today(+1)", NOW - NOW % day + day },
		{ "$time.yesterday", NOW - NOW % day - day },
		{ "$time.iso(1601-01-02T00:00:00Z)", day },
	};
	char text[100];

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		const struct smb3_term *t;

		snprintf(text, sizeof(text), "d<%s", cases[i].text);
		t = parse(text);
		cr_assert_not_null(t, "%s", text);
		cr_expect_eq(t->kind, SMB3_TERM_DATE);
		cr_expect_eq(t->when, cases[i].when, "%s", text);
	}
}

Test(mdssvc, a_range_has_both_ends)
{
	const struct smb3_term *t = parse("InRange(kMDItemFSSize,1,2)");

	cr_assert_not_null(t);
	cr_expect_eq(t->op, SMB3_TERM_AND);
	cr_expect_eq(t->left->relation, SMB3_TERM_GE);
	cr_expect_eq(t->right->relation, SMB3_TERM_LE);
	cr_expect_eq(t->right->number, 2);
}

Test(mdssvc, what_is_no_query)
{
	static const char *const texts[] = {
		"",
		"a",
		"a==",
		"==1",
		"a==\"x",
		"(a==1",
		"a==1)",
		"a==1&&",
		"a==1 b==2",
		"!",
		"a==$time.never",
		"a=~1",
		"a==$time.iso(2026)",
		"a==$time.now(9223372036854775807)",
		"InRange(a,1)",
	};
	char deep[200] = "";

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(texts); i++)
		cr_expect_null(parse(texts[i]), "%s", texts[i]);
	memset(deep, '(', 100);
	cr_expect_null(parse(deep));
}

Test(mdssvc, as_many_terms_as_there_may_be)
{
	char text[TERMS_MAX * 8] = "a==1";

	for (int i = 1; i < TERMS_MAX / 2; i++)
		strcat(text, "||a==1");
	cr_expect_not_null(parse(text));
	strcat(text, "||a==1");
	cr_expect_null(parse(text));
}

Test(mdssvc, terms_that_are_none)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "\0\0\0\0", 4 },                            /* none at all */
		{ "\1\0\0\0", 4 },                            /* not there */
		{ "\1\0\0\0\1", 5 },                          /* AND of nothing */
		{ "\2\0\0\0\0\0", 6 },                        /* two that nothing puts together */
		{ "\2\0\0\0\0\1", 6 },                        /* AND of one */
		{ "\1\0\0\0\5", 5 },                          /* no such operation */
		{ "\1\0\0\0\4\1\0\0\0a\6\0\0\1\0\0\0x", 18 }, /* no such relation */
		{ "\377\377\377\377\0", 5 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_cursor c = smb3_cursor_init(cases[i].bytes, cases[i].len);

		cr_expect_null(terms_decode(arena, &c), "case %zu", i);
		cr_expect_not(smb3_cursor_ok(&c));
	}
}
