// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_posix.c: opening, listing, linking and removing what a folder on disk has, and whose rights count.
 */
#include "test_rig.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(posix, .init = rig_setup, .fini = rig_teardown);

Test(posix, what_is_written_is_read)
{
	struct stat st;

	cr_assert_eq(vfsrig_make(rig, "a.txt", "hello"), 0);
	cr_assert_str_eq(vfsrig_read(rig, "a.txt"), "hello");
	cr_assert_eq(stat(vfsrig_path(rig, "a.txt"), &st), 0);
	cr_assert_eq(st.st_size, 5);
	cr_assert_eq(vfsrig_make(rig, "a.txt", "again"), -EEXIST);
	cr_assert_str_eq(vfsrig_read(rig, "a.txt"), "hello");
}

Test(posix, root_and_walk)
{
	struct smb3_handle *h = smb3_handle_new(rig->mount), *f;

	cr_assert_str_eq(rig->root->name, "");
	cr_assert(rig->root->directory);
	cr_assert_eq(vfsrig_make(rig, "Sub", NULL), 0);
	cr_assert_eq(mkdir(vfsrig_path(rig, "Sub/Deep"), 0755), 0);
	vfsrig_local(rig, "Sub/Deep/file", "x");
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "sub/DEEP", h), 0);
	cr_assert(h->directory);
	cr_assert_str_eq(h->name, "Deep");
	f = vfsrig_open(rig, h, "FILE", SMB3_O_READ, NULL);
	cr_assert(f && !f->directory);
	cr_assert_str_eq(f->name, "file");
	smb3_handle_free(f);
	smb3_handle_free(h);
}

Test(posix, walk_refuses)
{
	static const struct {
		const char *path;
		int err;
	} cases[] = {
		{ "none", -ENOENT },
		{ "dir/none", -ENOENT },
		{ "file", -ENOTDIR },
		{ "file/x", -ENOTDIR },
		{ "..", -EINVAL },
		{ "dir/..", -EINVAL },
		{ "", -EINVAL },
		{ "dir/", -EINVAL },
		{ "/dir", -EINVAL },
		{ ".", -EINVAL },
		{ "dir/./inner", -EINVAL },
		{ "dir//inner", -EINVAL },
		{ "dir\\x", -EINVAL },
		{ "dir/../../etc", -EINVAL },
	};

	cr_assert_eq(vfsrig_make(rig, "dir", NULL), 0);
	cr_assert_eq(vfsrig_make(rig, "file", "x"), 0);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_handle *h = smb3_handle_new(rig->mount);
		int err = smb3_vfs_walk(rig->top, &rig->ctx, rig->root, cases[i].path, h);

		cr_expect_eq(err, cases[i].err, "\"%s\": %d", cases[i].path, err);
		cr_expect(!h->opened);
		smb3_handle_free(h);
	}
}

Test(posix, open_refuses)
{
	static const struct {
		const char *name;
		uint32_t flags;
		int err;
	} cases[] = {
		{ "none", SMB3_O_READ, -ENOENT },
		{ "none", SMB3_O_META, -ENOENT },
		{ "file", SMB3_O_READ | SMB3_O_DIRECTORY, -ENOTDIR },
		{ "file", SMB3_O_META | SMB3_O_DIRECTORY, -ENOTDIR },
		{ "dir", SMB3_O_CREATE | SMB3_O_META | SMB3_O_DIRECTORY, -EEXIST },
		{ "file", SMB3_O_CREATE | SMB3_O_META | SMB3_O_DIRECTORY, -EEXIST },
		{ "dir", SMB3_O_CREATE | SMB3_O_WRITE, -EEXIST },
		{ "..", SMB3_O_META, -EINVAL },
		{ "dir/inner", SMB3_O_READ, -EINVAL },
		{ "dir\\inner", SMB3_O_READ, -EINVAL },
		{ "a\\b", SMB3_O_READ | SMB3_O_CREATE, -EINVAL },
		{ "", SMB3_O_META, -EINVAL },
		{ "pipe", SMB3_O_READ, -EACCES },
		{ "pipe", SMB3_O_WRITE, -EACCES },
		{ "pipe", SMB3_O_READ | SMB3_O_WRITE, -EACCES },
	};

	cr_assert_eq(vfsrig_make(rig, "dir", NULL), 0);
	cr_assert_eq(vfsrig_make(rig, "file", "x"), 0);
	cr_assert_eq(mkfifo(vfsrig_path(rig, "pipe"), 0644), 0);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		int err = 0;
		struct smb3_handle *h = vfsrig_open(rig, NULL, cases[i].name, cases[i].flags, &err);

		cr_expect_eq(err, cases[i].err, "\"%s\" %x: %d", cases[i].name, cases[i].flags,
			     err);
		smb3_handle_free(h);
	}
}

Test(posix, names_too_long)
{
	char name[400];
	int err;

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	cr_assert_eq(vfsrig_make(rig, name, "x"), 0);
	cr_assert_str_eq(vfsrig_read(rig, name), "x");
	name[255] = 'n';
	name[256] = '\0';
	cr_assert_eq(vfsrig_make(rig, name, "x"), -ENAMETOOLONG);
	cr_assert_null(vfsrig_open(rig, NULL, name, SMB3_O_META, &err));
	cr_assert_eq(err, -ENAMETOOLONG);
}

Test(posix, a_fifo_is_described_without_waiting)
{
	struct smb3_handle *h;
	struct smb3_stat st;

	cr_assert_eq(mkfifo(vfsrig_path(rig, "pipe"), 0600), 0);
	h = vfsrig_open(rig, NULL, "pipe", SMB3_O_META, NULL);
	cr_assert(h);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_assert(S_ISFIFO(st.mode));
	cr_assert_eq(st.attributes, FILE_ATTRIBUTE_REPARSE_POINT);
	cr_assert_eq(st.reparse_tag, IO_REPARSE_TAG_NFS);
	smb3_handle_free(h);
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "pipe", false), 0);
}

Test(posix, folders_open_whatever_the_rights)
{
	static const uint32_t flags[] = {
		SMB3_O_META,
		SMB3_O_READ,
		SMB3_O_WRITE,
		SMB3_O_READ | SMB3_O_WRITE,
		SMB3_O_READ | SMB3_O_DIRECTORY,
		SMB3_O_READ | SMB3_O_WRITE | SMB3_O_DIRECTORY,
	};

	cr_assert_eq(vfsrig_make(rig, "dir", NULL), 0);
	vfsrig_local(rig, "dir/inner", "");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(flags); i++) {
		struct smb3_handle *h = vfsrig_open(rig, NULL, "dir", flags[i], NULL);

		cr_assert(h && h->directory, "%x", flags[i]);
		cr_expect_str_eq(vfsrig_list(rig, h), "inner ");
		cr_expect_eq(smb3_vfs_flush(rig->top, &rig->ctx, h), 0);
		smb3_handle_free(h);
	}
}

struct listing {
	unsigned int seen, stop_after;
	char names[64][32];
	uint64_t cookies[64];
};

static bool list_one(void *arg, const struct smb3_dirent *entry)
{
	struct listing *l = arg;

	if (l->seen == l->stop_after)
		return false;
	snprintf(l->names[l->seen], sizeof(l->names[0]), "%s", entry->name);
	l->cookies[l->seen++] = entry->cookie;
	return true;
}

Test(posix, listing_goes_on_where_it_stopped)
{
	struct listing l = { .stop_after = 3 };
	uint64_t cookie = 0;
	char name[16];
	int again = 1;

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "file%02d", i);
		vfsrig_local(rig, name, "");
	}
	for (; again == 1; l.stop_after += 3)
		again = smb3_vfs_readdir(rig->top, &rig->ctx, rig->root, &cookie, list_one, &l);
	cr_assert_eq(again, 0);
	cr_assert_eq(l.seen, 20);
	for (unsigned int i = 0; i < l.seen; i++)
		for (unsigned int k = 0; k < i; k++)
			cr_expect_str_neq(l.names[i], l.names[k]);
	/* From the middle, and from the start again. */
	cookie = l.cookies[9];
	l.seen = 0;
	l.stop_after = 64;
	cr_expect_eq(smb3_vfs_readdir(rig->top, &rig->ctx, rig->root, &cookie, list_one, &l), 0);
	cr_expect_eq(l.seen, 10);
	vfsrig_local(rig, "later", "");
	cookie = l.seen = 0;
	cr_expect_eq(smb3_vfs_readdir(rig->top, &rig->ctx, rig->root, &cookie, list_one, &l), 0);
	cr_expect_eq(l.seen, 21);
	cr_expect_eq(smb3_vfs_readdir(rig->top, &rig->ctx, rig->root, &cookie, list_one, &l), 0);
	cr_expect_eq(l.seen, 21);
}

Test(posix, make_link_and_readlink)
{
	struct smb3_handle *h;
	struct smb3_stat st;
	char buf[64];

	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	cr_assert_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "sym", S_IFLNK | 0777, 0, "f"),
		     0);
	cr_assert_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "fifo", S_IFIFO | 0600, 0, NULL),
		     0);
	cr_expect_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "SYM", S_IFLNK | 0777, 0, "f"),
		     -EEXIST);
	h = vfsrig_open(rig, NULL, "sym", SMB3_O_META | SMB3_O_NOFOLLOW, NULL);
	cr_assert(h);
	cr_expect_eq(smb3_vfs_readlink(rig->top, &rig->ctx, h, buf, sizeof(buf)), 1);
	cr_expect_eq(buf[0], 'f');
	cr_expect_eq(smb3_vfs_readlink(rig->top, &rig->ctx, h, buf, 1), -ERANGE);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect(S_ISLNK(st.mode) && st.reparse_tag == IO_REPARSE_TAG_SYMLINK);
	smb3_handle_free(h);
	h = vfsrig_open(rig, NULL, "sym", SMB3_O_READ | SMB3_O_NOFOLLOW, NULL);
	cr_assert(h);
	smb3_handle_free(h);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_META, NULL);
	cr_expect_eq(smb3_vfs_readlink(rig->top, &rig->ctx, h, buf, sizeof(buf)), -EINVAL);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "hard"), 0);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "HARD"), -EEXIST);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.links, 2);
	smb3_handle_free(h);
	cr_expect_eq(vfsrig_lookup(rig, "hard").ino, st.ino);
}

Test(posix, remove_what_is_there)
{
	cr_assert_eq(vfsrig_make(rig, "File", "x"), 0);
	cr_assert_eq(vfsrig_make(rig, "Dir", NULL), 0);
	vfsrig_local(rig, "Dir/inner", "");
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "none", false), -ENOENT);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "file", true), -ENOTDIR);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "dir", false), -EISDIR);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "dir", true), -ENOTEMPTY);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "..", true), -EINVAL);
	cr_expect_eq(unlink(vfsrig_path(rig, "Dir/inner")), 0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "DIR", true), 0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "FILE", false), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "");
}

Test(posix, the_file_system_is_described)
{
	struct smb3_fsinfo info;

	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	cr_expect(info.total >= info.free && info.free >= info.available);
	cr_expect(info.block >= 512 && !(info.block & (info.block - 1)));
	cr_expect_eq(info.max_name, 255);
	cr_expect_neq(info.serial, 0);
	cr_expect(info.features & FILE_CASE_PRESERVED_NAMES);
	cr_expect(!(info.features & FILE_CASE_SENSITIVE_SEARCH));
	cr_expect(!(info.features & FILE_READ_ONLY_VOLUME));
	cr_expect_str_eq(info.type, "NTFS");
	cr_expect_str_eq(vfsrig_list(rig, NULL), "", "asking leaves nothing behind");
}

Test(posix, a_missing_folder_is_not_mounted)
{
	cr_expect_eq(vfsrig_mount("\"vfs_posix\"", "path = \"/nowhere/at/all\";", NULL), -ENOENT);
	cr_expect_eq(vfsrig_mount("\"vfs_posix\"", "path = \"/\";", NULL), 0);
}

/* The rest needs a user who may not do everything. */
static bool become_nobody(void)
{
	if (geteuid() != 0)
		return true;
	setfsgid(65534);
	setfsuid(65534);
	return chmod(rig->home, 0755) == 0;
}

static void become_root(void)
{
	if (geteuid() == 0) {
		setfsuid(0);
		setfsgid(0);
	}
}

Test(posix, rights_are_the_kernels)
{
	struct smb3_handle *h;
	struct smb3_stat st;
	int err;

	cr_assert_eq(vfsrig_make(rig, "f", "secret"), 0);
	cr_assert_eq(vfsrig_make(rig, "d", NULL), 0);
	cr_assert_eq(chmod(vfsrig_path(rig, "f"), geteuid() ? 0 : 0600), 0);
	cr_assert_eq(chmod(vfsrig_path(rig, "d"), 0), 0);
	cr_assert_eq(chmod(rig->folder, 0555), 0);
	become_nobody();
	cr_expect_null(vfsrig_open(rig, NULL, "f", SMB3_O_READ, &err));
	cr_expect_eq(err, -EACCES);
	cr_expect_null(vfsrig_open(rig, NULL, "f", SMB3_O_WRITE, &err));
	cr_expect_eq(err, -EACCES);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_META, &err);
	cr_assert(h, "describing needs no right on the file: %d", err);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.size, 6);
	smb3_handle_free(h);
	cr_expect_null(vfsrig_open(rig, NULL, "d", SMB3_O_READ, &err));
	cr_expect_eq(err, -EACCES);
	cr_expect_eq(vfsrig_make(rig, "new", "x"), -EACCES);
	cr_expect_eq(vfsrig_make(rig, "new", NULL), -EACCES);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "f", false), -EACCES);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "f", rig->root, "g", 0),
		     -EACCES);
	become_root();
	cr_assert_eq(chmod(rig->folder, 0755), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "d f ");
	cr_assert_eq(chmod(vfsrig_path(rig, "d"), 0755), 0);
}

Test(posix, a_drop_box_can_be_written)
{
	struct smb3_handle *d, *f;

	cr_assert_eq(vfsrig_make(rig, "box", NULL), 0);
	cr_assert_eq(chmod(vfsrig_path(rig, "box"), geteuid() ? 0300 : 0733), 0);
	become_nobody();
	d = smb3_handle_new(rig->mount);
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "box", d), 0);
	f = vfsrig_open(rig, d, "Letter", SMB3_O_CREATE | SMB3_O_WRITE, NULL);
	cr_assert(f);
	cr_expect_eq(smb3_vfs_flush(rig->top, &rig->ctx, f), 0);
	smb3_handle_free(f);
	smb3_handle_free(d);
	become_root();
	cr_assert_eq(chmod(vfsrig_path(rig, "box"), 0755), 0);
}

/* Moved up, a link that stays inside where it is made would lead out, and be followed. */
Test(links, clients_make_none_where_wide_ones_are_followed)
{
	static const char *const options[] = { "vfs_posix = { wide_links = true; };", NULL };
	static const int results[] = { -EOPNOTSUPP, 0 };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(options); i++) {
		struct smb3_handle *h;
		int err;

		rig = vfsrig_new("\"vfs_posix\"", options[i], NULL);
		vfsrig_local(rig, "link", "");
		h = vfsrig_open(rig, NULL, "link", SMB3_O_META, &err);
		cr_assert_eq(err, 0);
		cr_expect_eq(smb3_vfs_become(rig->top, &rig->ctx, rig->root, "link", h, "target"),
			     results[i]);
		smb3_handle_free(h);
		vfsrig_free(rig);
	}
}
