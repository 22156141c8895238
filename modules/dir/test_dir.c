// SPDX-License-Identifier: Apache-2.0
/*
 * test_dir.c: entries of listings, byte for byte.
 */
#include "dir.h"

#include <criterion/criterion.h>

static const struct smb3_stat st = {
	.ino = 0x1122334455667788,
	.size = 1000,
	.alloc = 4096,
	.attributes = FILE_ATTRIBUTE_HIDDEN,
	.ea_size = 9,
	.created = 1,
	.accessed = 2,
	.written = 3,
	.changed = 4,
};

static struct smb3_cursor build(const struct smb3_info *row, const struct smb3_stat *stat,
				const char *name)
{
	static uint8_t mem[512];
	struct smb3_builder out = smb3_builder_init(mem, sizeof(mem));
	struct smb3_info_entry entry = {
		.name = name, .stat = stat, .index = 7, .short_name = "SHORT~1.TXT"
	};

	row->entry(&entry, &out);
	cr_assert(smb3_builder_ok(&out));
	return smb3_cursor_init(mem, out.len);
}

Test(dir, the_name_stands_at_the_end)
{
	static const struct smb3_info *const rows[] = {
		&dir_directory,       &dir_full,         &dir_both,
		&dir_names,           &dir_id_both,      &dir_id_full,
		&dir_id_extd,         &dir_id_extd_both, &dir_id_64_extd,
		&dir_id_64_extd_both, &dir_id_all_extd,  &dir_id_all_extd_both,
	};

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(rows); i++) {
		struct smb3_cursor c = build(rows[i], &st, "\xc3\xa4\xf0\x9f\x98\x80");

		cr_expect_eq(smb3_cursor_left(&c), rows[i]->min_out + 6, "%s", rows[i]->name);
		cr_expect_arr_eq(c.base + rows[i]->min_out, "\xe4\0\x3d\xd8\x00\xde", 6, "%s",
				 rows[i]->name);
		cr_expect_eq(smb3_get_u32(&c), 0u, "NextEntryOffset");
		cr_expect_eq(smb3_get_u32(&c), 7u, "FileIndex");
	}
}

Test(dir, fields_of_id_both)
{
	struct smb3_cursor c = build(&dir_id_both, &st, "x");

	smb3_get_skip(&c, 8);
	for (uint64_t t = 1; t <= 4; t++)
		cr_expect_eq(smb3_get_u64(&c), t);
	cr_expect_eq(smb3_get_u64(&c), 1000u);
	cr_expect_eq(smb3_get_u64(&c), 4096u);
	cr_expect_eq(smb3_get_u32(&c), FILE_ATTRIBUTE_HIDDEN);
	cr_expect_eq(smb3_get_u32(&c), 2u, "FileNameLength");
	cr_expect_eq(smb3_get_u32(&c), 9u, "EaSize");
	cr_expect_eq(smb3_get_u8(&c), 22, "ShortNameLength");
	cr_expect_eq(smb3_get_u8(&c), 0, "Reserved1");
	cr_expect_arr_eq(smb3_get_bytes(&c, 24), "S\0H\0O\0R\0T\0~\0001\0.\0T\0X\0T\0\0\0", 24);
	smb3_get_skip(&c, 2);
	cr_expect_eq(smb3_get_u64(&c), st.ino);
	cr_expect_eq(smb3_get_u16(&c), 'x');
	cr_expect_eq(smb3_cursor_left(&c), 0u);
}

/* [MS-FSCC] 2.4.17, 2.4.19: both ids, and the short name behind them. */
Test(dir, fields_of_id_all_extd_both)
{
	struct smb3_cursor c = build(&dir_id_all_extd_both, &st, "x");

	smb3_get_skip(&c, 64);
	cr_expect_eq(smb3_get_u32(&c), 9u, "EaSize");
	cr_expect_eq(smb3_get_u32(&c), 0u, "ReparsePointTag");
	cr_expect_eq(smb3_get_u64(&c), st.ino, "FileId");
	cr_expect_eq(smb3_get_u64(&c), st.ino, "FileId128");
	cr_expect_eq(smb3_get_u64(&c), 0u);
	cr_expect_eq(smb3_get_u8(&c), 22, "ShortNameLength");
	c = build(&dir_id_64_extd_both, &st, "x");
	smb3_get_skip(&c, 72);
	cr_expect_eq(smb3_get_u64(&c), st.ino, "FileId");
	cr_expect_eq(smb3_get_u8(&c), 22, "ShortNameLength");
}

Test(dir, a_reparse_tag_stands_for_the_ea_size)
{
	struct smb3_stat link = st;
	struct smb3_cursor c;

	link.attributes = FILE_ATTRIBUTE_REPARSE_POINT;
	link.reparse_tag = IO_REPARSE_TAG_SYMLINK;
	c = build(&dir_full, &link, "x");
	smb3_get_skip(&c, 64);
	cr_expect_eq(smb3_get_u32(&c), IO_REPARSE_TAG_SYMLINK);
	c = build(&dir_id_extd, &link, "x");
	smb3_get_skip(&c, 64);
	cr_expect_eq(smb3_get_u32(&c), 9u);
	cr_expect_eq(smb3_get_u32(&c), IO_REPARSE_TAG_SYMLINK);
	cr_expect_eq(smb3_get_u64(&c), st.ino);
}
