// SPDX-License-Identifier: Apache-2.0
/*
 * test_attr.c: what is told of files, and kept of what clients say of them.
 */
#include "test_rig.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DOS_XATTR "user.DOSATTRIB"

TestSuite(posix_attr, .init = rig_setup, .fini = rig_teardown);

static bool stored(const char *name)
{
	char buf[256];

	return lgetxattr(vfsrig_path(rig, name), DOS_XATTR, buf, sizeof(buf)) >= 0;
}

static int set(const char *name, const struct smb3_setattr *attr)
{
	int err;
	struct smb3_handle *h = vfsrig_open(rig, NULL, name, SMB3_O_META, &err);

	if (!h)
		return err;
	err = smb3_vfs_setattr(rig->top, &rig->ctx, h, attr);
	smb3_handle_free(h);
	return err;
}

static int set_attributes(const char *name, uint32_t attributes)
{
	return set(name,
		   &(struct smb3_setattr){ .mask = SMB3_SET_ATTRIBUTES, .attributes = attributes });
}

Test(posix_attr, stat_tells)
{
	struct smb3_handle *h;
	struct smb3_stat st;
	struct stat real;

	cr_assert_eq(vfsrig_make(rig, "f", "12345"), 0);
	cr_assert_eq(stat(vfsrig_path(rig, "f"), &real), 0);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.dev, real.st_dev);
	cr_expect_eq(st.ino, real.st_ino);
	cr_expect_eq(st.size, 5);
	cr_expect_eq(st.links, 1);
	cr_expect_eq(st.mode, real.st_mode);
	cr_expect_eq(st.uid, real.st_uid);
	cr_expect_eq(st.attributes, FILE_ATTRIBUTE_ARCHIVE);
	cr_expect_eq(st.written, smb3_nttime_from_timespec(&real.st_mtim));
	cr_expect_eq(st.accessed, smb3_nttime_from_timespec(&real.st_atim));
	cr_expect_eq(st.changed, smb3_nttime_from_timespec(&real.st_ctim));
	cr_expect(st.created && st.created <= st.written);
	/* The second stat must see what happened since, and so must the first after a change. */
	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "123456789", 9, 0), 9);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.size, 9);
	smb3_handle_free(h);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	cr_assert_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 3), 0);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.size, 3);
	smb3_handle_free(h);
}

Test(posix_attr, new_files_store_nothing)
{
	struct smb3_stat st;

	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	cr_assert_eq(vfsrig_make(rig, "d", NULL), 0);
	cr_assert_eq(set_attributes("f", FILE_ATTRIBUTE_ARCHIVE), 0);
	cr_assert_eq(set_attributes("d", 0), 0);
	st = vfsrig_lookup(rig, "f");
	cr_assert_eq(set("f",
			 &(struct smb3_setattr){ .mask = SMB3_SET_CREATED, .created = st.created }),
		     0);
	cr_expect(!stored("f"));
	cr_expect(!stored("d"));
	cr_expect_eq(vfsrig_lookup(rig, "d").attributes, FILE_ATTRIBUTE_DIRECTORY);
}

Test(posix_attr, attributes_are_kept)
{
	const uint32_t some = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_READONLY;
	struct smb3_how how = { .flags = SMB3_O_CREATE | SMB3_O_WRITE,
				.mode = 0644,
				.attributes = FILE_ATTRIBUTE_SYSTEM };
	struct smb3_handle *h;
	struct smb3_stat st;

	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	cr_assert_eq(vfsrig_make(rig, "d", NULL), 0);
	cr_assert_eq(set_attributes("f", some), 0);
	cr_assert_eq(set_attributes("d", FILE_ATTRIBUTE_HIDDEN), 0);
	cr_expect_eq(vfsrig_lookup(rig, "f").attributes, some);
	cr_expect_eq(vfsrig_lookup(rig, "d").attributes,
		     FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_DIRECTORY);
	cr_assert_eq(set_attributes("f", 0), 0);
	cr_expect_eq(vfsrig_lookup(rig, "f").attributes, 0);
	h = vfsrig_open_how(rig, NULL, "s", &how, NULL);
	cr_assert(h);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.attributes, FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_ARCHIVE);
	smb3_handle_free(h);
	cr_expect_eq(vfsrig_lookup(rig, "s").attributes,
		     FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_ARCHIVE);
}

Test(posix_attr, times_are_kept)
{
	const smb3_nttime day = 864000000000, then = 125911584000000000 + 1234567;
	struct smb3_setattr attr = { .mask = SMB3_SET_CREATED | SMB3_SET_ACCESSED |
					     SMB3_SET_WRITTEN | SMB3_SET_CHANGED,
				     .created = then,
				     .accessed = then + day,
				     .written = then + 2 * day,
				     .changed = then + 3 * day };
	struct smb3_stat st;

	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	cr_assert_eq(set("f", &attr), 0);
	st = vfsrig_lookup(rig, "f");
	cr_expect_eq(st.created, then);
	cr_expect_eq(st.accessed, then + day);
	cr_expect_eq(st.written, then + 2 * day);
	cr_expect_eq(st.attributes, FILE_ATTRIBUTE_ARCHIVE);
	cr_assert_eq(set_attributes("f", FILE_ATTRIBUTE_HIDDEN), 0);
	st = vfsrig_lookup(rig, "f");
	cr_expect_eq(st.created, then);
	cr_expect_eq(st.written, then + 2 * day);
	attr = (struct smb3_setattr){ .mask = SMB3_SET_WRITTEN, .written = then };
	cr_assert_eq(set("f", &attr), 0);
	st = vfsrig_lookup(rig, "f");
	cr_expect_eq(st.written, then);
	cr_expect_eq(st.accessed, then + day);
	cr_expect_eq(st.attributes, FILE_ATTRIBUTE_HIDDEN);
}

Test(posix_attr, mode_and_owner)
{
	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	cr_assert_eq(set("f", &(struct smb3_setattr){ .mask = SMB3_SET_MODE, .mode = 0640 }), 0);
	cr_expect_eq(vfsrig_lookup(rig, "f").mode, S_IFREG | 0640);
	cr_assert_eq(set("f", &(struct smb3_setattr){ .mask = SMB3_SET_OWNER | SMB3_SET_GROUP,
						      .uid = geteuid(),
						      .gid = getegid() }),
		     0);
	if (geteuid() != 0)
		cr_expect_eq(set("f", &(struct smb3_setattr){ .mask = SMB3_SET_OWNER, .uid = 0 }),
			     -EPERM);
}

Test(posix_attr, what_cannot_be_stored_is_refused)
{
	struct vfsrig *plain =
		vfsrig_new("\"vfs_posix\"", "vfs_posix = { store_dos_attributes = false; };", NULL);
	struct smb3_handle *h;
	struct smb3_setattr attr = { .mask = SMB3_SET_ATTRIBUTES,
				     .attributes = FILE_ATTRIBUTE_ARCHIVE };

	cr_assert_eq(vfsrig_make(plain, "f", "x"), 0);
	h = vfsrig_open(plain, NULL, "f", SMB3_O_META, NULL);
	cr_expect_eq(smb3_vfs_setattr(plain->top, &plain->ctx, h, &attr), 0);
	attr.attributes = FILE_ATTRIBUTE_HIDDEN;
	cr_expect_eq(smb3_vfs_setattr(plain->top, &plain->ctx, h, &attr), -EOPNOTSUPP);
	attr.mask = SMB3_SET_CREATED;
	attr.created = 1;
	cr_expect_eq(smb3_vfs_setattr(plain->top, &plain->ctx, h, &attr), -EOPNOTSUPP);
	smb3_handle_free(h);
	vfsrig_free(plain);
}

Test(posix_attr, xattrs)
{
	uint32_t ways[] = { SMB3_O_META, SMB3_O_READ };
	char buf[256];

	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(ways); i++) {
		struct smb3_handle *h = vfsrig_open(rig, NULL, "f", ways[i], NULL);

		cr_expect_eq(smb3_vfs_getxattr(rig->top, &rig->ctx, h, "user.a", buf, sizeof(buf)),
			     -ENODATA);
		cr_expect_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.a", "12345", 5), 0);
		cr_expect_eq(smb3_vfs_getxattr(rig->top, &rig->ctx, h, "user.a", buf, sizeof(buf)),
			     5);
		cr_expect_eq(smb3_vfs_getxattr(rig->top, &rig->ctx, h, "user.a", buf, 2), -ERANGE);
		cr_expect_eq(smb3_vfs_listxattr(rig->top, &rig->ctx, h, buf, sizeof(buf)), 7);
		cr_expect_str_eq(buf, "user.a");
		cr_expect_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.a", NULL, 0), 0);
		cr_expect_eq(smb3_vfs_listxattr(rig->top, &rig->ctx, h, buf, sizeof(buf)), 0);
		smb3_handle_free(h);
	}
}
