// SPDX-License-Identifier: Apache-2.0
/*
 * test_take.c: snapshots are taken and removed, whatever is in the share.
 */
#include "test_versions.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <smb3/snapshot.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Test(snapshot, taken_and_removed)
{
	struct vfsrig *rig = snap_rig("take = \"copy\"; keep = 1;");
	const struct smb3_snapshots *row =
		smb3_row_name(rig->server, SMB3_KIND_SNAPSHOTS, "vfs_snapshot");
	struct smb3_mod *mod = smb3_module_of(rig->server, row);
	char first[64] = "", second[64] = "", all[1024], buf[64];

	snap_folder(rig, "sub");
	vfsrig_local(rig, "sub/a.txt", "one");
	cr_assert_eq(symlink("sub/a.txt", vfsrig_path(rig, "link")), 0);
	cr_assert(row->wanted(mod, rig->share));
	cr_assert_eq(row->take(mod, rig->share, "test", first, sizeof(first)), 0);
	cr_assert_str_eq(snap_read(rig, first, "link", buf), "one");
	cr_assert_eq(row->take(mod, rig->share, "test", second, sizeof(second)), 0);
	cr_assert_str_neq(first, second);
	cr_assert_null(snap_read(rig, first, "link", buf), "keep = 1");
	cr_assert_eq(row->remove(mod, rig->share, smb3_version_parse(first, strlen(first))),
		     -ENOENT);
	cr_assert_eq(row->remove(mod, rig->share, smb3_version_parse(second, strlen(second))), 0);
	cr_assert_str_eq(snap_versions(rig, all), "");
	vfsrig_free(rig);
}

/* Folders in one another, called "d"; a file in the last one. */
static void nest(struct vfsrig *rig, const char *name, unsigned int depth)
{
	int at = open(vfsrig_path(rig, name), O_RDONLY | O_DIRECTORY), next;

	cr_assert_geq(at, 0);
	for (unsigned int i = 0; i < depth; i++) {
		cr_assert_eq(mkdirat(at, "d", 0755), 0);
		next = openat(at, "d", O_RDONLY | O_DIRECTORY);
		cr_assert_geq(next, 0);
		close(at);
		at = next;
	}
	next = openat(at, "f", O_WRONLY | O_CREAT, 0644);
	cr_assert_geq(next, 0);
	close(next);
	close(at);
}

/* Anybody can make folders in one another: they do not keep anything from being taken, or removed. */
Test(snapshot, folders_too_deep)
{
	struct vfsrig *rig = snap_rig("take = \"copy\";");
	const struct smb3_snapshots *row =
		smb3_row_name(rig->server, SMB3_KIND_SNAPSHOTS, "vfs_snapshot");
	struct smb3_mod *mod = smb3_module_of(rig->server, row);
	char name[64] = "", all[1024], buf[64];

	snap_folder(rig, "deep");
	nest(rig, "deep", 140);
	vfsrig_local(rig, "plan.txt", "plan");
	cr_assert_eq(row->take(mod, rig->share, "test", name, sizeof(name)), 0);
	cr_expect_str_eq(snap_read(rig, name, "plan.txt", buf), "plan");
	cr_assert_eq(row->remove(mod, rig->share, smb3_version_parse(name, strlen(name))), 0);
	snap_folder(rig, ".snapshots/" OLD);
	snap_folder(rig, ".snapshots/" OLD "/0");
	nest(rig, ".snapshots/" OLD, 600);
	cr_assert_eq(row->remove(mod, rig->share, smb3_version_parse(OLD, strlen(OLD))), 0);
	cr_expect_str_eq(snap_versions(rig, all), "");
	cr_expect_neq(access(vfsrig_path(rig, ".snapshots/.unfinished"), F_OK), 0);
	vfsrig_free(rig);
}
