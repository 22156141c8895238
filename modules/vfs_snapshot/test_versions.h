// SPDX-License-Identifier: Apache-2.0
/*
 * test_versions.h: a share with snapshots, and what is in them.
 */
#ifndef SNAPSHOT_TEST_VERSIONS_H
#define SNAPSHOT_TEST_VERSIONS_H

#include "vfsrig.h"

#define OLD    "@GMT-2015.10.31-19.40.30"
#define NEW    "@GMT-2020.02.29-00.00.00"
#define ABSENT "@GMT-2016.01.01-00.00.00"

/* options: of vfs_snapshot. */
struct vfsrig *snap_rig(const char *options);
/* The live share, and two snapshots of what it was. */
struct vfsrig *snap_rig_full(void);
void snap_folder(struct vfsrig *rig, const char *name);

/* A folder by its path, and what is in one; NULL with the error in *ret_err (which may be NULL). */
struct smb3_handle *snap_walk(struct vfsrig *rig, const char *path, int *ret_err);
struct smb3_handle *snap_open(struct vfsrig *rig, const char *dir, const char *name, uint32_t flags,
			      int *ret_err);
/* The text of such a file; NULL when it cannot be read. */
const char *snap_read(struct vfsrig *rig, const char *dir, const char *name, char buf[64]);
/* The names of all versions, with a space after each. */
const char *snap_versions(struct vfsrig *rig, char all[1024]);

#endif
