// SPDX-License-Identifier: Apache-2.0
/*
 * test_data.c: reading, writing and splicing, also where nothing may wait, and at the limits of a disk.
 */
#include "posix.h"
#include "test_rig.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

TestSuite(posix_data, .init = rig_setup, .fini = rig_teardown);

#define PAGE 4096
#define MUCH ((8u << 20) + PAGE)

static ssize_t write_nowait(struct smb3_handle *h, size_t len, uint64_t offset)
{
	struct smb3_ctx nowait = rig->ctx;
	static char data[MUCH];

	nowait.nowait = true;
	return smb3_vfs_pwrite(rig->top, &nowait, h, data, len, offset);
}

/* Whole pages are taken at once, also by a file system that knows no way to ask for that. */
Test(posix_data, nowait_writes_whole_pages)
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
	cr_expect_eq(write_nowait(h, MUCH - PAGE, 0), (ssize_t)MUCH - PAGE);
	atomic_store(&m->try_again, UINT64_MAX);
	cr_expect_eq(write_nowait(h, PAGE, 0), -EAGAIN);
	atomic_store(&m->try_again, 0);
	atomic_store(&h->mount->slow_until, UINT64_MAX);
	cr_expect_eq(write_nowait(h, PAGE, 0), -EAGAIN);
	smb3_handle_free(h);
}

Test(posix_data, nowait_never_waits)
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

Test(posix_data, splicing)
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

Test(posix_data, reading_and_writing_at_the_edges)
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

Test(posix_data, a_size_beyond_the_file_system)
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

Test(posix_data, a_full_disk_keeps_what_was_written)
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

Test(posix_data, flush_of_new_files_and_folders)
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
