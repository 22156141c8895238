// SPDX-License-Identifier: Apache-2.0
/*
 * test_vfs_mem.c: the file system in memory does what a file system does.
 */
#include <criterion/criterion.h>
#include <vfsrig.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MIB (1024 * 1024)

static struct vfsrig *rig;

static void setup(void)
{
	rig = vfsrig_new("\"vfs_mem\"", "backend = \"mem\"; vfs_mem = { size = \"4M\"; };", NULL);
}

static void teardown(void)
{
	vfsrig_free(rig);
}

TestSuite(mem, .init = setup, .fini = teardown);

static int renames(const char *from, const char *to, uint32_t flags)
{
	return smb3_vfs_rename(rig->top, &rig->ctx, rig->root, from, rig->root, to, flags);
}

static struct smb3_handle *open_rw(const char *name, uint32_t flags)
{
	struct smb3_handle *h =
		vfsrig_open(rig, NULL, name, SMB3_O_READ | SMB3_O_WRITE | flags, NULL);

	cr_assert(h, "%s", name);
	return h;
}

Test(mem, files_in_any_case)
{
	int err;

	cr_assert_eq(vfsrig_make(rig, "Name", "content"), 0);
	cr_expect_str_eq(vfsrig_read(rig, "nAME"), "content");
	cr_expect_eq(vfsrig_make(rig, "NAME", "x"), -EEXIST);
	cr_expect_null(vfsrig_open(rig, NULL, "nAME", SMB3_O_READ | SMB3_O_EXACT, &err));
	cr_expect_eq(err, -ENOENT);
	cr_expect_eq(vfsrig_lookup(rig, "NAME").size, 7);
	cr_expect_eq(vfsrig_lookup(rig, "NAME").attributes, FILE_ATTRIBUTE_ARCHIVE);
	cr_expect_null(vfsrig_open(rig, NULL, "..", SMB3_O_META, &err));
	cr_expect_eq(err, -EINVAL);
	cr_expect_null(vfsrig_open(rig, NULL, "name", SMB3_O_META | SMB3_O_DIRECTORY, &err));
	cr_expect_eq(err, -ENOTDIR);
}

Test(mem, folders_and_walking)
{
	struct smb3_handle *a, *deep = smb3_handle_new(rig->mount);

	cr_assert_eq(vfsrig_make(rig, "a", NULL), 0);
	a = vfsrig_open(rig, NULL, "a", SMB3_O_META, NULL);
	cr_assert(a && a->directory);
	smb3_handle_free(vfsrig_open(rig, a, "b", SMB3_O_CREATE | SMB3_O_DIRECTORY, NULL));
	cr_assert_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "A/B", deep), 0);
	cr_expect_str_eq(deep->name, "b");
	smb3_handle_free(vfsrig_open(rig, deep, "c", SMB3_O_CREATE, NULL));
	cr_expect_str_eq(vfsrig_list(rig, deep), "c ");
	smb3_handle_free(deep);
	deep = smb3_handle_new(rig->mount);
	cr_expect_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "a/none/b", deep), -ENOENT);
	cr_expect_eq(smb3_vfs_walk(rig->top, &rig->ctx, rig->root, "a/b/c", deep), -ENOTDIR);
	smb3_handle_free(deep);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "a", true), -ENOTEMPTY);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "a", false), -EISDIR);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "a", a, "x", 0), -EINVAL);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, a, "b", true), -ENOTEMPTY);
	smb3_handle_free(a);
}

Test(mem, removed_while_open)
{
	struct smb3_handle *h = open_rw("f", SMB3_O_CREATE), *d;
	char buf[4];
	int err;

	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "data", 4, 0), 4);
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "F", false), 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 4, 0), 4);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "");
	smb3_handle_free(h);
	d = vfsrig_open(rig, NULL, "d", SMB3_O_CREATE | SMB3_O_DIRECTORY, NULL);
	cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "d", true), 0);
	cr_expect_null(vfsrig_open(rig, d, "f", SMB3_O_CREATE, &err));
	cr_expect_eq(err, -ENOENT);
	smb3_handle_free(d);
}

Test(mem, contents_and_their_limits)
{
	struct smb3_handle *h = open_rw("f", SMB3_O_CREATE);
	uint64_t offset = 0, len;
	struct smb3_stat st;
	char buf[16];

	memset(buf, 'x', sizeof(buf));
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, buf, 4, 100), 4);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 16, 96), 8);
	cr_expect_arr_eq(buf, "\0\0\0\0xxxx", 8);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, (uint64_t)1 << 40), 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 16, (uint64_t)1 << 39), 16);
	cr_expect_eq(buf[0], 0);
	cr_expect_eq(smb3_vfs_next_data(rig->top, &rig->ctx, h, &offset, &len), 0);
	cr_expect_eq(offset + len, 4096);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.size, (uint64_t)1 << 40);
	cr_expect_eq(st.alloc, 4096);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 102), 0);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 200), 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 8, 98), 8);
	cr_expect_arr_eq(buf, "\0\0xx\0\0\0\0", 8, "what was cut off reads as zeros");
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, UINT64_MAX), -EFBIG);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, UINT64_MAX), -EFBIG);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, 5 * MIB), -ENOSPC);
	cr_expect_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 0, 5 * MIB, 0), -ENOSPC);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, 3 * MIB), 1);
	cr_expect_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 3 * MIB, 1, SMB3_ALLOC_PUNCH), 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, buf, 1, 3 * MIB), 1);
	cr_expect_eq(buf[0], 0);
	smb3_handle_free(h);
	cr_expect_eq(vfsrig_make(rig, "g", "small"), 0, "there is room for small things left");
}

Test(mem, what_is_freed_can_be_used_again)
{
	char *block = smb3_arena_alloc(rig->ctx.arena, 3 * MIB);
	struct smb3_fsinfo before, after;

	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &before), 0);
	for (int i = 0; i < 20; i++) {
		struct smb3_handle *h = open_rw("f", SMB3_O_CREATE);

		cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, block, 3 * MIB, 0), 3 * MIB);
		cr_assert_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.a", "12", 2), 0);
		cr_assert_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "f", false), 0);
		smb3_handle_free(h);
	}
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &after), 0);
	cr_expect_eq(before.free, after.free);
}

Test(mem, renames)
{
	cr_assert_eq(vfsrig_make(rig, "a", "A"), 0);
	cr_assert_eq(vfsrig_make(rig, "B", "B"), 0);
	cr_expect_eq(renames("a", "b", 0), -EEXIST);
	cr_expect_eq(renames("none", "c", 0), -ENOENT);
	cr_expect_eq(renames("a", "A", 0), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "A B ");
	cr_expect_eq(renames("a", "b", SMB3_RENAME_REPLACE), 0);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "b ");
	cr_expect_str_eq(vfsrig_read(rig, "b"), "A");
	cr_assert_eq(vfsrig_make(rig, "d", NULL), 0);
	cr_expect_eq(renames("b", "d", SMB3_RENAME_REPLACE), -EISDIR);
	cr_expect_eq(renames("d", "b", SMB3_RENAME_REPLACE), -ENOTDIR);
}

struct stream_list {
	char text[64];
};

static bool add_stream(void *arg, const char *name, uint64_t size, uint64_t alloc)
{
	struct stream_list *list = arg;
	size_t used = strlen(list->text);

	snprintf(list->text + used, sizeof(list->text) - used, "%s=%u/%u ", name,
		 (unsigned int)size, (unsigned int)alloc);
	return true;
}

Test(mem, streams)
{
	struct smb3_how how = { .flags = SMB3_O_CREATE | SMB3_O_WRITE };
	struct smb3_handle *f, *s = smb3_handle_new(rig->mount);
	struct stream_list list = { "" };
	struct smb3_stat st, base;

	cr_assert_eq(vfsrig_make(rig, "f", "main"), 0);
	f = open_rw("f", 0);
	cr_assert_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, f, "One", &how, s), 0);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, s, "stream", 6, 0), 6);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, s, &st), 0);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, f, &base), 0);
	cr_expect(st.ino == base.ino && st.size == 6 && base.size == 4);
	smb3_handle_free(s);
	s = smb3_handle_new(rig->mount);
	cr_expect_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, f, "ONE", &how, s), -EEXIST);
	how.flags = SMB3_O_READ;
	cr_expect_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, f, "two", &how, s), -ENOENT);
	cr_expect_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, f, "ONE", &how, s), 0);
	cr_expect_str_eq(s->name, "One");
	cr_expect_eq(smb3_vfs_list_streams(rig->top, &rig->ctx, f, add_stream, &list), 0);
	cr_expect_str_eq(list.text, "One=6/4096 ");
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "F:one", false), 0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "f:one", false), -ENOENT);
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, s, &st), 0, "open streams stay");
	smb3_handle_free(s);
	smb3_handle_free(f);
	cr_expect_str_eq(vfsrig_read(rig, "f"), "main");
}

Test(mem, xattrs_links_and_odd_things)
{
	struct smb3_handle *h;
	char buf[64];
	int err;

	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	h = open_rw("f", 0);
	cr_expect_eq(smb3_vfs_getxattr(rig->top, &rig->ctx, h, "user.a", buf, 64), -ENODATA);
	cr_expect_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.a", "12345", 5), 0);
	cr_expect_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.b", "", 0), 0);
	cr_expect_eq(smb3_vfs_getxattr(rig->top, &rig->ctx, h, "user.a", buf, 64), 5);
	cr_expect_eq(smb3_vfs_getxattr(rig->top, &rig->ctx, h, "user.a", NULL, 0), 5);
	cr_expect_eq(smb3_vfs_getxattr(rig->top, &rig->ctx, h, "user.a", buf, 4), -ERANGE);
	cr_expect_eq(smb3_vfs_listxattr(rig->top, &rig->ctx, h, buf, 64), 14);
	cr_expect_eq(smb3_vfs_listxattr(rig->top, &rig->ctx, h, buf, 10), -ERANGE);
	cr_expect_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.a", NULL, 0), 0);
	cr_expect_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.a", NULL, 0), -ENODATA);
	cr_expect_eq(smb3_vfs_link(rig->top, &rig->ctx, h, rig->root, "g"), 0);
	cr_expect_eq(vfsrig_lookup(rig, "G").links, 2);
	smb3_handle_free(h);
	cr_expect_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "l", 0, 0, "../out"), 0);
	cr_expect_null(vfsrig_open(rig, NULL, "l", SMB3_O_READ, &err));
	cr_expect_eq(err, -ELOOP);
	h = vfsrig_open(rig, NULL, "l", SMB3_O_META | SMB3_O_NOFOLLOW, NULL);
	cr_assert(h);
	cr_expect_eq(smb3_vfs_readlink(rig->top, &rig->ctx, h, buf, 64), 6);
	smb3_handle_free(h);
	cr_expect_eq(smb3_vfs_make(rig->top, &rig->ctx, rig->root, "p", S_IFIFO | 0600, 0, NULL),
		     0);
	cr_expect_null(vfsrig_open(rig, NULL, "p", SMB3_O_READ, &err));
	cr_expect_eq(err, -EACCES);
}

/* Takes three entries a time, and asks about what it is shown, as the listing of folders does. */
static bool ask(void *arg, const struct smb3_dirent *entry)
{
	unsigned int *seen = arg;

	if (*seen % 4 == 3)
		return false;
	cr_expect_neq(vfsrig_lookup(rig, entry->name).ino, 0);
	++*seen;
	return true;
}

Test(mem, listing_stops_and_goes_on)
{
	unsigned int seen = 0, stops = 0;
	uint64_t cookie = 0;
	char name[16];

	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		cr_assert_eq(vfsrig_make(rig, name, ""), 0);
	}
	while (smb3_vfs_readdir(rig->top, &rig->ctx, rig->root, &cookie, ask, &seen) == 1) {
		stops++;
		seen++;
	}
	cr_expect_eq(stops, 3);
	cr_expect_eq(seen - stops, 10);
}

Test(mem, each_share_has_its_own)
{
	struct vfsrig *other = vfsrig_new("\"vfs_mem\"", "backend = \"mem\";", NULL);

	cr_assert_eq(vfsrig_make(rig, "f", "x"), 0);
	cr_expect_str_eq(vfsrig_list(other, NULL), "");
	cr_assert_eq(vfsrig_make(other, "f", "x"), 0);
	cr_expect_neq(vfsrig_lookup(rig, "f").dev, vfsrig_lookup(other, "f").dev);
	vfsrig_free(other);
}
