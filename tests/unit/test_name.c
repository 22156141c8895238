// SPDX-License-Identifier: Apache-2.0
/*
 * test_name.c: names of the wire taken apart.
 */
#include <criterion/criterion.h>
#include <smb3/arena.h>
#include <smb3/cursor.h>
#include <smb3/name.h>
#include <smb3/status.h>
#include <smb3/utf16.h>
#include <string.h>

static ntstatus parse(struct smb3_arena *a, const char *utf8, struct smb3_name *ret_name)
{
	struct smb3_builder b = smb3_builder_arena(a, 1 << 20);

	smb3_put_utf16(&b, utf8);
	return smb3_name_parse(a, b.data, b.len, ret_name);
}

Test(name, good_ones)
{
	static const struct {
		const char *wire, *path, *parent, *leaf, *stream;
		bool directory, data;
	} cases[] = {
		{ "", "", "", "", NULL, false, false },
		{ "a", "a", "", "a", NULL, false, false },
		{ "a\\b", "a/b", "a", "b", NULL, false, false },
		{ "a\\b c\\d.e", "a/b c/d.e", "a/b c", "d.e", NULL, false, false },
		{ "...", "...", "", "...", NULL, false, false },
		{ ".a\\..b", ".a/..b", ".a", "..b", NULL, false, false },
		{ "a\\..", "", "", "", NULL, false, false },
		{ "a\\..\\b", "b", "", "b", NULL, false, false },
		{ "a\\bc\\..\\..\\d\\e", "d/e", "d", "e", NULL, false, false },
		{ "a\\bc\\..\\d:s", "a/d", "a", "d", "s", false, false },
		{ "a/b\\c", "a/b/c", "a/b", "c", NULL, false, false },
		{ "dir\\", "dir", "", "dir", NULL, true, false },
		{ "a\\dir\\", "a/dir", "a", "dir", NULL, true, false },
		{ "f:s", "f", "", "f", "s", false, false },
		{ "d\\f:s:$DATA", "d/f", "d", "f", "s", false, false },
		{ "f:s:$data", "f", "", "f", "s", false, false },
		{ "f::$DATA", "f", "", "f", NULL, false, true },
		{ ":s", "", "", "", "s", false, false },
		{ "f:?s*<>|\"\x05", "f", "", "f", "?s*<>|\"\x05", false, false },
		{ "d::$INDEX_ALLOCATION", "d", "", "d", NULL, true, false },
		{ "d:$I30:$INDEX_ALLOCATION", "d", "", "d", NULL, true, false },
		{ "\U0001f600\\Übung", "\U0001f600/Übung", "\U0001f600", "Übung", NULL, false,
		  false },
	};
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_name n = { 0 };

		cr_expect_eq(parse(a, cases[i].wire, &n), STATUS_SUCCESS, "%s", cases[i].wire);
		cr_expect(n.path && !strcmp(n.path, cases[i].path), "%s", cases[i].wire);
		cr_expect(n.parent && !strcmp(n.parent, cases[i].parent), "%s", cases[i].wire);
		cr_expect(n.leaf && !strcmp(n.leaf, cases[i].leaf), "%s", cases[i].wire);
		cr_expect_eq(!n.stream, !cases[i].stream, "%s", cases[i].wire);
		cr_expect(!n.stream || !strcmp(n.stream, cases[i].stream), "%s", cases[i].wire);
		cr_expect_eq(n.directory, cases[i].directory, "%s", cases[i].wire);
		cr_expect_eq(n.data, cases[i].data, "%s", cases[i].wire);
	}
	smb3_arena_free(a);
}

Test(name, refused)
{
	static const struct {
		const char *wire;
		ntstatus status;
	} cases[] = {
		{ "\\", STATUS_INVALID_PARAMETER },
		{ "\\a", STATUS_INVALID_PARAMETER },
		{ "a\\\\b", STATUS_OBJECT_NAME_INVALID },
		{ "a\\\\", STATUS_OBJECT_NAME_INVALID },
		{ ".", STATUS_OBJECT_NAME_INVALID },
		{ "a\\.\\b", STATUS_OBJECT_NAME_INVALID },
		{ "..", STATUS_OBJECT_PATH_SYNTAX_BAD },
		{ "..\\a", STATUS_OBJECT_PATH_SYNTAX_BAD },
		{ "a\\..\\..", STATUS_OBJECT_PATH_SYNTAX_BAD },
		{ "a\\..\\..\\b", STATUS_OBJECT_PATH_SYNTAX_BAD },
		{ "a?\\..\\b", STATUS_OBJECT_NAME_INVALID },
		{ "/a", STATUS_INVALID_PARAMETER },
		{ "a/../../b", STATUS_OBJECT_PATH_SYNTAX_BAD },
		{ "a//b", STATUS_OBJECT_NAME_INVALID },
		{ "a*", STATUS_OBJECT_NAME_INVALID },
		{ "a?b", STATUS_OBJECT_NAME_INVALID },
		{ "<a", STATUS_OBJECT_NAME_INVALID },
		{ "a>", STATUS_OBJECT_NAME_INVALID },
		{ "a|", STATUS_OBJECT_NAME_INVALID },
		{ "a\"", STATUS_OBJECT_NAME_INVALID },
		{ "a\x1f", STATUS_OBJECT_NAME_INVALID },
		{ "a:", STATUS_OBJECT_NAME_INVALID },
		{ "a:b\\c", STATUS_OBJECT_NAME_INVALID },
		{ "a:s/t", STATUS_OBJECT_NAME_INVALID },
		{ "a:s:", STATUS_OBJECT_NAME_INVALID },
		{ "a:s:$FOO", STATUS_OBJECT_NAME_INVALID },
		{ "a:s:$DATA:x", STATUS_OBJECT_NAME_INVALID },
		{ "a:s:$INDEX_ALLOCATION", STATUS_OBJECT_NAME_INVALID },
		{ "a\\b:s:$DATA\\", STATUS_OBJECT_NAME_INVALID },
	};
	struct smb3_arena *a = smb3_arena_new();

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_name n;

		cr_expect_eq(parse(a, cases[i].wire, &n), cases[i].status, "%s", cases[i].wire);
	}
	smb3_arena_free(a);
}

Test(name, not_utf16)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_name n;

	cr_expect_eq(smb3_name_parse(a, (const uint8_t *)"a\0b", 3, &n), STATUS_INVALID_PARAMETER);
	cr_expect_eq(smb3_name_parse(a, (const uint8_t *)"a\0\0\0b\0", 6, &n),
		     STATUS_OBJECT_NAME_INVALID);
	cr_expect_eq(smb3_name_parse(a, (const uint8_t *)"\x00\xd8", 2, &n),
		     STATUS_OBJECT_NAME_INVALID);
	smb3_arena_free(a);
}

/* A component has 255 UTF-16 units at most, however many bytes they become. */
Test(name, lengths)
{
	struct smb3_arena *a = smb3_arena_new();
	struct smb3_builder b = smb3_builder_arena(a, 1 << 16);
	struct smb3_name n;

	for (int i = 0; i < SMB3_NAME_MAX; i++)
		smb3_put_u16(&b, 0x65e5);
	cr_expect_eq(smb3_name_parse(a, b.data, b.len, &n), STATUS_SUCCESS);
	cr_expect_eq(strlen(n.leaf), 3u * SMB3_NAME_MAX);
	smb3_put_u16(&b, '\\');
	smb3_put_u16(&b, 'x');
	cr_expect_eq(smb3_name_parse(a, b.data, b.len, &n), STATUS_SUCCESS);
	smb3_set_u16(&b, 2 * SMB3_NAME_MAX, 'y');
	cr_expect_eq(smb3_name_parse(a, b.data, b.len, &n), STATUS_OBJECT_NAME_INVALID);
	smb3_arena_free(a);
}

Test(name, joined_and_split)
{
	struct smb3_arena *a = smb3_arena_new();
	const char *parent, *leaf;

	cr_expect_str_eq(smb3_name_join(a, "", "x"), "x");
	cr_expect_str_eq(smb3_name_join(a, "a/b", "x"), "a/b/x");
	smb3_name_split(a, "a/b/x", &parent, &leaf);
	cr_expect_str_eq(parent, "a/b");
	cr_expect_str_eq(leaf, "x");
	smb3_name_split(a, "x", &parent, &leaf);
	cr_expect_str_eq(parent, "");
	cr_expect_str_eq(leaf, "x");
	smb3_arena_free(a);
}
