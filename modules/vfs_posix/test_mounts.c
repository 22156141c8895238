// SPDX-License-Identifier: Apache-2.0
/*
 * test_mounts.c: file systems that are full, read-only or poor. Each test mounts one in a mount
 * namespace of its own, so it needs root and is skipped elsewhere.
 */
#include "test_rig.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static char place[80];

/* The share is a new file system; false when this machine does not let us. */
static bool begin(const char *type, const char *options)
{
	const char *tmp = getenv("TMPDIR");
	char share[128];

	snprintf(place, sizeof(place), "%.50s/smb3m.XXXXXX", tmp ? tmp : "/tmp");
	cr_assert(mkdtemp(place));
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("test", place, type, 0, options)) {
		rmdir(place);
		return false;
	}
	chmod(place, 0755);
	snprintf(share, sizeof(share), "path = \"%s\";", place);
	rig = vfsrig_new("\"vfs_posix\"", share, NULL);
	return true;
}

/* A server lays down the capability that mounting needs. */
static int mount_raised(const char *type, const char *at, unsigned long flags, const char *options)
{
	uint64_t raised = smb3_caps_raise(SMB3_CAP(CAP_SYS_ADMIN));
	int result = mount("test", at, type, flags, options);

	smb3_caps_lower(raised);
	return result;
}

static void end(void)
{
	uint64_t raised;

	vfsrig_free(rig);
	raised = smb3_caps_raise(SMB3_CAP(CAP_SYS_ADMIN));
	umount2(place, MNT_DETACH);
	smb3_caps_lower(raised);
	rmdir(place);
}

#define BEGIN(type, options)                                              \
	do {                                                              \
		if (!begin(type, options))                                \
			cr_skip_test("mounting " type " is not allowed"); \
	} while (0)

static const char *in_place(const char *name)
{
	return smb3_arena_printf(rig->ctx.arena, "%s/%s", place, name);
}

Test(mounts, a_full_disk)
{
	static char block[256 * 1024];
	struct smb3_handle *h;
	uint64_t written = 0;
	ssize_t n;

	BEGIN("tmpfs", "size=1m");
	memset(block, 'x', sizeof(block));
	cr_assert_eq(vfsrig_make(rig, "f", ""), 0);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	do {
		n = smb3_vfs_pwrite(rig->top, &rig->ctx, h, block, sizeof(block), written);
		written += n > 0 ? (uint64_t)n : 0;
	} while (n > 0);
	cr_expect_eq(n, -ENOSPC);
	cr_expect(written > MIB / 2 && written <= MIB);
	cr_expect_eq(vfsrig_lookup(rig, "f").size, written);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, block, 1, written - 1), 1);
	cr_expect_eq(block[0], 'x');
	cr_expect_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 0, 2 * MIB, 0), -ENOSPC);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 0), 0);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, block, sizeof(block), 0),
		     sizeof(block));
	smb3_handle_free(h);
	end();
}

Test(mounts, no_inode_left)
{
	int err = 0;
	char name[16];

	BEGIN("tmpfs", "size=1m,nr_inodes=10");
	for (int i = 0; i < 20 && !err; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		err = vfsrig_make(rig, name, i % 2 ? "" : NULL);
	}
	cr_expect_eq(err, -ENOSPC);
	cr_expect_eq(access(in_place(name), F_OK), -1);
	end();
}

Test(mounts, a_read_only_disk)
{
	const struct smb3_setattr set = { .mask = SMB3_SET_ATTRIBUTES,
					  .attributes = FILE_ATTRIBUTE_HIDDEN };
	struct smb3_fsinfo info;
	struct smb3_handle *h;
	int err;

	BEGIN("tmpfs", "size=1m");
	cr_assert_eq(vfsrig_make(rig, "f", "content"), 0);
	cr_assert_eq(mount_raised(NULL, place, MS_REMOUNT | MS_RDONLY, NULL), 0);
	cr_expect_eq(vfsrig_make(rig, "g", ""), -EROFS);
	cr_expect_eq(vfsrig_make(rig, "d", NULL), -EROFS);
	cr_expect_null(vfsrig_open(rig, NULL, "f", SMB3_O_WRITE, &err));
	cr_expect_eq(err, -EROFS);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "f", false), -EROFS);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "f", rig->root, "g", 0),
		     -EROFS);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_META, NULL);
	cr_assert(h);
	cr_expect_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &set), -EROFS);
	smb3_handle_free(h);
	cr_expect_str_eq(vfsrig_read(rig, "f"), "content");
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	cr_expect(info.features & FILE_READ_ONLY_VOLUME);
	end();
}

Test(mounts, no_extended_attributes)
{
	const struct smb3_setattr hidden = { .mask = SMB3_SET_ATTRIBUTES,
					     .attributes = FILE_ATTRIBUTE_HIDDEN };
	const struct smb3_setattr usual = { .mask = SMB3_SET_ATTRIBUTES,
					    .attributes = FILE_ATTRIBUTE_ARCHIVE };
	const struct smb3_setattr born = { .mask = SMB3_SET_CREATED, .created = 1000 };
	const struct smb3_how how = { .flags = SMB3_O_CREATE | SMB3_O_WRITE,
				      .attributes = FILE_ATTRIBUTE_HIDDEN };
	struct smb3_fsinfo info;
	struct smb3_handle *h;
	struct smb3_stat st;

	BEGIN("ramfs", NULL);
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	cr_expect(!(info.features & FILE_SUPPORTS_EXTENDED_ATTRIBUTES));
	h = vfsrig_open_how(rig, NULL, "f", &how, NULL);
	cr_assert(h);
	cr_expect_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &hidden), -EOPNOTSUPP);
	cr_expect_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &born), -EOPNOTSUPP);
	cr_expect_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &usual), 0);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.attributes, FILE_ATTRIBUTE_ARCHIVE);
	/* No birth time either: the earlier of the two times that never lie ahead. */
	cr_expect(st.created && st.created <= st.written && st.created <= st.changed);
	smb3_handle_free(h);
	cr_expect_eq(vfsrig_lookup(rig, "f").attributes, FILE_ATTRIBUTE_ARCHIVE);
	end();
}

Test(mounts, a_file_system_below_the_share)
{
	struct smb3_handle *dir;
	int err;

	BEGIN("tmpfs", "size=1m");
	cr_assert_eq(vfsrig_make(rig, "sub", NULL), 0);
	cr_assert_eq(mount_raised("tmpfs", in_place("sub"), 0, "size=1m"), 0);
	dir = smb3_handle_new(rig->mount);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "SUB", dir), 0);
	smb3_handle_free(vfsrig_open(rig, dir, "f", SMB3_O_CREATE | SMB3_O_WRITE, &err));
	cr_expect_eq(err, 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, dir, "f", rig->root, "f", 0), -EXDEV);
	cr_expect_neq(vfsrig_lookup(rig, "sub").dev, vfsrig_lookup(rig, "nothing").dev);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "sub", true), -EBUSY);
	smb3_handle_free(dir);
	umount2(in_place("sub"), MNT_DETACH);
	end();
}
