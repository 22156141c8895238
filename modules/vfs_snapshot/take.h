// SPDX-License-Identifier: Apache-2.0
/*
 * take.h: making and removing snapshots. All is done by the server itself, with system calls: no program
 * is run, and nothing is needed that a confined server does not have.
 */
#ifndef VFS_SNAPSHOT_TAKE_H
#define VFS_SNAPSHOT_TAKE_H

#include "snap.h"

#include <linux/capability.h>
#include <sys/stat.h>

/* ---- tree.c ---- */

/* Copies the folder `from`, without what skip is, to a new folder. */
int tree_copy(int from, int to_dir, const char *name, int skip);
int tree_remove(int at, const char *name);

extern const struct smb3_snapshots snap_provider;
extern const struct smb3_ctl_command snap_ctl_list, snap_ctl_take, snap_ctl_delete;

#endif
