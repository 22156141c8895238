// SPDX-License-Identifier: Apache-2.0
/*
 * known.h: what extended attributes have said about files, kept for as long as the files are the same:
 * DOS attributes, and attributes that are not there.
 *
 * What is kept belongs to an inode and its change time. Whoever writes an extended attribute, by whatever
 * program, moves that time, and nobody can set it; so what was read holds while the time is the same. The
 * system's clock for it has a grain: a change in the same tick as the one before would not show. So nothing is
 * kept of a file that has been changed a moment ago. File systems that are shared with other machines, or
 * whose change times are not their own, are left out.
 *
 * All functions are for any thread.
 */
#ifndef VFS_POSIX_KNOWN_H
#define VFS_POSIX_KNOWN_H

#include "posix.h"

/* Room for that many files; NULL for none. */
struct posix_known *posix_known_new(uint64_t files);
void posix_known_free(struct posix_known *k); /* NULL is allowed */
/* The file system of this descriptor says by the change time whether anything has changed. */
bool posix_known_trusts(int fd);

/* An object as statx() has just told it; changed is the inode's own change time. */
struct posix_known_id {
	uint64_t dev, ino;
	smb3_nttime changed;
};

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
