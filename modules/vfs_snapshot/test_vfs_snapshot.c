// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_snapshot.c: versions of a share: which there are, and that each shows its own snapshot and
 * nothing else.
 */
#include "test_versions.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- which there are ---- */

Test(snapshot, is_there_only_where_it_is_wanted)
{
	struct vfsrig *rig = vfsrig_new("\"vfs_posix\", \"vfs_snapshot\"", "", NULL);

	cr_assert_null(smb3_vfs_versioned(rig->mount));
	vfsrig_free(rig);
	rig = snap_rig("");
	cr_assert_not_null(smb3_vfs_versioned(rig->mount));
	vfsrig_free(rig);
}

Test(snapshot, no_folder_no_versions)
{
	struct vfsrig *rig = snap_rig("");
	char all[1024];
	int err;

	cr_assert_str_eq(snap_versions(rig, all), "");
	cr_assert_null(snap_walk(rig, OLD, &err));
	cr_assert_eq(err, -ENOENT);
	vfsrig_free(rig);
}

Test(snapshot, are_told_newest_first)
{
	struct vfsrig *rig = snap_rig_full();
	char all[1024];

	cr_assert_str_eq(snap_versions(rig, all), NEW " " OLD " ");
	vfsrig_free(rig);
}

Test(snapshot, are_told_as_the_options_say)
{
	struct vfsrig *rig =
		snap_rig("order = \"oldest\"; most = 2; folder = \"old/all\"; "
			 "pattern = \"^daily-(.*)\"; format = \"%Y-%m-%d\"; base = \"a/b\";");
	char all[1024], buf[64];

	snap_folder(rig, "old");
	snap_folder(rig, "old/all");
	snap_folder(rig, "old/all/daily-2001-01-01");
	snap_folder(rig, "old/all/daily-2002-01-01");
	snap_folder(rig, "old/all/daily-2003-01-01");
	snap_folder(rig, "old/all/daily-2003-01-01/a");
	snap_folder(rig, "old/all/daily-2003-01-01/a/b");
	snap_folder(rig, "old/all/weekly-2004-01-01");
	vfsrig_local(rig, "old/all/daily-2003-01-01/a/b/x", "of 2003");
	cr_assert_str_eq(snap_versions(rig, all),
			 "@GMT-2002.01.01-00.00.00 @GMT-2003.01.01-00.00.00 ");
	cr_assert_str_eq(snap_read(rig, "@GMT-2003.01.01-00.00.00", "x", buf), "of 2003");
	vfsrig_free(rig);
}

Test(snapshot, snapper)
{
	struct vfsrig *rig = snap_rig("layout = \"snapper\";");
	char all[1024], buf[64];

	snap_folder(rig, ".snapshots");
	snap_folder(rig, ".snapshots/1");
	snap_folder(rig, ".snapshots/1/snapshot");
	vfsrig_local(rig, ".snapshots/1/snapshot/x", "one");
	vfsrig_local(rig, ".snapshots/1/info.xml", "<date>2015-10-31 19:40:30</date>");
	snap_folder(rig, ".snapshots/2");
	cr_assert_str_eq(snap_versions(rig, all), OLD " ");
	cr_assert_str_eq(snap_read(rig, OLD, "x", buf), "one");
	vfsrig_free(rig);
}

Test(snapshot, come_and_go)
{
	struct vfsrig *rig = snap_rig_full();
	char all[1024], buf[64];

	cr_assert_str_eq(snap_read(rig, NEW, "plan.txt", buf), "second");
	cr_assert_eq(rename(vfsrig_path(rig, ".snapshots/" NEW),
			    vfsrig_path(rig, ".snapshots/" ABSENT)),
		     0);
	cr_assert_str_eq(snap_versions(rig, all), ABSENT " " OLD " ");
	cr_assert_null(snap_read(rig, NEW, "plan.txt", buf));
	cr_assert_str_eq(snap_read(rig, ABSENT, "plan.txt", buf), "second");
	vfsrig_free(rig);
}

/* ---- what they show ---- */

Test(snapshot, each_shows_its_own)
{
	struct vfsrig *rig = snap_rig_full();
	struct smb3_handle *dir = snap_walk(rig, OLD, NULL);
	char buf[64];

	cr_assert_str_eq(snap_read(rig, OLD, "plan.txt", buf), "first");
	cr_assert_str_eq(snap_read(rig, OLD, "PLAN.TXT", buf), "first");
	cr_assert_str_eq(snap_read(rig, OLD "/sub", "deep.txt", buf), "deep first");
	cr_assert_str_eq(snap_read(rig, OLD, "gone.txt", buf), "was here");
	cr_assert_str_eq(snap_read(rig, NEW, "plan.txt", buf), "second");
	cr_assert_null(snap_read(rig, NEW, "gone.txt", buf));
	cr_assert_str_eq(vfsrig_read(rig, "plan.txt"), "third");
	cr_assert_str_eq(vfsrig_list(rig, dir), "gone.txt plan.txt sub ");
	smb3_handle_free(dir);
	vfsrig_free(rig);
}

Test(snapshot, its_folder_is_not_seen)
{
	struct vfsrig *rig = snap_rig_full();
	int err;

	cr_assert_str_eq(vfsrig_list(rig, rig->root), "plan.txt ");
	cr_assert_null(snap_walk(rig, ".snapshots", &err));
	cr_assert_eq(err, -ENOENT);
	cr_assert_null(snap_walk(rig, ".SnapShots/" OLD, &err));
	cr_assert_null(vfsrig_open(rig, NULL, ".snapshots", SMB3_O_META, &err));
	cr_assert_eq(err, -ENOENT);
	cr_assert_eq(vfsrig_lookup(rig, ".snapshots").mode, 0);
	cr_assert_eq(vfsrig_make(rig, ".snapshots", NULL), -EACCES);
	cr_assert_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, ".snapshots", rig->root, "x",
				     0),
		     -EACCES);
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, ".snapshots", true), -EACCES);
	vfsrig_free(rig);
	rig = snap_rig("visible = true;");
	snap_folder(rig, ".snapshots");
	cr_assert_str_eq(vfsrig_list(rig, rig->root), ".snapshots ");
	vfsrig_free(rig);
}

/* A hard link has one inode in the live share and in a snapshot that is a copy of links. */
Test(snapshot, files_are_not_those_of_the_live_share)
{
	struct vfsrig *rig = snap_rig_full();
	struct smb3_handle *dir = snap_walk(rig, OLD, NULL), *h;
	struct smb3_stat live, old, found;

	cr_assert_eq(link(vfsrig_path(rig, ".snapshots/" OLD "/gone.txt"),
			  vfsrig_path(rig, "gone.txt")),
		     0);
	live = vfsrig_lookup(rig, "gone.txt");
	h = vfsrig_open(rig, dir, "gone.txt", SMB3_O_READ, NULL);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &old), 0);
	cr_assert_eq(smb3_vfs_lookup(rig->top, &rig->ctx, dir, "gone.txt", &found), 0);
	cr_assert_neq(live.ino, old.ino);
	cr_assert_neq(live.dev, old.dev);
	cr_assert_eq(found.ino, old.ino);
	cr_assert_eq(found.dev, old.dev);
	cr_assert_eq(live.size, old.size);
	smb3_handle_free(h);
	smb3_handle_free(dir);
	vfsrig_free(rig);
}

Test(snapshot, streams)
{
	struct vfsrig *rig = snap_rig_full();
	struct smb3_handle *base, *h = smb3_handle_new(rig->mount);
	const struct smb3_how how = { .flags = SMB3_O_READ }, make = { .flags = SMB3_O_CREATE };
	char buf[8] = "";

	if (setxattr(vfsrig_path(rig, ".snapshots/" OLD "/plan.txt"), "user.DosStream.bar:$DATA",
		     "baz", 4, 0))
		cr_skip_test("no extended attributes here");
	base = snap_open(rig, OLD, "plan.txt", SMB3_O_META, NULL);
	cr_assert_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, base, "bar", &how, h), 0);
	cr_assert_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 8, 0), 3);
	cr_assert_str_eq(buf, "baz");
	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, buf, 3, 0), -EROFS);
	cr_assert_eq(smb3_vfs_remove_stream(rig->top, &rig->ctx, h), -EROFS);
	smb3_handle_free(h);
	h = smb3_handle_new(rig->mount);
	cr_assert_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, base, "new", &make, h), -EROFS);
	smb3_handle_free(h);
	smb3_handle_free(base);
	vfsrig_free(rig);
}

/* ---- nothing leads out ---- */

Test(snapshot, links_stay_inside)
{
	struct vfsrig *rig = snap_rig_full();
	char buf[64];
	int err;

	cr_assert_eq(symlink("../../plan.txt", vfsrig_path(rig, ".snapshots/" OLD "/up")), 0);
	cr_assert_eq(symlink(vfsrig_path(rig, "plan.txt"),
			     vfsrig_path(rig, ".snapshots/" OLD "/absolute")),
		     0);
	cr_assert_eq(symlink("..", vfsrig_path(rig, ".snapshots/" OLD "/parent")), 0);
	cr_assert_eq(symlink("sub/deep.txt", vfsrig_path(rig, ".snapshots/" OLD "/inside")), 0);
	cr_assert_null(snap_open(rig, OLD, "up", SMB3_O_READ, &err));
	cr_assert_eq(err, -EXDEV, "%d", err);
	cr_assert_null(snap_open(rig, OLD, "absolute", SMB3_O_READ, &err));
	cr_assert_eq(err, -EXDEV, "%d", err);
	cr_assert_null(snap_walk(rig, OLD "/parent", &err));
	cr_assert_eq(err, -EXDEV, "%d", err);
	cr_assert_str_eq(snap_read(rig, OLD, "inside", buf), "deep first");
	vfsrig_free(rig);
}

Test(snapshot, a_link_is_no_snapshot)
{
	struct vfsrig *rig = snap_rig_full();
	int err;

	cr_assert_eq(symlink("/etc", vfsrig_path(rig, ".snapshots/" ABSENT)), 0);
	cr_assert_null(snap_walk(rig, ABSENT, &err));
	cr_assert_eq(err, -ENOENT, "%d", err);
	vfsrig_free(rig);
	rig = snap_rig("");
	cr_assert_eq(symlink("/etc", vfsrig_path(rig, ".snapshots")), 0);
	cr_assert_null(snap_walk(rig, OLD, &err));
	cr_assert_eq(err, -ENOENT, "%d", err);
	vfsrig_free(rig);
}

Test(snapshot, names_that_are_no_versions)
{
	struct vfsrig *rig = snap_rig_full();
	int err;

	cr_assert_null(snap_walk(rig, OLD "/" NEW, &err));
	cr_assert_eq(err, -ENOENT);
	cr_assert_null(snap_walk(rig, OLD "/..", &err));
	cr_assert_null(snap_walk(rig, "@GMT-2015.10.31-19.40.3", &err));
	cr_assert_eq(err, -ENOENT);
	snap_folder(rig, "sub");
	cr_assert_null(snap_walk(rig, "sub/" OLD, &err));
	cr_assert_eq(err, -ENOENT);
	vfsrig_free(rig);
}

/* A snapshot that is taken away while it is open. */
Test(snapshot, outlives_its_name)
{
	struct vfsrig *rig = snap_rig_full();
	struct smb3_handle *h = snap_open(rig, NEW, "plan.txt", SMB3_O_READ, NULL);
	char all[1024], buf[64] = "";

	cr_assert_eq(unlink(vfsrig_path(rig, ".snapshots/" NEW "/plan.txt")), 0);
	cr_assert_eq(rmdir(vfsrig_path(rig, ".snapshots/" NEW)), 0);
	cr_assert_str_eq(snap_versions(rig, all), OLD " ");
	cr_assert_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 63, 0), 6);
	cr_assert_str_eq(buf, "second");
	smb3_handle_free(h);
	vfsrig_free(rig);
}
