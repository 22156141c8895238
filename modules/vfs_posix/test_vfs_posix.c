// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_posix.c: opening, describing, reading, writing and listing a folder on disk.
 */
#include "posix.h"

#include <criterion/criterion.h>
#include <vfsrig.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DOS_XATTR "user.DOSATTRIB"

static struct vfsrig *rig;

static void setup(void)
{
	rig = vfsrig_new("\"vfs_posix\"", NULL, NULL);
}

static void teardown(void)
{
	vfsrig_free(rig);
}

TestSuite(posix, .init = setup, .fini = teardown);

static void local(const char *name, const char *text)
{
	int fd = open(vfsrig_path(rig, name), O_CREAT | O_WRONLY | O_TRUNC, 0644);

	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

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
	local("Sub/Deep/file", "x");
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
	local("dir/inner", "");
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(flags); i++) {
		struct smb3_handle *h = vfsrig_open(rig, NULL, "dir", flags[i], NULL);

		cr_assert(h && h->directory, "%x", flags[i]);
		cr_expect_str_eq(vfsrig_list(rig, h), "inner ");
		cr_expect_eq(smb3_vfs_flush(rig->top, &rig->ctx, h), 0);
		smb3_handle_free(h);
	}
}

Test(posix, stat_tells)
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

Test(posix, new_files_store_nothing)
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

Test(posix, attributes_are_kept)
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

Test(posix, times_are_kept)
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

Test(posix, mode_and_owner)
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

Test(posix, what_cannot_be_stored_is_refused)
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

Test(posix, xattrs)
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

#define PAGE 4096
#define MUCH ((1u << 20) + PAGE)

static ssize_t write_nowait(struct smb3_handle *h, size_t len, uint64_t offset)
{
	struct smb3_ctx nowait = rig->ctx;
	static char data[MUCH];

	nowait.nowait = true;
	return smb3_vfs_pwrite(rig->top, &nowait, h, data, len, offset);
}

/* Whole pages are taken at once, also by a file system that knows no way to ask for that. */
Test(posix, nowait_writes_whole_pages)
{
	struct posix_mount *m = posix_mount_of(rig->top);
	struct smb3_handle *h;

	cr_assert_eq(vfsrig_make(rig, "f", "cached"), 0);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	cr_assert_not_null(h);
	write_nowait(h, PAGE, 0); /* finds out */
	atomic_store(&m->try_again, 0);
	cr_expect_eq(write_nowait(h, PAGE, PAGE), PAGE);
	if (!atomic_load(&m->write_waits))
		cr_skip("the file system knows RWF_NOWAIT");
	cr_expect_eq(write_nowait(h, 6, 0), -EAGAIN);
	cr_expect_eq(write_nowait(h, PAGE, 6), -EAGAIN);
	cr_expect_eq(write_nowait(h, MUCH, 0), -EAGAIN);
	atomic_store(&m->try_again, UINT64_MAX);
	cr_expect_eq(write_nowait(h, PAGE, 0), -EAGAIN);
	atomic_store(&m->try_again, 0);
	atomic_store(&h->mount->slow_until, UINT64_MAX);
	cr_expect_eq(write_nowait(h, PAGE, 0), -EAGAIN);
	smb3_handle_free(h);
}

Test(posix, nowait_never_waits)
{
	struct smb3_ctx nowait = rig->ctx;
	struct smb3_handle *h;
	char buf[16] = "";
	ssize_t n;
	uint64_t cookie = 0;
	int err;

	nowait.nowait = true;
	cr_assert_eq(vfsrig_make(rig, "f", "cached"), 0);
	h = smb3_handle_new(rig->mount);
	err = smb3_vfs_open(rig->top, &nowait, rig->root, "f",
			    &(struct smb3_how){ .flags = SMB3_O_READ | SMB3_O_WRITE }, h);
	cr_assert_eq(err, 0);
	n = smb3_vfs_pread(rig->top, &nowait, h, buf, sizeof(buf), 0);
	cr_expect(n == 6 || n == -EAGAIN, "%zd", n);
	n = smb3_vfs_pwrite(rig->top, &nowait, h, "CACHED", 6, 0);
	cr_expect(n == 6 || n == -EAGAIN, "%zd", n);
	cr_expect_str_eq(vfsrig_read(rig, "f"), n == 6 ? "CACHED" : "cached");
	cr_expect_eq(smb3_vfs_flush(rig->top, &nowait, h), -EAGAIN);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &nowait, h, 1), -EAGAIN);
	cr_expect_eq(smb3_vfs_alloc(rig->top, &nowait, h, 0, 1, SMB3_ALLOC_ZERO), -EAGAIN);
	cr_expect_eq(smb3_vfs_copy(rig->top, &nowait, h, 0, h, 100, 1, 0), -EAGAIN);
	cr_expect_eq(smb3_vfs_readdir(rig->top, &nowait, rig->root, &cookie, NULL, NULL), -EAGAIN);
	cr_expect_eq(smb3_vfs_remove(rig->top, &nowait, rig->root, "f", false), -EAGAIN);
	cr_expect_eq(smb3_vfs_rename(rig->top, &nowait, rig->root, "f", rig->root, "g", 0),
		     -EAGAIN);
	smb3_handle_free(h);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "f ");
	h = smb3_handle_new(rig->mount);
	err = smb3_vfs_open(rig->top, &nowait, rig->root, "new",
			    &(struct smb3_how){ .flags = SMB3_O_CREATE }, h);
	cr_expect_eq(err, -EAGAIN);
	smb3_handle_free(h);
}

/* What the pipes have is what is said, and it is the file's. The first one is full first. */
static void check_spliced(struct smb3_handle *h, const struct smb3_ctx *ctx, uint64_t offset,
			  size_t len)
{
	static uint8_t want[1 << 18], got[1 << 18];
	struct smb3_tube tube = { .n = 4, .size = 65536 };
	ssize_t n, there = smb3_vfs_pread(rig->top, &rig->ctx, h, want, len, offset);
	size_t sum = 0;
	int pipe[2];

	for (unsigned int i = 0; i < tube.n; i++) {
		cr_assert_eq(pipe2(pipe, O_NONBLOCK | O_CLOEXEC), 0);
		tube.in[i] = pipe[1];
		tube.out[i] = pipe[0];
	}
	n = smb3_vfs_splice(rig->top, ctx, h, &tube, len, offset);
	for (unsigned int i = 0; i < tube.n; i++) {
		ssize_t part = read(tube.out[i], got + sum, sizeof(got) - sum);

		cr_expect_eq(part, tube.has[i] ? (ssize_t)tube.has[i] : -1);
		sum += part > 0 ? (size_t)part : 0;
		close(tube.in[i]);
		close(tube.out[i]);
	}
	cr_expect_not(tube.spoiled);
	if (n < 0)
		cr_expect(ctx->nowait && (n == -EAGAIN || n == -EOPNOTSUPP) && !sum, "%zd", n);
	else
		cr_expect(n == there && sum == (size_t)n && memcmp(got, want, sum) == 0);
}

Test(posix, splicing)
{
	static char text[200001];
	struct smb3_tube none = { .n = 1, .size = 65536, .in = { -1 } };
	struct smb3_ctx nowait = rig->ctx;
	struct smb3_handle *h;

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + i % 23 + i / 4096 % 3);
	cr_assert_eq(vfsrig_make(rig, "f", text), 0);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ, NULL);
	nowait.nowait = true;
	for (int turn = 0; turn < 2; turn++) {
		const struct smb3_ctx *ctx = turn ? &nowait : &rig->ctx;

		check_spliced(h, ctx, 0, 65536);
		check_spliced(h, ctx, 4095, 65538);
		check_spliced(h, ctx, 0, 65537);
		check_spliced(h, ctx, 4095, 190000);
		check_spliced(h, ctx, 100000, 100000);
		check_spliced(h, ctx, 199999, 1);
		check_spliced(h, ctx, 199000, 65536); /* over the end */
		check_spliced(h, ctx, 200000, 65536);
		check_spliced(h, ctx, 1ull << 40, 65536);
	}
	cr_expect_eq(smb3_vfs_splice(rig->top, &rig->ctx, h, &none, 100, INT64_MAX), -EOPNOTSUPP);
	cr_expect_eq(smb3_vfs_splice(rig->top, &rig->ctx, h, &none, 100, 0), -EOPNOTSUPP);
	smb3_handle_free(h);
}

Test(posix, reading_and_writing_at_the_edges)
{
	struct smb3_handle *h;
	char buf[16];

	cr_assert_eq(vfsrig_make(rig, "f", "0123456789"), 0);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 16, 4), 6);
	cr_expect_eq(memcmp(buf, "456789", 6), 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 16, 10), 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 16, UINT64_MAX), 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 0, 0), 0);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, buf, 0, 0), 0);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, INT64_MAX), -EFBIG);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, UINT64_MAX), -EFBIG);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "xx", 2, INT64_MAX - 1), -EFBIG);
	cr_expect_eq(vfsrig_lookup(rig, "f").size, 10);
	smb3_handle_free(h);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ, NULL);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, 0), -EBADF);
	smb3_handle_free(h);
}

Test(posix, a_size_beyond_the_file_system)
{
	static const uint64_t sizes[] = { UINT64_MAX, (uint64_t)INT64_MAX + 1, INT64_MAX,
					  INT64_MAX - 4096, (uint64_t)1 << 62 };
	struct smb3_handle *h;

	cr_assert_eq(vfsrig_make(rig, "f", "content"), 0);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	for (size_t i = 0; i < SMB3_ARRAY_SIZE(sizes); i++) {
		int err = smb3_vfs_truncate(rig->top, &rig->ctx, h, sizes[i]);
		int alloc = smb3_vfs_alloc(rig->top, &rig->ctx, h, sizes[i] - 10, 10, 0);

		/* tmpfs has no lower limit than the largest offset */
		cr_expect(err == -EFBIG || (err == 0 && sizes[i] <= INT64_MAX), "%d", err);
		cr_expect(alloc == -EFBIG || alloc == -ENOSPC || alloc == -EOPNOTSUPP ||
				  (alloc == 0 && sizes[i] <= INT64_MAX),
			  "%d", alloc);
		if (err == 0)
			cr_assert_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 7), 0);
	}
	smb3_handle_free(h);
	cr_expect_str_eq(vfsrig_read(rig, "f"), "content");
}

Test(posix, a_full_disk_keeps_what_was_written)
{
	const struct rlimit small = { 8192, RLIM_INFINITY },
			    large = { RLIM_INFINITY, RLIM_INFINITY };
	struct smb3_handle *h;
	char block[12288];

	memset(block, 'x', sizeof(block));
	cr_assert_eq(vfsrig_make(rig, "f", ""), 0);
	h = vfsrig_open(rig, NULL, "f", SMB3_O_READ | SMB3_O_WRITE, NULL);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, block, sizeof(block), 0), 8192);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, block, 1, 8192), -EFBIG);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &large), 0);
	smb3_handle_free(h);
	cr_expect_eq(vfsrig_lookup(rig, "f").size, 8192);
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
		local(name, "");
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
	local("later", "");
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
	local("Dir/inner", "");
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

Test(posix, flush_of_new_files_and_folders)
{
	struct smb3_handle *h = vfsrig_open(rig, NULL, "f", SMB3_O_CREATE | SMB3_O_WRITE, NULL);

	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, 0), 1);
	cr_expect_eq(smb3_vfs_flush(rig->top, &rig->ctx, h), 0);
	cr_expect_eq(smb3_vfs_flush(rig->top, &rig->ctx, h), 0);
	smb3_handle_free(h);
	h = vfsrig_open(rig, NULL, "d", SMB3_O_CREATE | SMB3_O_DIRECTORY, NULL);
	cr_expect_eq(smb3_vfs_flush(rig->top, &rig->ctx, h), 0);
	smb3_handle_free(h);
	/* A file that is gone by now has no name to write. */
	h = vfsrig_open(rig, NULL, "g", SMB3_O_CREATE | SMB3_O_WRITE, NULL);
	cr_assert_eq(unlink(vfsrig_path(rig, "g")), 0);
	cr_expect_eq(smb3_vfs_flush(rig->top, &rig->ctx, h), 0);
	smb3_handle_free(h);
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
		local("link", "");
		h = vfsrig_open(rig, NULL, "link", SMB3_O_META, &err);
		cr_assert_eq(err, 0);
		cr_expect_eq(smb3_vfs_become(rig->top, &rig->ctx, rig->root, "link", h, "target"),
			     results[i]);
		smb3_handle_free(h);
		vfsrig_free(rig);
	}
}
