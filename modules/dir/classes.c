// SPDX-License-Identifier: Apache-2.0
/*
 * classes.c: what an entry of a listing looks like. [MS-FSCC] 2.4.10, 2.4.14, 2.4.8, 2.4.33, 2.4.21,
 * 2.4.22, 2.4.18
 */
#include "dir.h"

#define SHORT_NAME 24

/* NextEntryOffset, FileIndex (there is none), and what all classes but one go on with. */
static void put_head(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	const struct smb3_stat *st = e->stat;

	smb3_put_zero(out, 8);
	smb3_put_times(out, st);
	smb3_put_u64(out, st->size);
	smb3_put_u64(out, st->alloc);
	smb3_put_u32(out, smb3_stat_attributes(st));
	smb3_put_u32(out, (uint32_t)smb3_utf16_size(e->name));
}

/* EaSize stands for the reparse tag where there is one. */
static void put_ea_size(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	const struct smb3_stat *st = e->stat;

	smb3_put_u32(out,
		     st->attributes & FILE_ATTRIBUTE_REPARSE_POINT ? st->reparse_tag : st->ea_size);
}

/* 8.3 names are not made. */
static void put_no_short_name(struct smb3_builder *out)
{
	smb3_put_zero(out, 2 + SHORT_NAME);
}

static void put_directory(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	put_head(e, out);
	smb3_put_utf16(out, e->name);
}

static void put_full(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	put_head(e, out);
	put_ea_size(e, out);
	smb3_put_utf16(out, e->name);
}

static void put_both(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	put_head(e, out);
	put_ea_size(e, out);
	put_no_short_name(out);
	smb3_put_utf16(out, e->name);
}

static void put_names(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	smb3_put_zero(out, 8);
	smb3_put_u32(out, (uint32_t)smb3_utf16_size(e->name));
	smb3_put_utf16(out, e->name);
}

static void put_id_both(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	put_head(e, out);
	put_ea_size(e, out);
	put_no_short_name(out);
	smb3_put_u16(out, 0); /* Reserved2 */
	smb3_put_u64(out, e->stat->ino);
	smb3_put_utf16(out, e->name);
}

static void put_id_full(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	put_head(e, out);
	put_ea_size(e, out);
	smb3_put_u32(out, 0); /* Reserved */
	smb3_put_u64(out, e->stat->ino);
	smb3_put_utf16(out, e->name);
}

static void put_extd(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	put_head(e, out);
	smb3_put_u32(out, e->stat->ea_size);
	smb3_put_u32(out, e->stat->reparse_tag);
	smb3_put_u64(out, e->stat->ino);
	smb3_put_u64(out, 0); /* upper half of FileId */
}

static void put_id_extd(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	put_extd(e, out);
	smb3_put_utf16(out, e->name);
}

static void put_id_extd_both(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	put_extd(e, out);
	put_no_short_name(out);
	smb3_put_utf16(out, e->name);
}

/* min_out is where the name starts: room for less cannot hold any entry. */

const struct smb3_info dir_directory = {
	.name = "FileDirectoryInformation",
	.min_out = 64,
	.flags = SMB3_INFO_WANTS_STAT,
	.entry = put_directory,
};

const struct smb3_info dir_full = {
	.name = "FileFullDirectoryInformation",
	.min_out = 68,
	.flags = SMB3_INFO_WANTS_STAT,
	.entry = put_full,
};

const struct smb3_info dir_both = {
	.name = "FileBothDirectoryInformation",
	.min_out = 94,
	.flags = SMB3_INFO_WANTS_STAT,
	.entry = put_both,
};

const struct smb3_info dir_names = {
	.name = "FileNamesInformation",
	.min_out = 12,
	.entry = put_names,
};

const struct smb3_info dir_id_both = {
	.name = "FileIdBothDirectoryInformation",
	.min_out = 104,
	.flags = SMB3_INFO_WANTS_STAT,
	.entry = put_id_both,
};

const struct smb3_info dir_id_full = {
	.name = "FileIdFullDirectoryInformation",
	.min_out = 80,
	.flags = SMB3_INFO_WANTS_STAT,
	.entry = put_id_full,
};

const struct smb3_info dir_id_extd = {
	.name = "FileIdExtdDirectoryInformation",
	.min_out = 88,
	.flags = SMB3_INFO_WANTS_STAT,
	.entry = put_id_extd,
};

const struct smb3_info dir_id_extd_both = {
	.name = "FileIdExtdBothDirectoryInformation",
	.min_out = 114,
	.flags = SMB3_INFO_WANTS_STAT,
	.entry = put_id_extd_both,
};
