// SPDX-License-Identifier: Apache-2.0
/*
 * data.c: reading, writing, flushing and the size.
 */
#include "posix.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRY_MOST    (8u << 20) /* bytes that are written on a loop */
#define TRY_PAGE    4096u
#define TRY_SLOW    3000000ull /* ns; a write that took so long has waited */
#define PAUSE_LEAST 1000000000ull
#define PAUSE_MOST  64000000000ull

/* With RWF_NOWAIT a file system that does not know it says so each time: asked once. */
static ssize_t data_refused(_Atomic bool *waits)
{
	if (errno == EOPNOTSUPP)
		atomic_store_explicit(waits, true, memory_order_relaxed);
	return errno == EOPNOTSUPP ? -EAGAIN : -errno;
}

ssize_t posix_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    void *buf, size_t len, uint64_t offset)
{
	struct posix_mount *m = posix_mount_of(self);
	int fd = posix_of(self, h)->fd, flags = ctx->nowait ? RWF_NOWAIT : 0;
	size_t done = 0;

	if (offset > INT64_MAX - len)
		return offset > INT64_MAX ? 0 : -EINVAL;
	if (flags && atomic_load_explicit(&m->read_waits, memory_order_relaxed))
		return -EAGAIN;
	while (done < len) {
		struct iovec iov = { (char *)buf + done, len - done };
		ssize_t n = preadv2(fd, &iov, 1, (off_t)(offset + done), flags);

		if (n == 0)
			break;
		if (n > 0)
			done += (size_t)n;
		else if (flags)
			return data_refused(&m->read_waits);
		else if (errno != EINTR)
			return done ? (ssize_t)done : -errno;
	}
	return (ssize_t)done;
}

/* ---- writes that may not wait, where the file system knows no RWF_NOWAIT for them ----
 *
 * It takes whole pages into its cache at once as a rule, unless it is another machine's. A writer waits when too
 * much is unwritten, which may last: then no loop tries for a while, and for twice as long each time that it had
 * to wait again. */

static bool try_may(const struct posix_mount *m, const struct smb3_handle *h, size_t len,
		    uint64_t offset)
{
	uint64_t now;

	if (!m->local || len > TRY_MOST || (len | offset) % TRY_PAGE)
		return false; /* a page that is changed in part may have to be read */
	now = smb3_clock();
	return now >= atomic_load_explicit(&m->try_again, memory_order_relaxed) &&
	       now >= atomic_load(&h->mount->slow_until);
}

/* A busy machine makes a thread wait for a processor, which says nothing of the file system. */
static bool try_waited(const struct rusage *then)
{
	struct rusage now = { 0 };

	getrusage(RUSAGE_THREAD, &now);
	timersub(&now.ru_stime, &then->ru_stime, &now.ru_stime);
	return now.ru_nvcsw != then->ru_nvcsw || now.ru_stime.tv_sec ||
	       now.ru_stime.tv_usec >= (suseconds_t)(TRY_SLOW / 1000);
}

static void try_learn(struct posix_mount *m, uint64_t began, const struct rusage *then)
{
	uint64_t now = smb3_clock(), pause = atomic_load(&m->try_pause);

	if (now - began < TRY_SLOW || !try_waited(then))
		return;
	if (!pause || now > atomic_load(&m->try_again) + pause)
		pause = PAUSE_LEAST;
	else if (pause < PAUSE_MOST)
		pause *= 2;
	atomic_store(&m->try_pause, pause);
	atomic_store(&m->try_again, now + pause);
}

/* Once a part is written the rest is too, whether it waits or not. */
static ssize_t write_all(struct posix_mount *m, int fd, struct iovec from, uint64_t offset,
			 int flags)
{
	size_t done = 0;

	while (done < from.iov_len) {
		struct iovec iov = { (char *)from.iov_base + done, from.iov_len - done };
		ssize_t n = pwritev2(fd, &iov, 1, (off_t)(offset + done), flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && flags && !done)
			return data_refused(&m->write_waits);
		if (n < 0 && !flags)
			return done ? (ssize_t)done : -errno;
		done += n > 0 ? (size_t)n : 0;
		flags = 0;
	}
	return (ssize_t)done;
}

static ssize_t try_write(struct posix_mount *m, int fd, struct iovec from, uint64_t offset)
{
	struct rusage then = { 0 };
	uint64_t began = smb3_clock();
	ssize_t n;

	getrusage(RUSAGE_THREAD, &then);
	n = write_all(m, fd, from, offset, 0);
	try_learn(m, began, &then);
	return n;
}

ssize_t posix_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     const void *buf, size_t len, uint64_t offset)
{
	struct posix_mount *m = posix_mount_of(self);
	struct posix_handle *ph = posix_of(self, h);
	struct iovec from = { (void *)(uintptr_t)buf, len };
	bool tries = ctx->nowait && atomic_load_explicit(&m->write_waits, memory_order_relaxed);

	if (offset > INT64_MAX || len > INT64_MAX - offset)
		return -EFBIG;
	if (tries && (ph->fresh.dev != m->dev || !try_may(m, h, len, offset)))
		return -EAGAIN;
	posix_stale(ph);
	if (tries)
		return try_write(m, ph->fd, from, offset);
	return write_all(m, ph->fd, from, offset, ctx->nowait ? RWF_NOWAIT : 0);
}

/* The entry of a new file is not on disk yet when the file is. The folder is found by where the
 * file stands now; one that the user may not read is left to the file system, which writes both
 * with its journal. */
static int data_flush_parent(int fd)
{
	char proc[POSIX_PROC_SIZE], path[PATH_MAX], *slash;
	ssize_t n = readlink(posix_proc(fd, proc), path, sizeof(path));
	int dir, err = 0;

	if (n <= 0 || n == sizeof(path))
		return 0;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return 0;
	*slash = '\0';
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return 0;
	if (fsync(dir) && errno != EINVAL)
		err = -errno;
	close(dir);
	return err;
}

int posix_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	struct posix_handle *ph = posix_of(self, h);
	int fd, err;

	if (ctx->nowait)
		return -EAGAIN;
	fd = h->directory ? posix_list_fd(ph) : ph->fd;
	if (fd < 0)
		return fd;
	if (fsync(fd))
		return -errno;
	if (!atomic_load(&ph->created))
		return 0;
	err = data_flush_parent(ph->fd);
	if (!err)
		atomic_store(&ph->created, false);
	return err;
}

int posix_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		   uint64_t size)
{
	struct posix_handle *ph = posix_of(self, h);

	if (size > INT64_MAX)
		return -EFBIG;
	if (ctx->nowait)
		return -EAGAIN;
	posix_stale(ph);
	if (ftruncate(ph->fd, (off_t)size))
		return -errno;
	atomic_store_explicit(&ph->reserved, 0, memory_order_relaxed);
	return 0;
}
