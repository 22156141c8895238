// SPDX-License-Identifier: Apache-2.0
/*
 * classes.c: what an entry of a listing looks like. All classes but one begin alike and go on with
 * some of the same parts, in the same order; a row of the table says with which.
 * [MS-FSCC] 2.4.8, 2.4.10, 2.4.14 to 2.4.25, 2.4.33
 */
#include "dir.h"

#define SHORT_NAME 24

/* Parts behind the head, in the order of the wire. */
#define PART_EA       0x01 /* EaSize, or the reparse tag where there is one */
#define PART_EA_TAG   0x02 /* EaSize and ReparsePointTag */
#define PART_EARLY_ID 0x04 /* FileId before the short name */
#define PART_ID_128   0x08 /* FileId128 */
#define PART_SHORT    0x10 /* ShortNameLength, Reserved, ShortName */
#define PART_RESERVED 0x20 /* Reserved, as long as makes FileId aligned */
#define PART_LATE_ID  0x40 /* FileId behind it */

/* NextEntryOffset, FileIndex, times, sizes, attributes, FileNameLength */
static void put_head(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	const struct smb3_stat *st = e->stat;

	smb3_put_u32(out, 0);
	smb3_put_u32(out, e->index);
	smb3_put_times(out, st);
	smb3_put_u64(out, st->size);
	smb3_put_u64(out, st->alloc);
	smb3_put_u32(out, smb3_stat_attributes(st));
	smb3_put_u32(out, (uint32_t)smb3_utf16_size(e->name));
}

static void put_ea(const struct smb3_info_entry *e, unsigned int parts, struct smb3_builder *out)
{
	const struct smb3_stat *st = e->stat;
	bool tagged = st->attributes & FILE_ATTRIBUTE_REPARSE_POINT;

	if (parts & PART_EA)
		smb3_put_u32(out, tagged ? st->reparse_tag : st->ea_size);
	if (parts & PART_EA_TAG) {
		smb3_put_u32(out, st->ea_size);
		smb3_put_u32(out, st->reparse_tag);
	}
}

/* A name that is short itself has no other. */
static void put_short_name(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	size_t size = e->short_name ? smb3_utf16_size(e->short_name) : 0;

	if (size > SHORT_NAME)
		size = 0;
	smb3_put_u8(out, (uint8_t)size);
	smb3_put_u8(out, 0); /* Reserved */
	if (size)
		smb3_put_utf16(out, e->short_name);
	smb3_put_zero(out, SHORT_NAME - size);
}

static void put_parts(const struct smb3_info_entry *e, unsigned int parts, struct smb3_builder *out)
{
	put_head(e, out);
	put_ea(e, parts, out);
	if (parts & PART_EARLY_ID)
		smb3_put_u64(out, e->stat->ino);
	if (parts & PART_ID_128) {
		smb3_put_u64(out, e->stat->ino);
		smb3_put_u64(out, 0);
	}
	if (parts & PART_SHORT)
		put_short_name(e, out);
	if (parts & PART_RESERVED)
		smb3_put_zero(out, parts & PART_SHORT ? 2 : 4);
	if (parts & PART_LATE_ID)
		smb3_put_u64(out, e->stat->ino);
	smb3_put_utf16(out, e->name);
}

static void put_names(const struct smb3_info_entry *e, struct smb3_builder *out)
{
	smb3_put_u32(out, 0);
	smb3_put_u32(out, e->index);
	smb3_put_u32(out, (uint32_t)smb3_utf16_size(e->name));
	smb3_put_utf16(out, e->name);
}

const struct smb3_info dir_names = {
	.name = "FileNamesInformation",
	.min_out = 12,
	.entry = put_names,
};

/* offset: where the name starts; room for less cannot hold any entry. */
#define DIR_CLASS(ident, title, offset, parts)                                             \
	static void put_##ident(const struct smb3_info_entry *e, struct smb3_builder *out) \
	{                                                                                  \
		put_parts(e, parts, out);                                                  \
	}                                                                                  \
	const struct smb3_info dir_##ident = {                                             \
		.name = "File" title "Information",                                        \
		.min_out = offset,                                                         \
		.flags = SMB3_INFO_WANTS_STAT,                                             \
		.entry = put_##ident,                                                      \
	}

DIR_CLASS(directory, "Directory", 64, 0);
DIR_CLASS(full, "FullDirectory", 68, PART_EA);
DIR_CLASS(both, "BothDirectory", 94, PART_EA | PART_SHORT);
DIR_CLASS(id_both, "IdBothDirectory", 104, PART_EA | PART_SHORT | PART_RESERVED | PART_LATE_ID);
DIR_CLASS(id_full, "IdFullDirectory", 80, PART_EA | PART_RESERVED | PART_LATE_ID);
DIR_CLASS(id_extd, "IdExtdDirectory", 88, PART_EA_TAG | PART_ID_128);
DIR_CLASS(id_extd_both, "IdExtdBothDirectory", 114, PART_EA_TAG | PART_ID_128 | PART_SHORT);
DIR_CLASS(id_64_extd, "Id64ExtdDirectory", 80, PART_EA_TAG | PART_EARLY_ID);
DIR_CLASS(id_64_extd_both, "Id64ExtdBothDirectory", 106, PART_EA_TAG | PART_EARLY_ID | PART_SHORT);
DIR_CLASS(id_all_extd, "IdAllExtdDirectory", 96, PART_EA_TAG | PART_EARLY_ID | PART_ID_128);
DIR_CLASS(id_all_extd_both, "IdAllExtdBothDirectory", 122,
	  PART_EA_TAG | PART_EARLY_ID | PART_ID_128 | PART_SHORT);
