// SPDX-License-Identifier: Apache-2.0
/*
 * stat.h: an object's attributes and times as the wire has them, in the order that CREATE, CLOSE
 * and most information classes share. [MS-FSCC] 2.4.7, 2.6
 */
#ifndef SMB3_STAT_H
#define SMB3_STAT_H

#include <smb3/cursor.h>
#include <smb3/fscc.h>
#include <smb3/vfs.h>

/* Attributes that a client may choose; the others say what the object is. */
#define SMB3_ATTRIBUTES_SETTABLE                                                      \
	(FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |    \
	 FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_OFFLINE | \
	 FILE_ATTRIBUTE_NOT_CONTENT_INDEXED)

/* 0 is not sent: an object without any attribute is NORMAL. */
static inline uint32_t smb3_stat_attributes(const struct smb3_stat *st)
{
	return st->attributes ? st->attributes : FILE_ATTRIBUTE_NORMAL;
}

/* CreationTime, LastAccessTime, LastWriteTime, ChangeTime */
static inline void smb3_put_times(struct smb3_builder *b, const struct smb3_stat *st)
{
	smb3_put_u64(b, st->created);
	smb3_put_u64(b, st->accessed);
	smb3_put_u64(b, st->written);
	smb3_put_u64(b, st->changed);
}

#endif
