// SPDX-License-Identifier: Apache-2.0
/*
 * absent.h: names that are not there. Clients ask again and again for desktop.ini, .DS_Store and the like, and
 * that no entry differs from such a name only in case is learnt by reading the whole folder. It is kept for
 * as long as the folder's change time, which each new name moves, is the same; table.h has the rules.
 *
 * Only what has been looked for without case is kept: then no entry has the name with its case, either. Who
 * may not list the folder is told that the name is not there with and without what is kept.
 *
 * All functions are for any thread.
 */
#ifndef VFS_POSIX_ABSENT_H
#define VFS_POSIX_ABSENT_H

#include "table.h"

/* What has been; for tests. */
struct posix_absent_figures {
	uint64_t kept, answered;
};

/* Room for that many names; NULL for none. */
struct posix_absent *posix_absent_new(uint64_t names);
void posix_absent_free(struct posix_absent *a); /* NULL is allowed */

/* The folder of a descriptor of any kind, as it is now. */
int posix_absent_folder(int dirfd, struct posix_known_id *ret_folder);
/* Asked before the folder is read, of a folder as it was then: may it be kept that it lacks the name? */
bool posix_absent_may(const struct posix_mount *m, const struct posix_known_id *folder,
		      const struct posix_search *s);
bool posix_absent_has(const struct posix_mount *m, const struct posix_known_id *folder,
		      const struct posix_search *s);
void posix_absent_keep(const struct posix_mount *m, const struct posix_known_id *folder,
		       const struct posix_search *s);
void posix_absent_figures(const struct posix_absent *a, struct posix_absent_figures *ret_figures);

#endif
