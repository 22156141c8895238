// SPDX-License-Identifier: Apache-2.0
/*
 * test_dosattrib.c: blobs as Samba and we write them.
 */
#include "posix.h"

#include <criterion/criterion.h>
#include <string.h>

#define DOS(attributes, created, ...)                             \
	{                                                         \
		attributes, created, false, __VA_ARGS__, 0, 0, 0, \
	}

static const struct {
	const char *what, *blob;
	size_t len;
	struct posix_dos dos;
	int err;
} parsed[] = {
	/* Written by smbd 4.17: a plain file, a hidden one, a folder. */
	{ "5", "\0\0\5\0\5\0\0\0\x11\0\0\0\x20\0\0\0\xe2\xdf\x7d\xee\x9c\x7a\xdd\1", 24,
	  DOS(true, true, 0x20, 0x01dd7a9cee7ddfe2), 0 },
	{ "5", "\0\0\5\0\5\0\0\0\x11\0\0\0\x02\0\0\0\xa1\xef\x7d\xee\x9c\x7a\xdd\1", 24,
	  DOS(true, true, 0x02, 0x01dd7a9cee7defa1), 0 },
	{ "5", "\0\0\5\0\5\0\0\0\x11\0\0\0\x10\0\0\0\x8d\xce\x7d\xee\x9c\x7a\xdd\1", 24,
	  DOS(true, true, 0x10, 0x01dd7a9cee7dce8d), 0 },
	/* Packed by Samba's NDR library. */
	{ "4: attributes, creation time, time of the inode",
	  "\0\0\4\0\4\0\0\0\x11\0\0\0\x10\0\0\0\3\0\0\0\0\0\0\x33\2\0\0\0\0\0\0\x22", 32,
	  DOS(true, true, 0x10, 0x2200000000000002), 0 },
	{ "4: attributes only",
	  "\0\0\4\0\4\0\0\0\x01\0\0\0\x10\0\0\0\3\0\0\0\0\0\0\x33\2\0\0\0\0\0\0\x22", 32,
	  DOS(true, false, 0x10, 0), 0 },
	{ "3: creation time but no attributes",
	  "\0\0\3\0\3\0\0\0\x16\0\0\0\x11\0\0\0\x14\0\0\0\6\0\0\0\0\0\0\x66\1\0\0\0\0\0\0\x11"
	  "\4\0\0\0\0\0\0\x44\3\0\0\0\0\0\0\x33",
	  52, DOS(false, true, 0x11, 0x4400000000000004), 0 },
	{ "2",
	  "0x2\0\2\0\2\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\6\0\0\0\0\0"
	  "\0\0\7\0\0\0\0\0\0\0\x8\0\0\0\0\0\0\0\x61\x62\0",
	  59, DOS(true, true, 2, 6), 0 },
	{ "1: aligned after a text of five bytes",
	  "0x11\0\0\1\0\1\0\0\0\x11\0\0\0\x14\0\0\0\6\0\0\0\0\0\0\x66\1\0\0\0\0\0\0\x11"
	  "\4\0\0\0\0\0\0\x44\3\0\0\0\0\0\0\x33",
	  52, DOS(true, true, 0x11, 0x4400000000000004), 0 },
	{ "text only", "0x22", 5, DOS(true, false, 0x22, 0), 0 },
	{ "text without its end", "0x7", 3, DOS(true, false, 7, 0), 0 },
	/* Not in any format. */
	{ "a version to come", "\0\0\6\0\6\0\0\0\x11\0\0\0\x20\0\0\0", 16, { 0 }, -EINVAL },
	{ "two versions",
	  "\0\0\5\0\4\0\0\0\x11\0\0\0\x20\0\0\0\1\2\3\4\5\6\7\x8",
	  24,
	  { 0 },
	  -EINVAL },
	{ "nothing but an end", "", 1, { 0 }, -EINVAL },
	{ "no number", "archive", 8, { 0 }, -EINVAL },
	{ "a long text", "0x00000000000000000000000000000002", 35, { 0 }, -EINVAL },
	{ "a large number", "0x1000000000", 13, { 0 }, -EINVAL },
};

Test(dosattrib, formats)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(parsed); i++) {
		struct posix_dos dos = { 0 };
		int err = posix_dos_parse(parsed[i].blob, parsed[i].len, &dos);

		cr_expect_eq(err, parsed[i].err, "%s: %d", parsed[i].what, err);
		cr_expect_eq(dos.has_attributes, parsed[i].dos.has_attributes, "%s",
			     parsed[i].what);
		cr_expect_eq(dos.has_created, parsed[i].dos.has_created, "%s", parsed[i].what);
		cr_expect_eq(dos.attributes, parsed[i].dos.attributes, "%s", parsed[i].what);
		cr_expect_eq(dos.created, parsed[i].dos.created, "%s", parsed[i].what);
	}
}

/* Each good blob cut short is refused and never read beyond its end. */
Test(dosattrib, cut_short)
{
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(parsed); i++) {
		for (size_t len = 1; len < parsed[i].len; len++) {
			struct posix_dos dos;
			char *copy = smb3_alloc(len);

			memcpy(copy, parsed[i].blob, len);
			/* What is left of a text may still be a number. */
			if (!posix_dos_parse(copy, len, &dos))
				cr_expect(len > 2 && !memcmp(copy, "0x", 2), "%s at %zu",
					  parsed[i].what, len);
			free(copy);
		}
	}
}

Test(dosattrib, a_change_time_makes_it_version_3)
{
	const struct posix_dos dos = { true, true, true, 0x22, 5, 6, 7, 0 };
	uint8_t buf[POSIX_DOS_SIZE];
	struct posix_dos back;

	cr_assert_eq(posix_dos_parse(buf, posix_dos_build(&dos, buf), &back), 0);
	cr_expect_eq(buf[2], 3);
	cr_expect(back.has_changed);
	cr_expect_eq(back.changed, 6u);
	cr_expect_eq(back.changed_at, 7u);
	cr_expect_eq(back.created, 5u);
	cr_expect_eq(back.attributes, 0x22u);
}

Test(dosattrib, what_is_written)
{
	static const uint8_t want[32] = { 0, 0, 4, 0, 4, 0, 0, 0, 0x11, 0, 0, 0, 0x22, 0, 0, 0,
					  0, 0, 0, 0, 0, 0, 0, 0, 8,    7, 6, 5, 4,    3, 2, 1 };
	const struct posix_dos all[] = { DOS(true, true, 0x22, 0x0102030405060708),
					 DOS(true, false, 1, 0), DOS(false, true, 0, 5) };
	uint8_t buf[POSIX_DOS_SIZE];

	cr_assert_eq(posix_dos_build(&all[0], buf), sizeof(want));
	cr_assert_arr_eq(buf, want, sizeof(want));
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(all); i++) {
		struct posix_dos back;

		cr_assert_eq(posix_dos_parse(buf, posix_dos_build(&all[i], buf), &back), 0);
		cr_expect_eq(back.has_attributes, all[i].has_attributes);
		cr_expect_eq(back.has_created, all[i].has_created);
		cr_expect_eq(back.attributes, all[i].attributes);
		cr_expect_eq(back.created, all[i].created);
	}
}
