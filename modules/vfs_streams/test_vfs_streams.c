// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_streams.c: streams over a folder of a real file system, and over one in memory.
 */
#include "streams.h"

#include <criterion/criterion.h>
#include <vfsrig.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define RW (SMB3_O_READ | SMB3_O_WRITE)

static struct vfsrig *rig;

static void setup(void)
{
	rig = vfsrig_new("\"vfs_posix\", \"vfs_streams\"", NULL, NULL);
	cr_assert_eq(vfsrig_make(rig, "base", "base"), 0);
	if (setxattr(vfsrig_path(rig, "base"), "user.probe", "", 0, 0))
		cr_skip_test("the file system has no user xattrs");
}

static void teardown(void)
{
	vfsrig_free(rig);
}

TestSuite(streams, .init = setup, .fini = teardown);

static struct smb3_handle *stream_open(const char *base, const char *stream, uint32_t flags,
				       int *ret_err)
{
	const struct smb3_how how = { .flags = flags };
	struct smb3_handle *b = vfsrig_open(rig, NULL, base, SMB3_O_META, NULL);
	struct smb3_handle *h = smb3_handle_new(rig->mount);
	int err;

	cr_assert(b, "%s", base);
	err = smb3_vfs_open_stream(rig->top, &rig->ctx, b, stream, &how, h);
	smb3_handle_free(b);
	if (ret_err)
		*ret_err = err;
	else
		cr_assert_eq(err, 0, "%s:%s: %d", base, stream, err);
	if (!err)
		return h;
	smb3_handle_free(h);
	return NULL;
}

static ssize_t put(struct smb3_handle *h, const char *text, uint64_t offset)
{
	return smb3_vfs_pwrite(rig->top, &rig->ctx, h, text, strlen(text), offset);
}

static const char *get(struct smb3_handle *h)
{
	static char buf[1000];
	ssize_t n = smb3_vfs_pread(rig->top, &rig->ctx, h, buf, sizeof(buf) - 1, 0);

	cr_assert_geq(n, 0, "%zd", n);
	for (ssize_t i = 0; i < n; i++)
		buf[i] = buf[i] ? buf[i] : '.';
	buf[n] = '\0';
	return buf;
}

static void stream_make(const char *base, const char *stream, const char *text)
{
	struct smb3_handle *h = stream_open(base, stream, RW | SMB3_O_CREATE, NULL);

	cr_assert_eq(put(h, text, 0), (ssize_t)strlen(text));
	smb3_handle_free(h);
}

static bool append(void *arg, const char *name, uint64_t size, uint64_t alloc)
{
	char *list = arg;

	cr_expect(alloc >= size && alloc % STREAMS_CLUSTER == 0);
	sprintf(list + strlen(list), "%s=%llu ", name, (unsigned long long)size);
	return true;
}

static const char *list(const char *base)
{
	static char text[1000];
	struct smb3_handle *h = vfsrig_open(rig, NULL, base, SMB3_O_META, NULL);

	text[0] = '\0';
	cr_assert_eq(smb3_vfs_list_streams(rig->top, &rig->ctx, h, append, text), 0);
	smb3_handle_free(h);
	return text;
}

static ssize_t stored(const char *base, const char *xattr, void *buf, size_t size)
{
	return getxattr(vfsrig_path(rig, base), xattr, buf, size);
}

Test(streams, value_ends_with_a_nul)
{
	char buf[100];

	stream_make("base", "Stream One", "hello");
	cr_assert_eq(stored("base", "user.DosStream.Stream One:$DATA", buf, sizeof(buf)), 6);
	cr_expect_arr_eq(buf, "hello\0", 6);
	cr_expect_str_eq(vfsrig_read(rig, "base"), "base");
	cr_expect_str_eq(list("base"), "Stream One=5 ");
}

Test(streams, what_others_stored_is_read)
{
	struct smb3_handle *h;

	cr_assert_eq(setxattr(vfsrig_path(rig, "base"), "user.DosStream.foo:$DATA", "bar\0", 4, 0),
		     0);
	h = stream_open("base", "FOO", SMB3_O_READ, NULL);
	cr_expect_str_eq(get(h), "bar");
	cr_expect_str_eq(h->name, "foo");
	smb3_handle_free(h);
}

Test(streams, exclusive_and_missing)
{
	int err;

	stream_make("base", "one", "");
	cr_expect_null(stream_open("base", "ONE", RW | SMB3_O_CREATE, &err));
	cr_expect_eq(err, -EEXIST);
	cr_expect_null(stream_open("base", "two", RW, &err));
	cr_expect_eq(err, -ENOENT);
	cr_expect_str_eq(list("base"), "one=0 ");
}

Test(streams, gaps_are_zeros)
{
	struct smb3_handle *h = stream_open("base", "s", RW | SMB3_O_CREATE, NULL);

	cr_expect_eq(put(h, "end", 5), 3);
	cr_expect_str_eq(get(h), ".....end");
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 6), 0);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 9), 0);
	cr_expect_str_eq(get(h), ".....e...");
	cr_expect_eq(put(h, "abcdefghi", 0), 9);
	cr_expect_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 2, 3, SMB3_ALLOC_ZERO), 0);
	cr_expect_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 7, 100, SMB3_ALLOC_PUNCH), 0);
	cr_expect_str_eq(get(h), "ab...fg..");
	smb3_handle_free(h);
}

Test(streams, attributes_are_the_base_s)
{
	struct smb3_handle *h;
	struct smb3_stat st, base;
	struct smb3_setattr set = { .mask = SMB3_SET_WRITTEN, .written = 130000000000000000ull };

	stream_make("base", "s", "12345");
	h = stream_open("base", "s", SMB3_O_META, NULL);
	cr_expect_eq(smb3_vfs_setattr(rig->top, &rig->ctx, h, &set), 0);
	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	base = vfsrig_lookup(rig, "base");
	cr_expect(st.ino == base.ino && st.dev == base.dev && st.written == base.written);
	cr_expect_eq(base.written, set.written);
	cr_expect(st.size == 5 && base.size == 4);
	cr_expect_eq(smb3_vfs_fd(rig->top, h), -EOPNOTSUPP);
	smb3_handle_free(h);
}

Test(streams, on_folders)
{
	struct smb3_handle *h;
	struct smb3_stat st;
	uint64_t cookie = 0;

	cr_assert_eq(vfsrig_make(rig, "dir", NULL), 0);
	stream_make("dir", "AFP_AfpInfo", "info");
	h = stream_open("dir", "afp_afpinfo", SMB3_O_READ, NULL);
	cr_expect(!h->directory);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect(!(st.attributes & FILE_ATTRIBUTE_DIRECTORY) && st.size == 4);
	cr_expect_eq(smb3_vfs_readdir(rig->top, &rig->ctx, h, &cookie, NULL, NULL), -ENOTDIR);
	smb3_handle_free(h);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "dir", true), 0);
}

Test(streams, two_handles_see_one_stream)
{
	struct smb3_handle *a = stream_open("base", "s", RW | SMB3_O_CREATE, NULL);
	struct smb3_handle *b = stream_open("base", "S", RW, NULL);

	cr_expect_eq(put(a, "from a", 0), 6);
	cr_expect_eq(put(b, "by b", 5), 4);
	cr_expect_str_eq(get(a), "from by b");
	cr_expect_eq(smb3_vfs_rename_stream(rig->top, &rig->ctx, a, "t", 0), 0);
	cr_expect_eq(put(b, "still", 0), 5);
	cr_expect_str_eq(list("base"), "t=9 ");
	cr_expect_eq(smb3_vfs_remove_stream(rig->top, &rig->ctx, a), 0);
	cr_expect_eq(put(b, "x", 0), -ESTALE);
	stream_make("base", "t", "new");
	cr_expect_eq(put(b, "x", 0), -ESTALE);
	cr_expect_str_eq(list("base"), "t=3 ");
	smb3_handle_free(a);
	smb3_handle_free(b);
}

Test(streams, rename_rules)
{
	struct smb3_handle *h = stream_open("base", "s", RW | SMB3_O_CREATE, NULL);
	const uint32_t replace = SMB3_RENAME_REPLACE;

	put(h, "s", 0);
	stream_make("base", "full", "x");
	stream_make("base", "empty", "");
	cr_expect_eq(smb3_vfs_rename_stream(rig->top, &rig->ctx, h, "EMPTY", 0), -EEXIST);
	cr_expect_eq(smb3_vfs_rename_stream(rig->top, &rig->ctx, h, "full", replace), -ENOTEMPTY);
	cr_expect_eq(smb3_vfs_rename_stream(rig->top, &rig->ctx, h, "", replace), -ENOTEMPTY);
	cr_expect_eq(smb3_vfs_rename_stream(rig->top, &rig->ctx, h, "empty", replace), 0);
	cr_expect_eq(smb3_vfs_rename_stream(rig->top, &rig->ctx, h, "Empty", 0), 0);
	cr_expect(strstr(list("base"), "Empty=1 ") && !strstr(list("base"), "s="));
	smb3_handle_free(h);
}

Test(streams, rename_to_the_unnamed)
{
	struct smb3_handle *h;

	cr_assert_eq(vfsrig_make(rig, "new", ""), 0);
	h = stream_open("new", "s", RW | SMB3_O_CREATE, NULL);
	put(h, "contents", 0);
	cr_expect_eq(smb3_vfs_rename_stream(rig->top, &rig->ctx, h, "", SMB3_RENAME_REPLACE), 0);
	cr_expect_str_eq(list("new"), "");
	cr_expect_str_eq(vfsrig_read(rig, "new"), "contents");
	cr_expect_eq(put(h, "C", 0), 1);
	cr_expect_str_eq(get(h), "Contents");
	smb3_handle_free(h);
	cr_expect_str_eq(vfsrig_read(rig, "new"), "Contents");
}

Test(streams, all_are_removed_at_once)
{
	struct smb3_handle *h;

	stream_make("base", "a", "1");
	stream_make("base", "b", "2");
	h = vfsrig_open(rig, NULL, "base", SMB3_O_META, NULL);
	cr_expect_eq(smb3_vfs_remove_stream(rig->top, &rig->ctx, h), 0);
	smb3_handle_free(h);
	cr_expect_str_eq(list("base"), "");
	cr_expect_eq(stored("base", "user.probe", NULL, 0), 0);
}

Test(streams, what_is_removed_by_others_is_gone)
{
	struct smb3_handle *h = stream_open("base", "s", RW | SMB3_O_CREATE, NULL);
	struct smb3_stat st;

	cr_assert_eq(removexattr(vfsrig_path(rig, "base"), "user.DosStream.s:$DATA"), 0);
	cr_expect_eq(put(h, "x", 0), -ESTALE);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), -ESTALE);
	cr_expect_str_eq(list("base"), "");
	smb3_handle_free(h);
}

Test(streams, long_names)
{
	char name[240];
	int err;

	memset(name, 'x', sizeof(name));
	name[239] = '\0';
	cr_expect_null(stream_open("base", name, RW | SMB3_O_CREATE, &err));
	cr_expect_eq(err, -ENAMETOOLONG);
}

Test(streams, rights_are_the_base_s)
{
	int err;

	if (geteuid() == 0)
		cr_skip_test("root may do everything");
	stream_make("base", "s", "x");
	cr_assert_eq(chmod(vfsrig_path(rig, "base"), 0444), 0);
	cr_expect_null(stream_open("base", "s", RW, &err));
	cr_expect_eq(err, -EACCES);
	cr_expect_null(stream_open("base", "t", RW | SMB3_O_CREATE, &err));
	cr_expect_eq(err, -EACCES);
	smb3_handle_free(stream_open("base", "s", SMB3_O_READ, NULL));
}

Test(streams, copies_go_both_ways)
{
	struct smb3_handle *s = stream_open("base", "s", RW | SMB3_O_CREATE, NULL);
	struct smb3_handle *b = vfsrig_open(rig, NULL, "base", RW, NULL);

	cr_expect_eq(smb3_vfs_copy(rig->top, &rig->ctx, b, 0, s, 2, 4, 0), 4);
	cr_expect_str_eq(get(s), "..base");
	cr_expect_eq(smb3_vfs_copy(rig->top, &rig->ctx, s, 2, b, 4, 4, 0), 4);
	smb3_handle_free(s);
	smb3_handle_free(b);
	cr_expect_str_eq(vfsrig_read(rig, "base"), "basebase");
}

Test(streams_off, by_option)
{
	struct smb3_how how = { .flags = RW | SMB3_O_CREATE };
	struct smb3_handle *h, *b;
	struct smb3_fsinfo info;

	rig = vfsrig_new("\"vfs_posix\", \"vfs_streams\"", "vfs_streams = { enabled = false; };",
			 NULL);
	cr_assert_eq(vfsrig_make(rig, "base", ""), 0);
	b = vfsrig_open(rig, NULL, "base", SMB3_O_META, NULL);
	h = smb3_handle_new(rig->mount);
	cr_expect_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, b, "s", &how, h), -EOPNOTSUPP);
	cr_expect_eq(smb3_vfs_statfs(rig->top, &rig->ctx, b, &info), 0);
	cr_expect(!(info.features & FILE_NAMED_STREAMS));
	smb3_handle_free(h);
	smb3_handle_free(b);
	vfsrig_free(rig);
}

/* A backend with streams of its own is left alone; named, the filter is in front of them. */
Test(streams_memory, in_front_of_streams)
{
	rig = vfsrig_new("\"vfs_mem\", \"vfs_streams\"", "backend = \"mem\";", NULL);
	cr_expect_null(rig->top->next);
	vfsrig_free(rig);
	rig = vfsrig_new("\"vfs_mem\", \"vfs_streams\"",
			 "backend = \"mem\"; vfs = [ \"streams\" ];", NULL);
	cr_assert_eq(vfsrig_make(rig, "base", "x"), 0);
	stream_make("base", "s", "text");
	cr_expect_str_eq(list("base"), "s=4 ");
	vfsrig_free(rig);
}
