// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_snapshot.c: versions of a share: which there are, that each shows its own snapshot and
 * nothing else, and that nothing of them can be changed.
 */
#include "vfsrig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <smb3/fscc.h>
#include <smb3/snapshot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OLD    "@GMT-2015.10.31-19.40.30"
#define NEW    "@GMT-2020.02.29-00.00.00"
#define ABSENT "@GMT-2016.01.01-00.00.00"

static struct vfsrig *rig_with(const char *options)
{
	char share[600];

	snprintf(share, sizeof(share), "vfs_snapshot = { enabled = true; cache = \"0s\"; %s };",
		 options);
	return vfsrig_new("\"vfs_posix\", \"vfs_streams\", \"vfs_snapshot\"", share, NULL);
}

static void folder(struct vfsrig *rig, const char *name)
{
	cr_assert_eq(mkdir(vfsrig_path(rig, name), 0755), 0, "%s: %s", name, strerror(errno));
}

static void file(struct vfsrig *rig, const char *name, const char *text)
{
	int fd = open(vfsrig_path(rig, name), O_WRONLY | O_CREAT | O_EXCL, 0644);

	cr_assert_geq(fd, 0, "%s: %s", name, strerror(errno));
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* The live share, and two snapshots of what it was. */
static struct vfsrig *rig_full(void)
{
	struct vfsrig *rig = rig_with("");

	folder(rig, ".snapshots");
	folder(rig, ".snapshots/" OLD);
	folder(rig, ".snapshots/" OLD "/sub");
	file(rig, ".snapshots/" OLD "/gone.txt", "was here");
	file(rig, ".snapshots/" OLD "/plan.txt", "first");
	file(rig, ".snapshots/" OLD "/sub/deep.txt", "deep first");
	folder(rig, ".snapshots/" NEW);
	file(rig, ".snapshots/" NEW "/plan.txt", "second");
	folder(rig, ".snapshots/notes");
	file(rig, "plan.txt", "third");
	return rig;
}

/* A folder by its path. */
static struct smb3_handle *walk(struct vfsrig *rig, const char *path, int *ret_err)
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

static struct smb3_handle *open_at(struct vfsrig *rig, const char *dir, const char *name,
				   uint32_t flags, int *ret_err)
{
	struct smb3_handle *d = walk(rig, dir, ret_err), *h = NULL;

	if (d)
		h = vfsrig_open(rig, d, name, flags, ret_err);
	smb3_handle_free(d);
	return h;
}

static const char *read_at(struct vfsrig *rig, const char *dir, const char *name, char buf[64])
{
	struct smb3_handle *h = open_at(rig, dir, name, SMB3_O_READ, NULL);
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

static const char *versions(struct vfsrig *rig, char all[1024])
{
	struct smb3_vfs *layer = smb3_vfs_versioned(rig->mount);

	*all = '\0';
	cr_assert_not_null(layer);
	cr_assert_eq(layer->ops->versions(layer, &rig->ctx, collect, all), 0);
	return all;
}

/* ---- which there are ---- */

Test(snapshot, is_there_only_where_it_is_wanted)
{
	struct vfsrig *rig = vfsrig_new("\"vfs_posix\", \"vfs_snapshot\"", "", NULL);

	cr_assert_null(smb3_vfs_versioned(rig->mount));
	vfsrig_free(rig);
	rig = rig_with("");
	cr_assert_not_null(smb3_vfs_versioned(rig->mount));
	vfsrig_free(rig);
}

Test(snapshot, no_folder_no_versions)
{
	struct vfsrig *rig = rig_with("");
	char all[1024];
	int err;

	cr_assert_str_eq(versions(rig, all), "");
	cr_assert_null(walk(rig, OLD, &err));
	cr_assert_eq(err, -ENOENT);
	vfsrig_free(rig);
}

Test(snapshot, are_told_newest_first)
{
	struct vfsrig *rig = rig_full();
	char all[1024];

	cr_assert_str_eq(versions(rig, all), NEW " " OLD " ");
	vfsrig_free(rig);
}

Test(snapshot, are_told_as_the_options_say)
{
	struct vfsrig *rig =
		rig_with("order = \"oldest\"; most = 2; folder = \"old/all\"; "
			 "pattern = \"^daily-(.*)\"; format = \"%Y-%m-%d\"; base = \"a/b\";");
	char all[1024], buf[64];

	folder(rig, "old");
	folder(rig, "old/all");
	folder(rig, "old/all/daily-2001-01-01");
	folder(rig, "old/all/daily-2002-01-01");
	folder(rig, "old/all/daily-2003-01-01");
	folder(rig, "old/all/daily-2003-01-01/a");
	folder(rig, "old/all/daily-2003-01-01/a/b");
	folder(rig, "old/all/weekly-2004-01-01");
	file(rig, "old/all/daily-2003-01-01/a/b/x", "of 2003");
	cr_assert_str_eq(versions(rig, all), "@GMT-2002.01.01-00.00.00 @GMT-2003.01.01-00.00.00 ");
	cr_assert_str_eq(read_at(rig, "@GMT-2003.01.01-00.00.00", "x", buf), "of 2003");
	vfsrig_free(rig);
}

Test(snapshot, snapper)
{
	struct vfsrig *rig = rig_with("layout = \"snapper\";");
	char all[1024], buf[64];

	folder(rig, ".snapshots");
	folder(rig, ".snapshots/1");
	folder(rig, ".snapshots/1/snapshot");
	file(rig, ".snapshots/1/snapshot/x", "one");
	file(rig, ".snapshots/1/info.xml", "<date>2015-10-31 19:40:30</date>");
	folder(rig, ".snapshots/2");
	cr_assert_str_eq(versions(rig, all), OLD " ");
	cr_assert_str_eq(read_at(rig, OLD, "x", buf), "one");
	vfsrig_free(rig);
}

Test(snapshot, come_and_go)
{
	struct vfsrig *rig = rig_full();
	char all[1024], buf[64];

	cr_assert_str_eq(read_at(rig, NEW, "plan.txt", buf), "second");
	cr_assert_eq(rename(vfsrig_path(rig, ".snapshots/" NEW),
			    vfsrig_path(rig, ".snapshots/" ABSENT)),
		     0);
	cr_assert_str_eq(versions(rig, all), ABSENT " " OLD " ");
	cr_assert_null(read_at(rig, NEW, "plan.txt", buf));
	cr_assert_str_eq(read_at(rig, ABSENT, "plan.txt", buf), "second");
	vfsrig_free(rig);
}

/* ---- what they show ---- */

Test(snapshot, each_shows_its_own)
{
	struct vfsrig *rig = rig_full();
	struct smb3_handle *dir = walk(rig, OLD, NULL);
	char buf[64];

	cr_assert_str_eq(read_at(rig, OLD, "plan.txt", buf), "first");
	cr_assert_str_eq(read_at(rig, OLD, "PLAN.TXT", buf), "first");
	cr_assert_str_eq(read_at(rig, OLD "/sub", "deep.txt", buf), "deep first");
	cr_assert_str_eq(read_at(rig, OLD, "gone.txt", buf), "was here");
	cr_assert_str_eq(read_at(rig, NEW, "plan.txt", buf), "second");
	cr_assert_null(read_at(rig, NEW, "gone.txt", buf));
	cr_assert_str_eq(vfsrig_read(rig, "plan.txt"), "third");
	cr_assert_str_eq(vfsrig_list(rig, dir), "gone.txt plan.txt sub ");
	smb3_handle_free(dir);
	vfsrig_free(rig);
}

Test(snapshot, its_folder_is_not_seen)
{
	struct vfsrig *rig = rig_full();
	int err;

	cr_assert_str_eq(vfsrig_list(rig, rig->root), "plan.txt ");
	cr_assert_null(walk(rig, ".snapshots", &err));
	cr_assert_eq(err, -ENOENT);
	cr_assert_null(walk(rig, ".SnapShots/" OLD, &err));
	cr_assert_null(vfsrig_open(rig, NULL, ".snapshots", SMB3_O_META, &err));
	cr_assert_eq(err, -ENOENT);
	cr_assert_eq(vfsrig_lookup(rig, ".snapshots").mode, 0);
	cr_assert_eq(vfsrig_make(rig, ".snapshots", NULL), -EACCES);
	cr_assert_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, ".snapshots", rig->root, "x",
				     0),
		     -EACCES);
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, ".snapshots", true), -EACCES);
	vfsrig_free(rig);
	rig = rig_with("visible = true;");
	folder(rig, ".snapshots");
	cr_assert_str_eq(vfsrig_list(rig, rig->root), ".snapshots ");
	vfsrig_free(rig);
}

/* A hard link has one inode in the live share and in a snapshot that is a copy of links. */
Test(snapshot, files_are_not_those_of_the_live_share)
{
	struct vfsrig *rig = rig_full();
	struct smb3_handle *dir = walk(rig, OLD, NULL), *h;
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
	struct vfsrig *rig = rig_full();
	struct smb3_handle *base, *h = smb3_handle_new(rig->mount);
	const struct smb3_how how = { .flags = SMB3_O_READ }, make = { .flags = SMB3_O_CREATE };
	char buf[8] = "";

	if (setxattr(vfsrig_path(rig, ".snapshots/" OLD "/plan.txt"), "user.DosStream.bar:$DATA",
		     "baz", 4, 0))
		cr_skip_test("no extended attributes here");
	base = open_at(rig, OLD, "plan.txt", SMB3_O_META, NULL);
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
	struct vfsrig *rig = rig_full();
	char buf[64];
	int err;

	cr_assert_eq(symlink("../../plan.txt", vfsrig_path(rig, ".snapshots/" OLD "/up")), 0);
	cr_assert_eq(symlink(vfsrig_path(rig, "plan.txt"),
			     vfsrig_path(rig, ".snapshots/" OLD "/absolute")),
		     0);
	cr_assert_eq(symlink("..", vfsrig_path(rig, ".snapshots/" OLD "/parent")), 0);
	cr_assert_eq(symlink("sub/deep.txt", vfsrig_path(rig, ".snapshots/" OLD "/inside")), 0);
	cr_assert_null(open_at(rig, OLD, "up", SMB3_O_READ, &err));
	cr_assert_eq(err, -EXDEV, "%d", err);
	cr_assert_null(open_at(rig, OLD, "absolute", SMB3_O_READ, &err));
	cr_assert_eq(err, -EXDEV, "%d", err);
	cr_assert_null(walk(rig, OLD "/parent", &err));
	cr_assert_eq(err, -EXDEV, "%d", err);
	cr_assert_str_eq(read_at(rig, OLD, "inside", buf), "deep first");
	vfsrig_free(rig);
}

Test(snapshot, a_link_is_no_snapshot)
{
	struct vfsrig *rig = rig_full();
	int err;

	cr_assert_eq(symlink("/etc", vfsrig_path(rig, ".snapshots/" ABSENT)), 0);
	cr_assert_null(walk(rig, ABSENT, &err));
	cr_assert_eq(err, -ENOENT, "%d", err);
	vfsrig_free(rig);
	rig = rig_with("");
	cr_assert_eq(symlink("/etc", vfsrig_path(rig, ".snapshots")), 0);
	cr_assert_null(walk(rig, OLD, &err));
	cr_assert_eq(err, -ENOENT, "%d", err);
	vfsrig_free(rig);
}

Test(snapshot, names_that_are_no_versions)
{
	struct vfsrig *rig = rig_full();
	int err;

	cr_assert_null(walk(rig, OLD "/" NEW, &err));
	cr_assert_eq(err, -ENOENT);
	cr_assert_null(walk(rig, OLD "/..", &err));
	cr_assert_null(walk(rig, "@GMT-2015.10.31-19.40.3", &err));
	cr_assert_eq(err, -ENOENT);
	folder(rig, "sub");
	cr_assert_null(walk(rig, "sub/" OLD, &err));
	cr_assert_eq(err, -ENOENT);
	vfsrig_free(rig);
}

/* ---- nothing changes ---- */

Test(snapshot, cannot_be_written)
{
	struct vfsrig *rig = rig_full();
	struct smb3_setattr set = { .mask = SMB3_SET_WRITTEN, .written = 132000000000000000 };
	struct smb3_handle *h;
	char buf[64];

	h = open_at(rig, OLD, "plan.txt", SMB3_O_READ | SMB3_O_WRITE, NULL);
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
	cr_assert_str_eq(read_at(rig, OLD, "plan.txt", buf), "first");
	vfsrig_free(rig);
}

Test(snapshot, names_cannot_be_changed)
{
	struct vfsrig *rig = rig_full();
	struct smb3_handle *dir = walk(rig, OLD, NULL);
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
	struct vfsrig *rig = rig_full();
	const struct smb3_ctx *ctx = &rig->ctx;
	struct smb3_handle *h;

	folder(rig, "sub");
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
	struct vfsrig *rig = rig_full();
	const struct smb3_ctx *ctx = &rig->ctx;
	const uint32_t create = SMB3_O_CREATE | SMB3_O_DIRECTORY;
	struct smb3_handle *self, *h;
	struct smb3_stat st;
	int err;

	folder(rig, "sub");
	folder(rig, "sub/.snapshots");
	file(rig, "sub/.snapshots/own.txt", "own");
	cr_assert_eq(smb3_vfs_make(rig->top, ctx, rig->root, "self", S_IFLNK, 0, "."), 0);
	cr_assert_eq(symlink("..", vfsrig_path(rig, "sub/up")), 0);
	for (const char *const *p =
		     (const char *const[]){ "self/.snapshots", "self/.Snapshots/" OLD,
					    "sub/up/.snapshots", "sub/up/self/self/.snapshots/" OLD,
					    "sub/.snapshots/../.snapshots", "self/self/.snapshots",
					    NULL };
	     *p; p++)
		cr_expect_null(walk(rig, *p, &err), "%s", *p);
	self = walk(rig, "self", NULL);
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
	h = walk(rig, "sub", NULL);
	cr_expect_str_eq(vfsrig_list(rig, h), ".snapshots up ");
	smb3_handle_free(h);
	h = walk(rig, "self/sub/.snapshots", NULL);
	cr_assert_not_null(h, "a folder of this name elsewhere is any folder");
	cr_expect_str_eq(vfsrig_list(rig, h), "own.txt ");
	smb3_handle_free(h);
	vfsrig_free(rig);
}

/* A handle of a version means nothing to the layers below: no operation may be passed on unseen. Those
 * without a handle may. */
Test(snapshot, answers_every_operation)
{
	struct vfsrig *rig = rig_with("");
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
	struct vfsrig *rig = rig_full();
	struct smb3_handle *from = open_at(rig, OLD, "gone.txt", SMB3_O_READ, NULL);
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
	struct vfsrig *rig = rig_full();
	struct smb3_handle *dir = walk(rig, OLD, NULL);
	struct smb3_fsinfo info;

	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, dir, &info), 0);
	cr_assert(info.features & FILE_READ_ONLY_VOLUME);
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	cr_assert_not(info.features & FILE_READ_ONLY_VOLUME);
	smb3_handle_free(dir);
	vfsrig_free(rig);
}

/* ---- taking ---- */

Test(snapshot, taken_and_removed)
{
	struct vfsrig *rig = rig_with("take = \"copy\"; keep = 1;");
	const struct smb3_snapshots *row =
		smb3_row_name(rig->server, SMB3_KIND_SNAPSHOTS, "vfs_snapshot");
	struct smb3_mod *mod = smb3_module_of(rig->server, row);
	char first[64] = "", second[64] = "", all[1024], buf[64];

	folder(rig, "sub");
	file(rig, "sub/a.txt", "one");
	cr_assert_eq(symlink("sub/a.txt", vfsrig_path(rig, "link")), 0);
	cr_assert(row->wanted(mod, rig->share));
	cr_assert_eq(row->take(mod, rig->share, "test", first, sizeof(first)), 0);
	cr_assert_str_eq(read_at(rig, first, "link", buf), "one");
	cr_assert_eq(row->take(mod, rig->share, "test", second, sizeof(second)), 0);
	cr_assert_str_neq(first, second);
	cr_assert_null(read_at(rig, first, "link", buf), "keep = 1");
	cr_assert_eq(row->remove(mod, rig->share, smb3_version_parse(first, strlen(first))),
		     -ENOENT);
	cr_assert_eq(row->remove(mod, rig->share, smb3_version_parse(second, strlen(second))), 0);
	cr_assert_str_eq(versions(rig, all), "");
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
	struct vfsrig *rig = rig_with("take = \"copy\";");
	const struct smb3_snapshots *row =
		smb3_row_name(rig->server, SMB3_KIND_SNAPSHOTS, "vfs_snapshot");
	struct smb3_mod *mod = smb3_module_of(rig->server, row);
	char name[64] = "", all[1024], buf[64];

	folder(rig, "deep");
	nest(rig, "deep", 140);
	file(rig, "plan.txt", "plan");
	cr_assert_eq(row->take(mod, rig->share, "test", name, sizeof(name)), 0);
	cr_expect_str_eq(read_at(rig, name, "plan.txt", buf), "plan");
	cr_assert_eq(row->remove(mod, rig->share, smb3_version_parse(name, strlen(name))), 0);
	folder(rig, ".snapshots/" OLD);
	folder(rig, ".snapshots/" OLD "/0");
	nest(rig, ".snapshots/" OLD, 600);
	cr_assert_eq(row->remove(mod, rig->share, smb3_version_parse(OLD, strlen(OLD))), 0);
	cr_expect_str_eq(versions(rig, all), "");
	cr_expect_neq(access(vfsrig_path(rig, ".snapshots/.unfinished"), F_OK), 0);
	vfsrig_free(rig);
}

/* A snapshot that is taken away while it is open. */
Test(snapshot, outlives_its_name)
{
	struct vfsrig *rig = rig_full();
	struct smb3_handle *h = open_at(rig, NEW, "plan.txt", SMB3_O_READ, NULL);
	char all[1024], buf[64] = "";

	cr_assert_eq(unlink(vfsrig_path(rig, ".snapshots/" NEW "/plan.txt")), 0);
	cr_assert_eq(rmdir(vfsrig_path(rig, ".snapshots/" NEW)), 0);
	cr_assert_str_eq(versions(rig, all), OLD " ");
	cr_assert_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 63, 0), 6);
	cr_assert_str_eq(buf, "second");
	smb3_handle_free(h);
	vfsrig_free(rig);
}
