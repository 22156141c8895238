// SPDX-License-Identifier: Apache-2.0
/*
 * reparse.h: symbolic links as the wire has them. [MS-FSCC] 2.1.2.4, [MS-SMB2] 2.2.2.2.1
 */
#ifndef SMB3_REPARSE_H
#define SMB3_REPARSE_H

#include <smb3/cursor.h>
#include <smb3/fscc.h>
#include <smb3/utf16.h>

/* Where a reparse point is kept whose meaning is the clients' business: the whole
 * REPARSE_DATA_BUFFER, beside FILE_ATTRIBUTE_REPARSE_POINT in the stored attributes. */
#define SMB3_REPARSE_XATTR "user.SmbReparse"
#define SMB3_REPARSE_MAX   16384
#define SMB3_REPARSE_HEAD  8 /* ReparseTag, ReparseDataLength, Reserved */

#define SYMLINK_FLAG_RELATIVE 0x00000001u

/* SubstituteNameOffset to the end of PathBuffer, for the target of a Unix link: both names are it,
 * with backslashes. */
static inline void smb3_put_symlink(struct smb3_builder *b, const char *target)
{
	uint16_t size = (uint16_t)smb3_utf16_size(target);
	size_t at;

	smb3_put_u16(b, 0);
	smb3_put_u16(b, size);
	smb3_put_u16(b, size);
	smb3_put_u16(b, size);
	smb3_put_u32(b, *target == '/' ? 0 : SYMLINK_FLAG_RELATIVE);
	at = b->len;
	smb3_put_utf16(b, target);
	smb3_put_utf16(b, target);
	if (!smb3_builder_ok(b))
		return;
	for (; at + 1 < b->len; at += 2)
		if (b->data[at] == '/' && !b->data[at + 1])
			b->data[at] = '\\';
}

#endif
