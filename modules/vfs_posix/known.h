// SPDX-License-Identifier: Apache-2.0
/*
 * known.h: what extended attributes have said about files, kept for as long as the files are the same:
 * DOS attributes, and attributes that are not there. Whoever writes an extended attribute moves the file's
 * change time; table.h has the rules.
 *
 * All functions are for any thread.
 */
#ifndef VFS_POSIX_KNOWN_H
#define VFS_POSIX_KNOWN_H

#include "table.h"

/* Room for that many files; NULL for none. To be given to posix_table_free(). */
struct posix_table *posix_known_new(uint64_t files);

static inline struct posix_known_id posix_known_id(const struct smb3_stat *st)
{
	return (struct posix_known_id){ st->dev, st->ino, st->changed };
}

/* Asked before the attributes are read: may what they say be kept? */
bool posix_known_may(const struct posix_mount *m, const struct posix_known_id *id);
bool posix_known_dos(const struct posix_mount *m, const struct posix_known_id *id,
		     struct posix_dos *ret_dos);
void posix_known_keep_dos(const struct posix_mount *m, const struct posix_known_id *id,
			  const struct posix_dos *dos);
/* An attribute that everybody may read is not there. */
bool posix_known_lacks(const struct posix_mount *m, const struct posix_known_id *id,
		       const char *xattr);
void posix_known_keep_lack(const struct posix_mount *m, const struct posix_known_id *id,
			   const char *xattr);

#endif
