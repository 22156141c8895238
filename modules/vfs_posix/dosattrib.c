// SPDX-License-Identifier: Apache-2.0
/*
 * dosattrib.c: what the xattr user.DOSATTRIB holds, in the format that Samba reads and writes, so
 * that data can move both ways. It is NDR, little-endian: an ASCII string, a 16-bit version, the
 * same again as the discriminant of a union, and the version's structure, each field aligned to
 * its size (64-bit ones to 4). Before version 1 the string alone held the attributes in
 * hexadecimal. Read: all up to version 5. Written: version 4, which the most can read; with a
 * change time, version 3, the last that has one. Its size, which means nothing as the flags do not
 * name it, then holds the inode's change time at that moment.
 */
#include "posix.h"

#include <stdlib.h>
#include <string.h>

#define DOS_VALID_ATTRIBUTES 0x01
#define DOS_VALID_CREATED    0x10
#define DOS_VALID_CHANGED    0x20

#define DOS_WRITTEN      4
#define DOS_WITH_CHANGED 3

static void dos_align(struct smb3_cursor *c, size_t to)
{
	smb3_get_skip(c, -smb3_cursor_at(c) & (to - 1));
}

/* 1: attributes, EA size, size, allocation size, creation and change time */
static void dos_parse_1(struct smb3_cursor *c, struct posix_dos *dos)
{
	dos->attributes = smb3_get_u32(c);
	smb3_get_skip(c, 4);
	dos->changed_at = smb3_get_u64(c);
	smb3_get_skip(c, 8);
	dos->created = smb3_get_u64(c);
	dos->changed = smb3_get_u64(c);
	dos->has_attributes = true;
}

/* 2: the same after flags that mean nothing, with write time and a name behind */
static void dos_parse_2(struct smb3_cursor *c, struct posix_dos *dos)
{
	smb3_get_skip(c, 4);
	dos_parse_1(c, dos);
}

/* 3: the same after flags that say which fields mean something */
static void dos_parse_3(struct smb3_cursor *c, struct posix_dos *dos)
{
	uint32_t valid = smb3_get_u32(c);

	dos_parse_1(c, dos);
	dos->has_attributes = valid & DOS_VALID_ATTRIBUTES;
	dos->has_changed = valid & DOS_VALID_CHANGED;
	if (!(valid & DOS_VALID_CREATED))
		dos->created = 0;
}

/* 4 and 5: flags, attributes, (4: a second creation time,) creation time */
static void dos_parse_4(struct smb3_cursor *c, struct posix_dos *dos, uint16_t version)
{
	uint32_t valid = smb3_get_u32(c);

	dos->attributes = smb3_get_u32(c);
	if (version == 4)
		smb3_get_skip(c, 8);
	dos->created = smb3_get_u64(c);
	dos->has_attributes = valid & DOS_VALID_ATTRIBUTES;
	if (!(valid & DOS_VALID_CREATED))
		dos->created = 0;
}

static void dos_parse_version(struct smb3_cursor *c, struct posix_dos *dos)
{
	uint16_t version;

	dos_align(c, 2);
	version = smb3_get_u16(c);
	if (smb3_get_u16(c) != version)
		c->bad = true;
	dos_align(c, 4);
	switch (version) {
	case 1:
		dos_parse_1(c, dos);
		break;
	case 2:
		dos_parse_2(c, dos);
		break;
	case 3:
		dos_parse_3(c, dos);
		break;
	case 4:
	case 5:
		dos_parse_4(c, dos, version);
		break;
	default:
		c->bad = true;
	}
}

static int dos_parse_hex(const char *text, struct posix_dos *dos)
{
	char *end;
	unsigned long value = strtoul(text, &end, 16);

	if (strncmp(text, "0x", 2) || end == text + 1 || *end || value > UINT32_MAX)
		return -EINVAL;
	dos->attributes = (uint32_t)value;
	dos->has_attributes = true;
	return 0;
}

int posix_dos_parse(const void *blob, size_t len, struct posix_dos *ret_dos)
{
	struct smb3_cursor c = smb3_cursor_init(blob, len);
	struct posix_dos dos = { 0 };
	size_t text_len = strnlen(blob, len);
	char text[16];
	int err = 0;

	if (text_len >= sizeof(text))
		return -EINVAL;
	memcpy(text, blob, text_len);
	text[text_len] = '\0';
	smb3_get_skip(&c, text_len < len ? text_len + 1 : text_len);
	if (smb3_cursor_left(&c))
		dos_parse_version(&c, &dos);
	else
		err = dos_parse_hex(text, &dos);
	if (err || !smb3_cursor_ok(&c))
		return -EINVAL;
	dos.has_created = dos.created != 0;
	*ret_dos = dos;
	return 0;
}

static uint32_t dos_valid(const struct posix_dos *dos)
{
	return (dos->has_attributes ? DOS_VALID_ATTRIBUTES : 0) |
	       (dos->has_created ? DOS_VALID_CREATED : 0) |
	       (dos->has_changed ? DOS_VALID_CHANGED : 0);
}

static void dos_build_3(struct smb3_builder *b, const struct posix_dos *dos)
{
	smb3_put_u32(b, 0); /* size of EAs */
	smb3_put_u64(b, dos->changed_at);
	smb3_put_u64(b, 0); /* allocation size */
	smb3_put_u64(b, dos->has_created ? dos->created : 0);
	smb3_put_u64(b, dos->changed);
}

static void dos_build_4(struct smb3_builder *b, const struct posix_dos *dos)
{
	smb3_put_u64(b, 0);
	smb3_put_u64(b, dos->has_created ? dos->created : 0);
}

size_t posix_dos_build(const struct posix_dos *dos, uint8_t buf[POSIX_DOS_SIZE])
{
	struct smb3_builder b = smb3_builder_init(buf, POSIX_DOS_SIZE);
	uint16_t version = dos->has_changed ? DOS_WITH_CHANGED : DOS_WRITTEN;

	smb3_put_u8(&b, 0);
	smb3_put_align(&b, 2);
	smb3_put_u16(&b, version);
	smb3_put_u16(&b, version);
	smb3_put_align(&b, 4);
	smb3_put_u32(&b, dos_valid(dos));
	smb3_put_u32(&b, dos->has_attributes ? dos->attributes : 0);
	if (dos->has_changed)
		dos_build_3(&b, dos);
	else
		dos_build_4(&b, dos);
	return b.len;
}
