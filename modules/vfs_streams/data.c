// SPDX-License-Identifier: Apache-2.0
/*
 * data.c: the contents of streams. What a write leaves out is zeros.
 */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Larger than streams may be. A client is told that the disk is full. */
static bool data_too_large(const struct smb3_vfs *self, uint64_t offset, uint64_t len)
{
	uint64_t most = streams_of(self)->conf->max_size;

	return offset > most || len > most - offset;
}

ssize_t streams_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      void *buf, size_t len, uint64_t offset)
{
	struct streams_call call;
	ssize_t n;

	if (!streams_node_of(self, h))
		return smb3_vfs_pread(self->next, ctx, h, buf, len, offset);
	n = streams_begin(self, ctx, h, &call);
	if (n)
		return n;
	n = streams_load(&call);
	if (!n && offset < call.size) {
		len = len < call.size - offset ? len : (size_t)(call.size - offset);
		if (call.fd < 0)
			memcpy(buf, call.value + offset, len);
		n = call.fd < 0 ? (ssize_t)len : pread(call.fd, buf, len, (off_t)offset);
		n = n < 0 ? -errno : n;
	}
	streams_end(&call);
	return n;
}

/* Streams are copied. */
ssize_t streams_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       struct smb3_tube *tube, size_t len, uint64_t offset)
{
	if (streams_node_of(self, h))
		return -EOPNOTSUPP;
	return smb3_vfs_splice(self->next, ctx, h, tube, len, offset);
}

/* Loaded; to be changed up to end. Large streams move to the depot before they grow: what they
 * become is nothing that a value could hold. */
static int data_prepare(struct streams_call *call, uint64_t end)
{
	uint64_t most = streams_of(call->self)->conf->xattr_size;

	if (call->fd >= 0)
		return streams_make_own(call);
	if (end < most && end < STREAMS_VALUE_MAX) {
		streams_grow(call, (size_t)(end > call->size ? end : call->size));
		return 0;
	}
	return streams_move_out(call);
}

static int data_change(struct streams_call *call, const void *buf, size_t len, uint64_t offset)
{
	uint64_t end = offset + len;
	ssize_t n = (ssize_t)len;
	int err = data_prepare(call, end);

	if (err)
		return err;
	if (call->fd < 0) {
		memcpy(call->value + offset, buf, len);
		return streams_store(call, (size_t)(end > call->size ? end : call->size));
	}
	for (size_t done = 0; done < len && n > 0; done += (size_t)n) {
		n = pwrite(call->fd, (const char *)buf + done, len - done, (off_t)(offset + done));
		if (n < 0)
			return -errno;
	}
	return 0;
}

ssize_t streams_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       const void *buf, size_t len, uint64_t offset)
{
	struct streams_call call;
	int err;

	if (!streams_node_of(self, h))
		return smb3_vfs_pwrite(self->next, ctx, h, buf, len, offset);
	if (data_too_large(self, offset, len))
		return -ENOSPC;
	err = streams_begin(self, ctx, h, &call);
	if (err)
		return err;
	err = streams_load(&call);
	if (!err && len)
		err = data_change(&call, buf, len, offset);
	streams_end(&call);
	return err ? err : (ssize_t)len;
}

/* The xattrs. A handle that only describes the base cannot be flushed; whoever may not read the
 * base leaves that to the file system. */
static int data_flush_base(int bare)
{
	char proc[40];
	int fd, err = 0;

	if (bare < 0)
		return 0;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", bare);
	fd = open(proc, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	if (fsync(fd))
		err = -errno;
	close(fd);
	return err;
}

int streams_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	struct streams_call call;
	int err;

	if (!streams_node_of(self, h))
		return smb3_vfs_flush(self->next, ctx, h);
	if (ctx->nowait)
		return -EAGAIN;
	err = streams_begin(self, ctx, h, &call);
	if (err)
		return err;
	err = streams_load(&call);
	if (!err && call.fd >= 0 && fsync(call.fd))
		err = -errno;
	streams_end(&call);
	return err ? err : data_flush_base(smb3_vfs_fd(self->next, h));
}

static int data_resize(struct streams_call *call, uint64_t size)
{
	int err;

	if (!size && call->fd >= 0 && !call->node->unnamed)
		return streams_empty(call);
	err = data_prepare(call, size);
	if (err)
		return err;
	if (call->fd < 0)
		return streams_store(call, (size_t)size);
	return ftruncate(call->fd, (off_t)size) ? -errno : 0;
}

int streams_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		     uint64_t size)
{
	struct streams_call call;
	int err;

	if (!streams_node_of(self, h))
		return smb3_vfs_truncate(self->next, ctx, h, size);
	if (data_too_large(self, 0, size))
		return -ENOSPC;
	err = streams_begin(self, ctx, h, &call);
	if (err)
		return err;
	err = streams_load(&call);
	if (!err && size != call.size)
		err = data_resize(&call, size);
	streams_end(&call);
	return err;
}

/* Zeros, of what there is. */
static int data_clear(struct streams_call *call, uint64_t offset, uint64_t len)
{
	int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, err = 0;

	if (offset >= call->size)
		return 0;
	if (len > call->size - offset)
		len = call->size - offset;
	err = data_prepare(call, offset + len);
	if (err)
		return err;
	if (call->fd >= 0)
		return fallocate(call->fd, mode, (off_t)offset, (off_t)len) ? -errno : 0;
	memset(call->value + offset, 0, len);
	return streams_store(call, (size_t)call->size);
}

/* Room is not reserved: a stream that fits is stored when it is written. */
int streams_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		  uint64_t offset, uint64_t len, uint32_t flags)
{
	struct streams_call call;
	int err;

	if (!streams_node_of(self, h))
		return smb3_vfs_alloc(self->next, ctx, h, offset, len, flags);
	if (!flags)
		return data_too_large(self, offset, len) ? -ENOSPC : 0;
	err = streams_begin(self, ctx, h, &call);
	if (err)
		return err;
	err = streams_load(&call);
	if (!err)
		err = data_clear(&call, offset, len);
	streams_end(&call);
	return err;
}

int streams_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      uint64_t *offset, uint64_t *len)
{
	struct streams_call call;
	off_t from, to;
	int err;

	if (!streams_node_of(self, h))
		return smb3_vfs_next_data(self->next, ctx, h, offset, len);
	err = streams_begin(self, ctx, h, &call);
	if (err)
		return err;
	err = streams_measure(&call);
	if (!err && *offset >= call.size)
		err = -ENXIO;
	from = (off_t)*offset;
	to = (off_t)call.size;
	if (!err && call.fd >= 0) {
		from = lseek(call.fd, from, SEEK_DATA);
		to = from < 0 ? from : lseek(call.fd, from, SEEK_HOLE);
		err = to < 0 ? -errno : 0;
	}
	streams_end(&call);
	if (err)
		return err;
	*offset = (uint64_t)from;
	*len = (uint64_t)(to - from);
	return 0;
}

/* A stream is read and written, by the caller's default. */
ssize_t streams_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *from,
		     uint64_t from_offset, struct smb3_handle *to, uint64_t to_offset, size_t len,
		     uint32_t flags)
{
	if (streams_node_of(self, from) || streams_node_of(self, to))
		return -EOPNOTSUPP;
	return smb3_vfs_copy(self->next, ctx, from, from_offset, to, to_offset, len, flags);
}
