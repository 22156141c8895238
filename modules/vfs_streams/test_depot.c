// SPDX-License-Identifier: Apache-2.0
/*
 * test_depot.c: streams that no extended attribute can hold.
 */
#include "streams.h"

#include <criterion/criterion.h>
#include <vfsrig.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define RW   (SMB3_O_READ | SMB3_O_WRITE)
#define NAME "user.DosStream.big:$DATA"
#define BIG  200000

static struct vfsrig *rig;
static char depot[120];

static void setup(void)
{
	rig = vfsrig_new("\"vfs_posix\", \"vfs_streams\"", "vfs_streams = { max_size = \"1M\"; };",
			 NULL);
	snprintf(depot, sizeof(depot), "%s/state/streams", rig->home);
	cr_assert_eq(vfsrig_make(rig, "base", "base"), 0);
	if (setxattr(vfsrig_path(rig, "base"), "user.probe", "", 0, 0))
		cr_skip_test("the file system has no user xattrs");
}

static void teardown(void)
{
	vfsrig_free(rig);
}

TestSuite(depot, .init = setup, .fini = teardown);

static struct smb3_handle *big_open(const char *base, uint32_t flags)
{
	const struct smb3_how how = { .flags = RW | flags };
	struct smb3_handle *b = vfsrig_open(rig, NULL, base, SMB3_O_META, NULL);
	struct smb3_handle *h = smb3_handle_new(rig->mount);

	cr_assert(b, "%s", base);
	cr_assert_eq(smb3_vfs_open_stream(rig->top, &rig->ctx, b, "big", &how, h), 0);
	smb3_handle_free(b);
	return h;
}

static struct smb3_handle *big_make(const char *base)
{
	struct smb3_handle *h = big_open(base, SMB3_O_CREATE);
	char *data = smb3_alloc(BIG);

	memset(data, 'x', BIG);
	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "start", 5, 0), 5);
	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, data, BIG, 10), BIG);
	free(data);
	return h;
}

/* How many streams the depot has. */
static int in_depot(void)
{
	DIR *dir = opendir(depot);
	const struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

static char at(struct smb3_handle *h, uint64_t offset)
{
	char c = '?';

	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, &c, 1, offset), 1);
	return c;
}

static ssize_t stored(const char *base, char buf[200])
{
	return getxattr(vfsrig_path(rig, base), NAME, buf, 200);
}

Test(depot, grows_into_it_and_back)
{
	struct smb3_handle *h;
	struct smb3_stat st;
	char buf[200];

	cr_expect_neq(access(depot, F_OK), 0);
	h = big_make("base");
	cr_assert_eq(stored("base", buf), (ssize_t)STREAMS_TICKET_SIZE);
	cr_expect_eq(strncmp(buf, STREAMS_TICKET, strlen(STREAMS_TICKET)), 0);
	cr_expect_eq(in_depot(), 1);
	cr_expect(at(h, 0) == 's' && at(h, 5) == 0 && at(h, 10) == 'x');
	cr_expect_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	cr_expect_eq(st.size, BIG + 10);
	cr_expect_eq(smb3_vfs_flush(rig->top, &rig->ctx, h), 0);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 0), 0);
	cr_expect_eq(stored("base", buf), 1);
	cr_expect_eq(in_depot(), 0);
	smb3_handle_free(h);
	cr_expect_eq(stat(depot, &(struct stat){ 0 }), 0);
}

Test(depot, only_the_server_reaches_it)
{
	struct stat st;

	smb3_handle_free(big_make("base"));
	cr_assert_eq(stat(depot, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0700);
	cr_expect_eq(st.st_uid, geteuid());
}

Test(depot, goes_with_the_stream_and_with_the_file)
{
	struct smb3_handle *h = big_make("base");

	cr_expect_eq(smb3_vfs_remove_stream(rig->top, &rig->ctx, h), 0);
	smb3_handle_free(h);
	cr_expect_eq(in_depot(), 0);
	smb3_handle_free(big_make("base"));
	cr_expect_eq(in_depot(), 1);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "base", rig->root, "other", 0),
		     0);
	cr_expect_eq(in_depot(), 1);
	smb3_handle_free(big_open("other", 0));
	cr_assert_eq(vfsrig_make(rig, "base", "new"), 0);
	cr_expect_eq(smb3_vfs_rename(rig->top, &rig->ctx, rig->root, "base", rig->root, "other",
				     SMB3_RENAME_REPLACE),
		     0);
	cr_expect_eq(in_depot(), 0);
	smb3_handle_free(big_make("other"));
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "OTHER", false), 0);
	cr_expect_eq(in_depot(), 0);
}

Test(depot, stays_while_a_link_is_left)
{
	struct smb3_handle *h = big_make("base");

	cr_assert_eq(link(vfsrig_path(rig, "base"), vfsrig_path(rig, "link")), 0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "base", false), 0);
	cr_expect_eq(in_depot(), 1);
	cr_expect_eq(at(h, 0), 's');
	smb3_handle_free(h);
	h = big_open("link", 0);
	cr_expect_eq(at(h, 0), 's');
	smb3_handle_free(h);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "link", false), 0);
	cr_expect_eq(in_depot(), 0);
}

/* A file that was copied with its xattrs reads the contents, and changes its own. */
Test(depot, copies_get_their_own)
{
	struct smb3_handle *h = big_make("base"), *copy;
	char buf[200];
	ssize_t n = stored("base", buf);

	cr_assert_eq(vfsrig_make(rig, "copy", ""), 0);
	cr_assert_eq(setxattr(vfsrig_path(rig, "copy"), NAME, buf, (size_t)n, 0), 0);
	copy = big_open("copy", 0);
	cr_expect_eq(at(copy, 0), 's');
	cr_expect_eq(in_depot(), 1);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, copy, "S", 1, 0), 1);
	cr_expect_eq(in_depot(), 2);
	cr_expect(at(copy, 0) == 'S' && at(copy, 11) == 'x' && at(h, 0) == 's');
	smb3_handle_free(copy);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "copy", false), 0);
	cr_expect_eq(in_depot(), 1);
	cr_expect_eq(at(h, 0), 's');
	smb3_handle_free(h);
}

/* Before it has changed anything, a copy takes nothing away from the original. */
Test(depot, removing_a_copy_keeps_the_original)
{
	struct smb3_handle *h = big_make("base");
	char buf[200];
	ssize_t n = stored("base", buf);

	cr_assert_eq(vfsrig_make(rig, "copy", ""), 0);
	cr_assert_eq(setxattr(vfsrig_path(rig, "copy"), NAME, buf, (size_t)n, 0), 0);
	cr_expect_eq(smb3_vfs_remove(rig->top, &rig->ctx, rig->root, "copy", false), 0);
	cr_expect_eq(in_depot(), 1);
	cr_expect_eq(at(h, 0), 's');
	smb3_handle_free(h);
}

/* The contents are lost: reading says so, and the stream can be taken away. */
Test(depot, missing_contents)
{
	char command[300], c;
	struct smb3_handle *h;

	smb3_handle_free(big_make("base"));
	snprintf(command, sizeof(command), "rm %s/*", depot);
	cr_assert_eq(system(command), 0);
	h = big_open("base", 0);
	cr_expect_eq(smb3_vfs_pread(rig->top, &rig->ctx, h, &c, 1, 0), -EIO);
	cr_expect_eq(smb3_vfs_remove_stream(rig->top, &rig->ctx, h), 0);
	smb3_handle_free(h);
}

Test(depot, ranges_with_data)
{
	struct smb3_handle *h = big_make("base");
	uint64_t offset = 0, len = 0;

	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 1 << 20), 0);
	cr_expect_eq(smb3_vfs_next_data(rig->top, &rig->ctx, h, &offset, &len), 0);
	cr_expect_eq(offset, 0);
	cr_expect_geq(len, BIG + 10);
	offset = 1 << 20;
	cr_expect_eq(smb3_vfs_next_data(rig->top, &rig->ctx, h, &offset, &len), -ENXIO);
	cr_expect_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 0, 4096, SMB3_ALLOC_PUNCH), 0);
	cr_expect_eq(at(h, 0), 0);
	smb3_handle_free(h);
}

Test(depot, size_limit)
{
	struct smb3_handle *h = big_make("base");
	struct smb3_ctx nowait = rig->ctx;
	char c;

	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, 1 << 20), -ENOSPC);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, INT64_MAX), -ENOSPC);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "x", 1, UINT64_MAX), -ENOSPC);
	cr_expect_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, (1 << 20) + 1), -ENOSPC);
	nowait.nowait = true;
	cr_expect_eq(smb3_vfs_pread(rig->top, &nowait, h, &c, 1, 0), -EAGAIN);
	smb3_handle_free(h);
}

Test(depot, renamed_streams_keep_theirs)
{
	struct smb3_handle *h = big_make("base");

	cr_expect_eq(smb3_vfs_rename_stream(rig->top, &rig->ctx, h, "other", 0), 0);
	cr_expect_eq(in_depot(), 1);
	cr_expect_eq(at(h, 0), 's');
	cr_expect_eq(smb3_vfs_remove_stream(rig->top, &rig->ctx, h), 0);
	cr_expect_eq(in_depot(), 0);
	smb3_handle_free(h);
}

Test(depot_off, no_room)
{
	struct smb3_handle *h;
	char *data = smb3_alloc(BIG);

	rig = vfsrig_new("\"vfs_posix\", \"vfs_streams\"", NULL,
			 "vfs_streams = { depot = \"\"; };");
	cr_assert_eq(vfsrig_make(rig, "base", "base"), 0);
	h = big_open("base", SMB3_O_CREATE);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, data, BIG, 0), -ENOSPC);
	cr_expect_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, "fits", 4, 0), 4);
	smb3_handle_free(h);
	free(data);
	vfsrig_free(rig);
}
