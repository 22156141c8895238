// SPDX-License-Identifier: Apache-2.0
/*
 * snapshot.h: a row of kind SNAPSHOTS takes previous versions of shares, when a script or an
 * administrator asks for one.
 */
#ifndef SMB3_SNAPSHOT_H
#define SMB3_SNAPSHOT_H

#include <smb3/base.h>

struct smb3_snapshots {
	const char *name; /* "btrfs" */
	/* Whether it is this row that takes them of that share; NULL: of every share. Any thread. */
	bool (*wanted)(const struct smb3_mod *mod, const struct smb3_share *share);
	/* Takes one now, as the server, on the I/O pool. label says what for; ret_name is what it is
	 * called. 0, or a negative errno. */
	int (*take)(struct smb3_mod *mod, struct smb3_share *share, const char *label,
		    char *ret_name, size_t size);
};

#endif
