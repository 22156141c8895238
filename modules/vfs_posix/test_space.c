// SPDX-License-Identifier: Apache-2.0
/*
 * test_space.c: allocation sizes, holes, reserving and copying.
 */
#include "test_rig.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static uint32_t cluster;

static void setup(void)
{
	struct smb3_fsinfo info;

	rig_setup();
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	cluster = info.block;
}

TestSuite(space, .init = setup, .fini = rig_teardown);

static struct smb3_handle *make(const char *name)
{
	struct smb3_handle *h =
		vfsrig_open(rig, NULL, name, SMB3_O_CREATE | SMB3_O_READ | SMB3_O_WRITE, NULL);

	cr_assert(h);
	return h;
}

static struct smb3_stat stat_of(struct smb3_handle *h)
{
	struct smb3_stat st;

	cr_assert_eq(smb3_vfs_stat(rig->top, &rig->ctx, h, &st), 0);
	return st;
}

static void put(struct smb3_handle *h, char byte, size_t len, uint64_t offset)
{
	char *buf = smb3_arena_alloc(rig->ctx.arena, len);

	memset(buf, byte, len);
	cr_assert_eq(smb3_vfs_pwrite(rig->top, &rig->ctx, h, buf, len, offset), (ssize_t)len);
}

/* True when all of a range has this byte. */
static bool holds(struct smb3_handle *h, char byte, size_t len, uint64_t offset)
{
	char *buf = smb3_arena_alloc(rig->ctx.arena, len);

	if (smb3_vfs_pread(rig->top, &rig->ctx, h, buf, len, offset) != (ssize_t)len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (buf[i] != byte)
			return false;
	return true;
}

Test(space, an_empty_file_takes_nothing)
{
	struct smb3_handle *h = make("f");
	char big[1000] = { 1 };

	cr_expect_eq(stat_of(h).alloc, 0);
	/* Too large for the inode: on many file systems the file has a block now. */
	cr_assert_eq(smb3_vfs_setxattr(rig->top, &rig->ctx, h, "user.big", big, sizeof(big)), 0);
	cr_expect_eq(stat_of(h).alloc, 0);
	put(h, 'x', 1, 0);
	cr_expect_eq(stat_of(h).alloc, cluster);
	put(h, 'x', cluster, 0);
	cr_expect_eq(stat_of(h).alloc, cluster);
	put(h, 'x', 1, cluster);
	cr_expect_eq(stat_of(h).alloc, 2 * cluster);
	smb3_handle_free(h);
}

Test(space, holes_take_nothing)
{
	struct smb3_handle *h = make("f");
	uint64_t offset = 0, len = 0;

	cr_assert_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 16 * MIB), 0);
	cr_expect(stat_of(h).alloc < MIB);
	cr_expect_eq(smb3_vfs_next_data(rig->top, &rig->ctx, h, &offset, &len), -ENXIO);
	put(h, 'x', 4096, 8 * MIB);
	cr_assert_eq(smb3_vfs_next_data(rig->top, &rig->ctx, h, &offset, &len), 0);
	cr_expect(offset > 0 && offset <= 8 * MIB && offset + len >= 8 * MIB + 4096);
	cr_expect(stat_of(h).alloc < MIB);
	offset += len;
	cr_expect_eq(smb3_vfs_next_data(rig->top, &rig->ctx, h, &offset, &len), -ENXIO);
	offset = UINT64_MAX;
	cr_expect_eq(smb3_vfs_next_data(rig->top, &rig->ctx, h, &offset, &len), -ENXIO);
	smb3_handle_free(h);
}

Test(space, ranges_are_punched_and_zeroed)
{
	static const uint32_t ways[] = { SMB3_ALLOC_PUNCH, SMB3_ALLOC_ZERO };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(ways); i++) {
		struct smb3_handle *h = make(i ? "zero" : "punch");

		put(h, 'x', MIB, 0);
		cr_assert_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 1000, MIB / 2, ways[i]), 0);
		cr_expect(holds(h, 'x', 1000, 0));
		cr_expect(holds(h, 0, MIB / 2, 1000));
		cr_expect(holds(h, 'x', MIB / 2 - 1000, MIB / 2 + 1000));
		if (ways[i] == SMB3_ALLOC_ZERO)
			cr_expect_eq(stat_of(h).alloc, MIB);
		/* Beyond the end nothing grows. */
		cr_assert_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, MIB, MIB, ways[i]), 0);
		cr_assert_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 0, 0, ways[i]), 0);
		cr_expect_eq(stat_of(h).size, MIB);
		smb3_handle_free(h);
	}
}

Test(space, reserved_bytes_are_shown)
{
	const struct smb3_how how = { .flags = SMB3_O_CREATE | SMB3_O_WRITE,
				      .mode = 0644,
				      .alloc = MIB };
	struct smb3_handle *h = vfsrig_open_how(rig, NULL, "f", &how, NULL);

	cr_assert(h);
	cr_expect_eq(stat_of(h).size, 0);
	cr_expect_eq(stat_of(h).alloc, MIB);
	cr_assert_eq(smb3_vfs_alloc(rig->top, &rig->ctx, h, 0, 2 * MIB - 5, 0), 0);
	cr_expect_eq(stat_of(h).alloc, 2 * MIB);
	cr_expect_eq(stat_of(h).size, 0);
	cr_assert_eq(smb3_vfs_truncate(rig->top, &rig->ctx, h, 10), 0);
	cr_expect_lt(stat_of(h).alloc, 2 * MIB);
	smb3_handle_free(h);
}

Test(space, more_than_there_is_is_refused)
{
	struct smb3_how how = { .flags = SMB3_O_CREATE | SMB3_O_WRITE, .mode = 0644 };
	struct smb3_fsinfo info;
	int err;

	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	how.alloc = info.total + (uint64_t)1024 * MIB;
	cr_expect_null(vfsrig_open_how(rig, NULL, "f", &how, &err));
	cr_expect(err == -ENOSPC || err == -EFBIG, "%d", err);
	cr_expect_str_eq(vfsrig_list(rig, NULL), "", "what could not be made is taken away");
}

Test(space, copies_inside_the_server)
{
	struct smb3_handle *a = make("a"), *b = make("b");
	ssize_t n;

	put(a, 'x', MIB, 0);
	for (uint64_t done = 0; done < MIB; done += (uint64_t)n) {
		n = smb3_vfs_copy(rig->top, &rig->ctx, a, done, b, done + 100, MIB - done, 0);
		cr_assert_gt(n, 0);
	}
	cr_expect(holds(b, 'x', MIB, 100));
	cr_expect(holds(b, 0, 100, 0));
	cr_expect_eq(smb3_vfs_copy(rig->top, &rig->ctx, a, MIB, b, 0, 10, 0), 0);
	cr_expect_eq(smb3_vfs_copy(rig->top, &rig->ctx, a, 0, b, 0, 0, 0), 0);
	cr_expect_eq(smb3_vfs_copy(rig->top, &rig->ctx, a, 0, b, INT64_MAX, 10, 0), -EFBIG);
	smb3_handle_free(a);
	smb3_handle_free(b);
}

/* copy_file_range() refuses ranges that overlap; clients do not know that. */
Test(space, copies_that_overlap)
{
	struct smb3_handle *h = make("f");

	put(h, 'a', 4096, 0);
	put(h, 'b', 4096, 4096);
	cr_assert_eq(smb3_vfs_copy(rig->top, &rig->ctx, h, 0, h, 1000, 8192, 0), 8192);
	cr_expect(holds(h, 'a', 1000 + 4096, 0));
	cr_expect(holds(h, 'b', 4096, 1000 + 4096));
	smb3_handle_free(h);
}

Test(space, clones_share_blocks_or_fail)
{
	struct smb3_handle *a = make("a"), *b = make("b");
	struct smb3_fsinfo info;
	ssize_t n;

	put(a, 'x', 64 * 1024, 0);
	cr_assert_eq(smb3_vfs_statfs(rig->top, &rig->ctx, rig->root, &info), 0);
	n = smb3_vfs_copy(rig->top, &rig->ctx, a, 0, b, 0, 64 * 1024, SMB3_COPY_CLONE);
	if (info.features & FILE_SUPPORTS_BLOCK_REFCOUNTING)
		cr_expect(n == 64 * 1024 && holds(b, 'x', 64 * 1024, 0));
	else
		cr_expect_eq(n, -EOPNOTSUPP);
	smb3_handle_free(a);
	smb3_handle_free(b);
}
