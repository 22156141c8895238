// SPDX-License-Identifier: Apache-2.0
/*
 * test_unchanged.c: nothing of a snapshot can be changed, by whatever way it is reached.
 */
#include "test_versions.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <smb3/fscc.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

Test(snapshot, cannot_be_written)
{
	struct vfsrig *rig = snap_rig_full();
	struct smb3_setattr set = { .mask = SMB3_SET_WRITTEN, .written = 132000000000000000 };
	struct smb3_handle *h;
	char buf[64];

	h = snap_open(rig, OLD, "plan.txt", SMB3_O_READ | SMB3_O_WRITE, NULL);
	cr_assert_not_null(h, "who could write the live file may open it so");
	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, 0), -EROFS);
	cr_assert_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 0), -EROFS);
	cr_assert_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 0, 4096, 0), -EROFS);
	cr_assert_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &set), -EROFS);
	cr_assert_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.x", "y", 1), -EROFS);
	cr_assert_eq(smb3_vfs_flush(rig->top, &rig->ctx, h), -EROFS);
	cr_assert_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "linked"), -EROFS);
	cr_assert_eq(smb3_vfs_copy(rig->top, &rig->ctx, h, 0, h, 8, 1, 0), -EROFS);
	smb3_handle_free(h);
	cr_assert_str_eq(snap_read(rig, OLD, "plan.txt", buf), "first");
	vfsrig_free(rig);
}

Test(snapshot, names_cannot_be_changed)
{
	struct vfsrig *rig = snap_rig_full();
	struct smb3_handle *dir = snap_walk(rig, OLD, NULL);
	const struct smb3_ctx *ctx = &rig->ctx;
	int err;

	cr_assert_null(vfsrig_open(rig, dir, "new.txt", SMB3_O_CREATE | SMB3_O_WRITE, &err));
	cr_assert_eq(err, -EROFS);
	cr_assert_null(vfsrig_open(rig, dir, "new", SMB3_O_CREATE | SMB3_O_DIRECTORY, &err));
	cr_assert_eq(err, -EROFS);
	cr_assert_eq(smb3_vfs_remove(rig->top, ctx, dir, "gone.txt", false), -EROFS);
	cr_assert_eq(smb3_vfs_rename(rig->top, ctx, dir, "gone.txt", dir, "x", 0), -EROFS);
	cr_assert_eq(smb3_vfs_rename(rig->top, ctx, dir, "gone.txt", rig->root, "x", 0), -EROFS);
	cr_assert_eq(smb3_vfs_rename(rig->top, ctx, rig->root, "plan.txt", dir, "x", 0), -EROFS);
	cr_assert_eq(smb3_vfs_make(rig->top, ctx, dir, "x", S_IFLNK, 0, "gone.txt"), -EROFS);
	cr_assert_eq(vfsrig_make(rig, OLD, NULL), -EEXIST);
	cr_assert_eq(vfsrig_make(rig, ABSENT, NULL), -EACCES);
	cr_assert_eq(smb3_vfs_remove(rig->top, ctx, rig->root, OLD, true), -EROFS);
	cr_assert_eq(smb3_vfs_rename(rig->top, ctx, rig->root, "plan.txt", rig->root, ABSENT, 0),
		     -EROFS);
	cr_assert_str_eq(vfsrig_list(rig, dir), "gone.txt plan.txt sub ");
	smb3_handle_free(dir);
	vfsrig_free(rig);
}

/* By a link they would be reached as ordinary folders. */
Test(snapshot, no_link_leads_to_its_folder)
{
	struct vfsrig *rig = snap_rig_full();
	const struct smb3_ctx *ctx = &rig->ctx;
	struct smb3_handle *h;

	snap_folder(rig, "sub");
	cr_assert_eq(smb3_vfs_make(rig->top, ctx, rig->root, "x", S_IFLNK, 0, ".snapshots"),
		     -EOPNOTSUPP);
	cr_assert_eq(smb3_vfs_make(rig->top, ctx, rig->root, "x", S_IFLNK, 0,
				   "sub/../.snapshots/" OLD),
		     -EOPNOTSUPP);
	cr_assert_eq(smb3_vfs_make(rig->top, ctx, rig->root, "x", S_IFLNK, 0, ".snapshots2"), 0);
	h = vfsrig_open(rig, NULL, "plan.txt", SMB3_O_META, NULL);
	cr_assert_eq(smb3_vfs_become(rig->top, ctx, rig->root, "plan.txt", h, "./.snapshots"),
		     -EOPNOTSUPP);
	smb3_handle_free(h);
	vfsrig_free(rig);
}

/* Whoever comes back to the share's folder by a link does not see it there either. */
Test(snapshot, no_link_to_the_root_shows_its_folder)
{
	struct vfsrig *rig = snap_rig_full();
	const struct smb3_ctx *ctx = &rig->ctx;
	const uint32_t create = SMB3_O_CREATE | SMB3_O_DIRECTORY;
	struct smb3_handle *self, *h;
	struct smb3_stat st;
	int err;

	snap_folder(rig, "sub");
	snap_folder(rig, "sub/.snapshots");
	vfsrig_local(rig, "sub/.snapshots/own.txt", "own");
	cr_assert_eq(smb3_vfs_make(rig->top, ctx, rig->root, "self", S_IFLNK, 0, "."), 0);
	cr_assert_eq(symlink("..", vfsrig_path(rig, "sub/up")), 0);
	for (const char *const *p =
		     (const char *const[]){ "self/.snapshots", "self/.Snapshots/" OLD,
					    "sub/up/.snapshots", "sub/up/self/self/.snapshots/" OLD,
					    "sub/.snapshots/../.snapshots", "self/self/.snapshots",
					    NULL };
	     *p; p++)
		cr_expect_null(snap_walk(rig, *p, &err), "%s", *p);
	self = snap_walk(rig, "self", NULL);
	cr_expect_str_eq(vfsrig_list(rig, self), "plan.txt self sub ");
	cr_expect_null(vfsrig_open(rig, self, ".snapshots", SMB3_O_META, &err));
	cr_expect_eq(err, -ENOENT);
	cr_expect_null(vfsrig_open(rig, self, ".snapshots", create, &err));
	cr_expect_eq(err, -EACCES);
	cr_expect_eq(smb3_vfs_lookup(rig->top, ctx, self, ".snapshots", &st), -ENOENT);
	cr_expect_eq(smb3_vfs_rename(rig->top, ctx, self, ".snapshots", rig->root, "x", 0),
		     -EACCES);
	cr_expect_eq(smb3_vfs_rename(rig->top, ctx, rig->root, "sub", self, ".snapshots", 0),
		     -EACCES);
	cr_expect_eq(smb3_vfs_remove(rig->top, ctx, self, ".snapshots", true), -EACCES);
	smb3_handle_free(self);
	h = snap_walk(rig, "sub", NULL);
	cr_expect_str_eq(vfsrig_list(rig, h), ".snapshots up ");
	smb3_handle_free(h);
	h = snap_walk(rig, "self/sub/.snapshots", NULL);
	cr_assert_not_null(h, "a folder of this name elsewhere is any folder");
	cr_expect_str_eq(vfsrig_list(rig, h), "own.txt ");
	smb3_handle_free(h);
	vfsrig_free(rig);
}

/* A handle of a version means nothing to the layers below: no operation may be passed on unseen. Those
 * without a handle may. */
Test(snapshot, answers_every_operation)
{
	struct vfsrig *rig = snap_rig("");
	const struct smb3_vfs_ops *ops = smb3_vfs_versioned(rig->mount)->ops;
	const size_t from = offsetof(struct smb3_vfs_ops, root) / sizeof(void *);
	const size_t names[] = { offsetof(struct smb3_vfs_ops, short_name),
				 offsetof(struct smb3_vfs_ops, client_name) };
	void *all[sizeof(*ops) / sizeof(void *)];

	memcpy(all, ops, sizeof(all));
	for (size_t i = from; i < SMB3_ARRAY_SIZE(all); i++)
		cr_assert(all[i] || i * sizeof(void *) == names[0] ||
				  i * sizeof(void *) == names[1],
			  "operation %zu", i - from);
	vfsrig_free(rig);
}

Test(snapshot, can_be_copied_from)
{
	struct vfsrig *rig = snap_rig_full();
	struct smb3_handle *from = snap_open(rig, OLD, "gone.txt", SMB3_O_READ, NULL);
	struct smb3_handle *to =
		vfsrig_open(rig, NULL, "back.txt", SMB3_O_CREATE | SMB3_O_WRITE, NULL);

	cr_assert_eq(smb3_vfs_copy(rig->top, &rig->ctx, from, 0, to, 0, 100, 0), 8);
	cr_assert_eq(smb3_vfs_copy(rig->top, &rig->ctx, from, 0, to, 0, 100, SMB3_COPY_CLONE),
		     -EOPNOTSUPP);
	smb3_handle_free(from);
	smb3_handle_free(to);
	cr_assert_str_eq(vfsrig_read(rig, "back.txt"), "was here");
	vfsrig_free(rig);
}

Test(snapshot, is_a_volume_that_cannot_be_written)
{
	struct vfsrig *rig = snap_rig_full();
	struct smb3_handle *dir = snap_walk(rig, OLD, NULL);
	struct smb3_fsinfo info;

	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, dir, &info), 0);
	cr_assert(info.features & FILE_READ_ONLY_VOLUME);
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	cr_assert_not(info.features & FILE_READ_ONLY_VOLUME);
	smb3_handle_free(dir);
	vfsrig_free(rig);
}
