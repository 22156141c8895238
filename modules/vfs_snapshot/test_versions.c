// SPDX-License-Identifier: Apache-2.0
/*
 * test_versions.c: see test_versions.h.
 */
#include "test_versions.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/snapshot.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct vfsrig *snap_rig(const char *options)
{
	char share[600];

	snprintf(share, sizeof(share), "vfs_snapshot = { enabled = true; cache = \"0s\"; %s };",
		 options);
	return vfsrig_new("\"vfs_posix\", \"vfs_streams\", \"vfs_snapshot\"", share, NULL);
}

void snap_folder(struct vfsrig *rig, const char *name)
{
	cr_assert_eq(mkdir(vfsrig_path(rig, name), 0755), 0, "%s: %s", name, strerror(errno));
}

struct vfsrig *snap_rig_full(void)
{
	struct vfsrig *rig = snap_rig("");

	snap_folder(rig, ".snapshots");
	snap_folder(rig, ".snapshots/" OLD);
	snap_folder(rig, ".snapshots/" OLD "/sub");
	vfsrig_local(rig, ".snapshots/" OLD "/gone.txt", "was here");
	vfsrig_local(rig, ".snapshots/" OLD "/plan.txt", "first");
	vfsrig_local(rig, ".snapshots/" OLD "/sub/deep.txt", "deep first");
	snap_folder(rig, ".snapshots/" NEW);
	vfsrig_local(rig, ".snapshots/" NEW "/plan.txt", "second");
	snap_folder(rig, ".snapshots/notes");
	vfsrig_local(rig, "plan.txt", "third");
	return rig;
}

struct smb3_handle *snap_walk(struct vfsrig *rig, const char *path, int *ret_err)
{
	struct smb3_handle *h = smb3_handle_new(rig->mount);
	int err = smb3_vfs_walk(rig->top, &rig->ctx, rig->root, path, h);

	if (ret_err)
		*ret_err = err;
	if (!err)
		return h;
	smb3_handle_free(h);
	return NULL;
}

struct smb3_handle *snap_open(struct vfsrig *rig, const char *dir, const char *name, uint32_t flags,
			      int *ret_err)
{
	struct smb3_handle *d = snap_walk(rig, dir, ret_err), *h = NULL;

	if (d)
		h = vfsrig_open(rig, d, name, flags, ret_err);
	smb3_handle_free(d);
	return h;
}

const char *snap_read(struct vfsrig *rig, const char *dir, const char *name, char buf[64])
{
	struct smb3_handle *h = snap_open(rig, dir, name, SMB3_O_READ, NULL);
	ssize_t n = h ? smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 63, 0) : -1;

	smb3_handle_free(h);
	buf[n > 0 ? n : 0] = '\0';
	return n < 0 ? NULL : buf;
}

static bool collect(void *arg, smb3_nttime when)
{
	char name[SMB3_VERSION_NAME];
	char *all = arg;

	smb3_version_name(when, name);
	strcat(strcat(all, name), " ");
	return true;
}

const char *snap_versions(struct vfsrig *rig, char all[1024])
{
	struct smb3_vfs *layer = smb3_vfs_versioned(rig->mount);

	*all = '\0';
	cr_assert_not_null(layer);
	cr_assert_eq(layer->ops->versions(layer, &rig->ctx, collect, all), 0);
	return all;
}
