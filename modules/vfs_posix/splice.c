// SPDX-License-Identifier: Apache-2.0
/*
 * splice.c: data from the page cache into a kernel pipe.
 *
 * splice() has no way to ask it not to wait for a disk. On an event loop it is called only after the
 * last byte could be read without waiting (reading ahead has come past it) and when all pages are
 * there. What happens between the question and the call is a page thrown out just then.
 */
#include "posix.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

#define PAGE \
	4096u /* or more: then the loop asks for more pages than there are, and does not splice */

/* linux/mman.h of Linux 6.5 */
struct cache_range {
	uint64_t offset, len;
};

struct cache_pages {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* 0, -EAGAIN: not all is in memory; -EOPNOTSUPP: nobody knows, or the file ends there. */
static int splice_resident(int fd, size_t len, uint64_t offset)
{
	struct cache_range range = { offset, len };
	struct cache_pages pages = { 0 };
	uint8_t last;
	struct iovec iov = { &last, 1 };
	ssize_t n = preadv2(fd, &iov, 1, (off_t)(offset + len - 1), RWF_NOWAIT);

	if (n < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (n != 1 || syscall(SYS_cachestat, fd, &range, &pages, 0) < 0)
		return -EOPNOTSUPP;
	return pages.cached >= (offset + len - 1) / PAGE - offset / PAGE + 1 ? 0 : -EAGAIN;
}

/* Up to len bytes into one pipe: how many, or -errno. */
static ssize_t splice_pipe(int fd, off_t *at, int pipe, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = splice(fd, at, pipe, NULL, len - done, SPLICE_F_MOVE);

		if (n == 0)
			break;
		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return -errno;
	}
	return (ssize_t)done;
}

ssize_t posix_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     struct smb3_tube *tube, size_t len, uint64_t offset)
{
	int fd = posix_of(self, h)->fd, err;
	size_t done = 0;

	if (!len || offset > INT64_MAX - len)
		return -EOPNOTSUPP;
	err = ctx->nowait ? splice_resident(fd, len, offset) : 0;
	for (unsigned int i = 0; !err && i < tube->n && done < len; i++) {
		off_t at = (off_t)(offset + done);
		size_t room = tube->size - (size_t)at % PAGE;
		size_t part = len - done < room ? len - done : room;
		ssize_t n = splice_pipe(fd, &at, tube->in[i], part);

		tube->has[i] = n < 0 ? 0 : (size_t)n;
		tube->spoiled = n < 0 && (done || at != (off_t)(offset + done));
		done += tube->has[i];
		if (n < 0)
			return tube->spoiled ? -EIO : -EOPNOTSUPP;
		if ((size_t)n < part)
			break;
	}
	return err ? err : (ssize_t)done;
}
