// SPDX-License-Identifier: Apache-2.0
/*
 * space.c: reserving, zeroing and punching ranges, where the data is, and copying inside the
 * server.
 */
#include "posix.h"

#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int space_fallocate(int fd, int mode, uint64_t offset, uint64_t len)
{
	return fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len) ? -errno : 0;
}

static void space_note(const struct posix_mount *m, struct posix_handle *ph, uint64_t end)
{
	uint64_t full = (end + m->cluster - 1) / m->cluster * m->cluster;
	uint64_t old = atomic_load_explicit(&ph->reserved, memory_order_relaxed);

	while (old < full && !atomic_compare_exchange_weak(&ph->reserved, &old, full))
		continue;
}

/* A file system that cannot reserve must at least have the room. */
int posix_reserve(const struct posix_mount *m, struct posix_handle *ph, uint64_t offset,
		  uint64_t len)
{
	struct stat st;
	int err;

	if (!len)
		return 0;
	/* Some file systems fill themselves up to find out that it is not enough. */
	if (fstat(ph->fd, &st) == 0 && len > posix_available(ph->fd) + (uint64_t)st.st_blocks * 512)
		return -ENOSPC;
	err = space_fallocate(ph->fd, 0, offset, len);
	if (err == -EOPNOTSUPP)
		err = posix_available(ph->fd) < len ? -ENOSPC : 0;
	if (!err)
		space_note(m, ph, offset + len);
	return err;
}

static int space_write_zeros(int fd, uint64_t offset, uint64_t end)
{
	static const char zeros[65536];

	while (offset < end) {
		size_t len = end - offset < sizeof(zeros) ? end - offset : sizeof(zeros);
		ssize_t n = pwrite(fd, zeros, len, (off_t)offset);

		if (n < 0 && errno != EINTR)
			return -errno;
		offset += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* What is beyond the end reads as zeros anyway. */
static int space_fill(int fd, uint64_t offset, uint64_t len)
{
	struct stat st;
	uint64_t end = offset + len;

	if (fstat(fd, &st))
		return -errno;
	if (end > (uint64_t)st.st_size)
		end = (uint64_t)st.st_size;
	return space_write_zeros(fd, offset, end);
}

static int space_zero(int fd, uint64_t offset, uint64_t len)
{
	int err = space_fallocate(fd, FALLOC_FL_ZERO_RANGE, offset, len);

	if (err != -EOPNOTSUPP)
		return err;
	err = space_fallocate(fd, FALLOC_FL_PUNCH_HOLE, offset, len);
	if (!err)
		err = space_fallocate(fd, 0, offset, len);
	return err == -EOPNOTSUPP ? space_fill(fd, offset, len) : err;
}

int posix_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		uint64_t offset, uint64_t len, uint32_t flags)
{
	struct posix_handle *ph = posix_of(self, h);
	int err;

	if (offset > INT64_MAX || len > INT64_MAX - offset)
		return -EFBIG;
	if (ctx->nowait)
		return -EAGAIN;
	posix_stale(ph);
	if (!len)
		return 0;
	if (flags & SMB3_ALLOC_PUNCH) {
		err = space_fallocate(ph->fd, FALLOC_FL_PUNCH_HOLE, offset, len);
		return err == -EOPNOTSUPP ? space_fill(ph->fd, offset, len) : err;
	}
	if (flags & SMB3_ALLOC_ZERO)
		return space_zero(ph->fd, offset, len);
	return posix_reserve(posix_mount_of(self), ph, offset, len);
}

int posix_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		    uint64_t *offset, uint64_t *len)
{
	int fd = posix_of(self, h)->fd;
	off_t data, hole;

	if (*offset > INT64_MAX)
		return -ENXIO;
	data = lseek(fd, (off_t)*offset, SEEK_DATA);
	if (data < 0)
		return errno == EINVAL ? -EOPNOTSUPP : -errno;
	hole = lseek(fd, data, SEEK_HOLE);
	if (hole < 0)
		return -errno;
	*offset = (uint64_t)data;
	*len = (uint64_t)(hole - data);
	return 0;
}

static ssize_t space_clone(int from, uint64_t from_offset, int to, uint64_t to_offset, size_t len)
{
	struct file_clone_range range = { .src_fd = from,
					  .src_offset = from_offset,
					  .src_length = len,
					  .dest_offset = to_offset };

	if (!ioctl(to, FICLONERANGE, &range))
		return (ssize_t)len;
	return errno == EXDEV || errno == ENOTTY ? -EOPNOTSUPP : -errno;
}

/* -EOPNOTSUPP makes core read and write instead. */
ssize_t posix_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		   uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		   uint32_t flags)
{
	off_t in = (off_t)from_offset, out = (off_t)to_offset;
	struct posix_handle *to_ph = posix_of(self, to);
	ssize_t n;

	if (in < 0 || out < 0 || len > (size_t)(INT64_MAX - in) || len > (size_t)(INT64_MAX - out))
		return -EFBIG;
	if (ctx->nowait)
		return -EAGAIN;
	if (!len)
		return 0;
	posix_stale(to_ph);
	if (flags & SMB3_COPY_CLONE)
		return space_clone(posix_of(self, from)->fd, from_offset, to_ph->fd, to_offset,
				   len);
	n = copy_file_range(posix_of(self, from)->fd, &in, to_ph->fd, &out, len, 0);
	if (n >= 0)
		return n;
	/* EINVAL: ranges of one file that overlap */
	if (errno == EXDEV || errno == ENOSYS || errno == EINVAL)
		return -EOPNOTSUPP;
	return -errno;
}
