// SPDX-License-Identifier: Apache-2.0
/*
 * test_utf16.c: names between UTF-16LE and UTF-8, upper case, equality.
 */
#include <criterion/criterion.h>
#include <smb3/arena.h>
#include <smb3/cursor.h>
#include <smb3/utf16.h>
#include <locale.h>
#include <string.h>

/* One of each kind, at the borders of the encodings. */
static const struct {
	const char *utf8;
	size_t len;
	const char *utf16;
} pairs[] = {
	{ "", 0, "" },
	{ "a", 2, "a\0" },
	{ "a\\B/c", 10, "a\0\\\0B\0/\0c\0" },
	{ "\x01\x7f", 4, "\x01\0\x7f\0" },
	{ "\xc2\x80\u07ff", 4, "\x80\x00\xff\x07" },
	{ "\u0800\uffff", 4, "\x00\x08\xff\xff" },
	{ "\ud7ff\ue000", 4, "\xff\xd7\x00\xe0" },
	{ "\xef\xbf\xbd", 2, "\xfd\xff" },
	{ "\U00010000", 4, "\x00\xd8\x00\xdc" },
	{ "\U0010ffff", 4, "\xff\xdb\xff\xdf" },
	{ "\U0001f600!", 6, "\x3d\xd8\x00\xde!\0" },
	{ "Übung", 10, "\xdc\0b\0u\0n\0g\0" },
	{ "日本", 4, "\xe5\x65\x2c\x67" },
};

Test(utf16, to_utf8)
{
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(pairs); i++) {
		char *s = smb3_utf16_to_utf8(a, (const uint8_t *)pairs[i].utf16, pairs[i].len);

		cr_expect_not_null(s, "%s", pairs[i].utf8);
		cr_expect_str_eq(s ? s : "", pairs[i].utf8);
	}
	smb3_arena_free(a);
}

Test(utf16, from_utf8)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(pairs); i++) {
		uint8_t mem[16];
		struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));

		cr_expect_eq(smb3_put_utf16(&b, pairs[i].utf8), pairs[i].len, "%s", pairs[i].utf8);
		cr_expect_eq(smb3_utf16_size(pairs[i].utf8), pairs[i].len, "%s", pairs[i].utf8);
		cr_expect_eq(b.len, pairs[i].len);
		cr_expect(memcmp(mem, pairs[i].utf16, pairs[i].len) == 0, "%s", pairs[i].utf8);
		cr_expect(smb3_utf8_valid(pairs[i].utf8), "%s", pairs[i].utf8);
	}
}

Test(utf16, every_code_point_comes_back)
{
	struct smb3_arena *a = smb3_arena_new();

	for (uint32_t cp = 1; cp <= 0x10ffff; cp++) {
		uint8_t unit[4];
		struct smb3_builder b = smb3_builder_init(unit, 4);
		const char *s;
		char *name;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		if (cp > 0xffff)
			smb3_put_u16(&b, (uint16_t)(0xd800 + ((cp - 0x10000) >> 10)));
		smb3_put_u16(&b, (uint16_t)(cp > 0xffff ? 0xdc00 + (cp & 0x3ff) : cp));
		s = name = smb3_utf16_to_utf8(a, unit, b.len);
		cr_assert_not_null(s, "U+%04X", cp);
		cr_assert_eq(smb3_utf8_next(&s), cp, "U+%04X", cp);
		cr_assert_eq(smb3_utf8_next(&s), 0, "U+%04X", cp);
		cr_assert_eq(s, name + strlen(name));
		if (cp % 256 == 0)
			smb3_arena_reset(a);
	}
	smb3_arena_free(a);
}

Test(utf16, what_no_name_may_contain)
{
	static const struct {
		const char *what;
		size_t len;
		const char *utf16;
	} cases[] = {
		{ "odd length", 3, "a\0b" },
		{ "one byte", 1, "a" },
		{ "NUL only", 2, "\0\0" },
		{ "NUL inside", 6, "a\0\0\0b\0" },
		{ "NUL at the end", 4, "a\0\0\0" },
		{ "high surrogate at the end", 4, "a\0\x00\xd8" },
		{ "high surrogate, then a letter", 4,
		  "\x00\xd8"
		  "a\0" },
		{ "low surrogate alone", 2, "\x00\xdc" },
		{ "low, then high", 4, "\x00\xdc\x00\xd8" },
		{ "high twice", 6, "\x00\xd8\x00\xd8\x00\xdc" },
		{ "high surrogate, half a unit", 3, "\x00\xd8\x00" },
	};
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++)
		cr_expect_null(smb3_utf16_to_utf8(a, (const uint8_t *)cases[i].utf16, cases[i].len),
			       "%s", cases[i].what);
	smb3_arena_free(a);
}

/* Local names in other encodings: each wrong byte is shown as one U+FFFD. */
Test(utf16, what_is_not_utf8)
{
	static const struct {
		const char *s;
		size_t units, replaced;
	} cases[] = {
		{ "\x80", 1, 1 },
		{ "\xff", 1, 1 },
		{ "caf\xe9", 4, 1 },
		{ "\xe9t\xe9", 3, 2 },
		{ "\xc3", 1, 1 },
		{ "\xc3(", 2, 1 },
		{ "\xe2\x82", 2, 2 },
		{ "\xf0\x9f\x98", 3, 3 },
		{ "\xc0\x80", 2, 2 },         /* NUL, too long */
		{ "\xc1\xbf", 2, 2 },         /* too long */
		{ "\xe0\x9f\xbf", 3, 3 },     /* too long */
		{ "\xf0\x8f\xbf\xbf", 4, 4 }, /* too long */
		{ "\xed\xa0\x80", 3, 3 },     /* a surrogate */
		{ "\xed\xbf\xbf", 3, 3 },     /* a surrogate */
		{ "\xf4\x90\x80\x80", 4, 4 }, /* beyond Unicode */
		{ "\xf8\x88\x80\x80\x80", 5, 5 },
		{ "a\x80z", 3, 1 },
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		const char *s = cases[i].s;
		uint8_t mem[32];
		struct smb3_builder b = smb3_builder_init(mem, sizeof(mem));
		size_t replaced = 0;

		cr_expect_not(smb3_utf8_valid(s), "case %zu", i);
		cr_expect_eq(smb3_utf16_size(s), 2 * cases[i].units, "case %zu", i);
		cr_expect_eq(smb3_put_utf16(&b, s), 2 * cases[i].units, "case %zu", i);
		cr_expect_eq(b.len, 2 * cases[i].units, "case %zu", i);
		while (*s)
			replaced += smb3_utf8_next(&s) == 0xfffd;
		cr_expect_eq(replaced, cases[i].replaced, "case %zu", i);
	}
}

Test(utf16, next_stays_at_the_end)
{
	const char *s = "x", *end;

	cr_assert_eq(smb3_utf8_next(&s), 'x');
	end = s;
	cr_assert_eq(smb3_utf8_next(&s), 0);
	cr_assert_eq(s, end);
}

static const struct {
	uint32_t from, to;
} folds[] = {
	{ 'a', 'A' },
	{ 'z', 'Z' },
	{ 'A', 'A' },
	{ '`', '`' },
	{ '{', '{' },
	{ 0xe4, 0xc4 },
	{ 0xf7, 0xf7 }, /* division sign, amid letters */
	{ 0xff, 0x178 },
	{ 0x101, 0x100 },
	{ 0x100, 0x100 },
	{ 0x3b1, 0x391 },
	{ 0x3c3, 0x3a3 },
	{ 0x3c2, 0x3a3 }, /* final sigma */
	{ 0x430, 0x410 },
	{ 0x450, 0x400 },
	{ 0x561, 0x531 },
	{ 0x1e01, 0x1e00 },
	{ 0x24d0, 0x24b6 },
	{ 0xff41, 0xff21 },
	{ 0x10428, 0x10400 },
	{ 0x1e922, 0x1e900 },
	/* no pair of upper and lower case */
	{ 0xdf, 0xdf },     /* sharp s: SS is two letters */
	{ 0x131, 0x131 },   /* dotless i */
	{ 0x17f, 0x17f },   /* long s */
	{ 0xb5, 0xb5 },     /* micro sign */
	{ 0x212a, 0x212a }, /* Kelvin sign */
	{ 0x1c5, 0x1c5 },   /* title case */
	{ 0x345, 0x345 },
	{ 0x4e00, 0x4e00 },
	{ 0xac00, 0xac00 },
	{ 0x1f600, 0x1f600 },
	{ 0x10ffff, 0x10ffff },
	{ 0xfffd, 0xfffd },
	{ 0, 0 },
	{ UINT32_MAX, UINT32_MAX },
};

Test(utf16, fold)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(folds); i++)
		cr_expect_eq(smb3_fold(folds[i].from), folds[i].to, "U+%04X gives U+%04X",
			     folds[i].from, smb3_fold(folds[i].from));
}

Test(utf16, fold_is_final_and_keeps_ascii_apart)
{
	size_t changed = 0;

	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		uint32_t up = smb3_fold(cp);

		cr_assert_eq(smb3_fold(up), up, "U+%04X", cp);
		cr_assert(up >= 0x80 || cp < 0x80, "U+%04X becomes ASCII", cp);
		cr_assert_eq(up > 0xffff, cp > 0xffff, "U+%04X changes its length", cp);
		changed += up != cp;
	}
	/* Unicode has about 1,400 pairs. */
	cr_assert(changed > 1300 && changed < 1500, "%zu", changed);
}

static const struct {
	const char *a, *b;
	bool equal;
} names[] = {
	{ "", "", true },
	{ "a", "A", true },
	{ "a", "", false },
	{ "a", "ab", false },
	{ "File.TXT", "fILE.txt", true },
	{ "straße", "STRASSE", false },
	{ "straße", "STRAßE", true },
	{ "ÄÖÜ", "äöü", true },
	{ "Ä", "A\u0308", false }, /* no normalisation, as on NTFS */
	{ "ΣΊΣΥΦΟΣ", "σίσυφος", true },
	{ "\U00010428", "\U00010400", true },
	{ "I", "ı", false },
	{ "s", "ſ", false },
	{ "K", "\u212a", false },
	{ "日本", "日本", true },
	{ "日本", "日木", false },
	{ "\xe9", "\ufffd", true }, /* what the client was shown opens it */
};

Test(utf16, name_equal_and_hash)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(names); i++) {
		const char *a = names[i].a, *b = names[i].b;

		cr_expect_eq(smb3_name_equal(a, b), names[i].equal, "%s %s", a, b);
		cr_expect_eq(smb3_name_equal(b, a), names[i].equal, "%s %s", b, a);
		cr_expect_eq(smb3_name_hash(a) == smb3_name_hash(b), names[i].equal, "%s %s", a, b);
	}
}

Test(utf16, name_hash_of_long_names)
{
	char a[1001], b[1001];

	memset(a, 'x', 1000);
	memset(b, 'X', 1000);
	a[1000] = b[1000] = 0;
	cr_assert_eq(smb3_name_hash(a), smb3_name_hash(b));
	for (size_t i = 0; i < 1000; i += 37) {
		b[i] = 'Y';
		cr_assert_neq(smb3_name_hash(a), smb3_name_hash(b), "character %zu", i);
		b[i] = 'X';
	}
	for (size_t i = 999; i > 900; i--) {
		b[i] = 0;
		cr_assert_neq(smb3_name_hash(a), smb3_name_hash(b), "length %zu", i);
	}
}

Test(utf16, the_locale_does_not_matter)
{
	setlocale(LC_ALL, "tr_TR.UTF-8");
	cr_assert_eq(smb3_fold('i'), 'I');
	cr_assert(smb3_name_equal("TITLE", "title"));
}
