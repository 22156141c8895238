// SPDX-License-Identifier: Apache-2.0
/*
 * trace_vfs.c: the filter "trace": passes every operation on and writes down what came of it.
 */
#include "trace.h"

/* "vfs OPERATION NAME ... = RESULT", evaluated once the call has returned. */
static void trace_call(struct smb3_vfs *self, const char *what, const char *name, ssize_t result)
{
	char quoted[TRACE_NAME_SIZE], number[TRACE_RESULT_SIZE];

	trace_line(self->mod, "vfs %s %s = %s", what, trace_name(name, quoted),
		   trace_result(result, number));
}

/* With a second name. */
static void trace_call_2(struct smb3_vfs *self, const char *what, const char *name,
			 const char *second, ssize_t result)
{
	char a[TRACE_NAME_SIZE], b[TRACE_NAME_SIZE], number[TRACE_RESULT_SIZE];

	trace_line(self->mod, "vfs %s %s %s = %s", what, trace_name(name, a), trace_name(second, b),
		   trace_result(result, number));
}

/* With a range of bytes. */
static void trace_call_at(struct smb3_vfs *self, const char *what, const struct smb3_handle *h,
			  uint64_t offset, uint64_t len, ssize_t result)
{
	char quoted[TRACE_NAME_SIZE], number[TRACE_RESULT_SIZE];

	trace_line(self->mod, "vfs %s %s %llu at %llu = %s", what, trace_name(h->name, quoted),
		   (unsigned long long)len, (unsigned long long)offset,
		   trace_result(result, number));
}

static int trace_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	trace_call(self, "mount", share->name, 0);
	return 0;
}

static void trace_unmount(struct smb3_vfs *self)
{
	trace_call(self, "unmount", self->mount->share->name, 0);
}

static int trace_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	int err = smb3_vfs_root(self->next, ctx, h);

	trace_call(self, "root", "", err);
	return err;
}

static int trace_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *path, struct smb3_handle *h)
{
	int err = smb3_vfs_walk(self->next, ctx, dir, path, h);

	trace_call(self, "walk", path, err);
	return err;
}

static int trace_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	int err = smb3_vfs_open(self->next, ctx, dir, name, how, h);

	trace_call(self, how->flags & SMB3_O_CREATE ? "create" : "open", name, err);
	return err;
}

static int trace_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *base, const char *stream,
			     const struct smb3_how *how, struct smb3_handle *h)
{
	int err = smb3_vfs_open_stream(self->next, ctx, base, stream, how, h);

	trace_call_2(self, how->flags & SMB3_O_CREATE ? "create_stream" : "open_stream", base->name,
		     stream, err);
	return err;
}

static void trace_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	smb3_vfs_close(self->next, h);
	trace_call(self, "close", h->name, 0);
}

static int trace_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_stat *ret_stat)
{
	int err = smb3_vfs_stat(self->next, ctx, h, ret_stat);

	trace_call(self, "stat", h->name, err);
	return err;
}

static int trace_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_stat *ret_stat)
{
	int err = smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat);

	trace_call(self, "lookup", name, err);
	return err;
}

static int trace_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 const struct smb3_setattr *set)
{
	int err = smb3_vfs_setattr(self->next, ctx, h, set);

	trace_call(self, "setattr", h->name, err);
	return err;
}

static ssize_t trace_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   void *buf, size_t len, uint64_t offset)
{
	ssize_t n = smb3_vfs_pread(self->next, ctx, h, buf, len, offset);

	trace_call_at(self, "pread", h, offset, len, n);
	return n;
}

static ssize_t trace_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, struct smb3_tube *tube, size_t len,
			    uint64_t offset)
{
	ssize_t n = smb3_vfs_splice(self->next, ctx, h, tube, len, offset);

	trace_call_at(self, "splice", h, offset, len, n);
	return n;
}

static ssize_t trace_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, const void *buf, size_t len, uint64_t offset)
{
	ssize_t n = smb3_vfs_pwrite(self->next, ctx, h, buf, len, offset);

	trace_call_at(self, "pwrite", h, offset, len, n);
	return n;
}

static int trace_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	int err = smb3_vfs_flush(self->next, ctx, h);

	trace_call(self, "flush", h->name, err);
	return err;
}

static int trace_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  uint64_t size)
{
	int err = smb3_vfs_truncate(self->next, ctx, h, size);

	trace_call_at(self, "truncate", h, size, 0, err);
	return err;
}

static int trace_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       uint64_t offset, uint64_t len, uint32_t flags)
{
	int err = smb3_vfs_alloc(self->next, ctx, h, offset, len, flags);

	trace_call_at(self,
		      flags & SMB3_ALLOC_PUNCH ? "punch" :
		      flags & SMB3_ALLOC_ZERO  ? "zero" :
						 "alloc",
		      h, offset, len, err);
	return err;
}

static int trace_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   uint64_t *offset, uint64_t *len)
{
	int err = smb3_vfs_next_data(self->next, ctx, h, offset, len);

	trace_call_at(self, "next_data", h, *offset, err ? 0 : *len, err);
	return err;
}

static ssize_t trace_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *from, uint64_t from_offset, struct smb3_handle *to,
			  uint64_t to_offset, size_t len, uint32_t flags)
{
	ssize_t n = smb3_vfs_copy(self->next, ctx, from, from_offset, to, to_offset, len, flags);

	trace_call_at(self, flags & SMB3_COPY_CLONE ? "clone" : "copy", from, from_offset, len, n);
	return n;
}

static int trace_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	int err = smb3_vfs_readdir(self->next, ctx, h, cookie, emit, arg);

	trace_call(self, "readdir", h->name, err);
	return err;
}

static int trace_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, bool directory)
{
	int err = smb3_vfs_remove(self->next, ctx, dir, name, directory);

	trace_call(self, "remove", name, err);
	return err;
}

static int trace_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_handle *to_dir, const char *to_name,
			uint32_t flags)
{
	int err = smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);

	trace_call_2(self, "rename", name, to_name, err);
	return err;
}

static int trace_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_handle *to_dir, const char *to_name)
{
	int err = smb3_vfs_link(self->next, ctx, h, to_dir, to_name);

	trace_call_2(self, "link", h->name, to_name, err);
	return err;
}

static int trace_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	int err = smb3_vfs_make(self->next, ctx, dir, name, mode, rdev, target);

	trace_call_2(self, "make", name, target, err);
	return err;
}

static int trace_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_handle *h, const char *target)
{
	int err = smb3_vfs_become(self->next, ctx, dir, name, h, target);

	trace_call(self, "become", name, err);
	return err;
}

static ssize_t trace_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, char *buf, size_t size)
{
	ssize_t n = smb3_vfs_readlink(self->next, ctx, h, buf, size);

	trace_call(self, "readlink", h->name, n);
	return n;
}

static ssize_t trace_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, const char *name, void *buf, size_t size)
{
	ssize_t n = smb3_vfs_getxattr(self->next, ctx, h, name, buf, size);

	trace_call_2(self, "getxattr", h->name, name, n);
	return n;
}

static int trace_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, const void *value, size_t len)
{
	int err = smb3_vfs_setxattr(self->next, ctx, h, name, value, len);

	trace_call_2(self, value ? "setxattr" : "removexattr", h->name, name, err);
	return err;
}

static ssize_t trace_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			       struct smb3_handle *h, char *buf, size_t size)
{
	ssize_t n = smb3_vfs_listxattr(self->next, ctx, h, buf, size);

	trace_call(self, "listxattr", h->name, n);
	return n;
}

static int trace_list_streams(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, smb3_emit_stream_fn emit, void *arg)
{
	int err = smb3_vfs_list_streams(self->next, ctx, h, emit, arg);

	trace_call(self, "list_streams", h->name, err);
	return err;
}

static int trace_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			struct smb3_fsinfo *ret_info)
{
	int err = smb3_vfs_statfs(self->next, ctx, h, ret_info);

	trace_call(self, "statfs", h->name, err);
	return err;
}

static int trace_fd(struct smb3_vfs *self, struct smb3_handle *h)
{
	int fd = smb3_vfs_fd(self->next, h);

	trace_call(self, "fd", h->name, fd < 0 ? fd : 0);
	return fd;
}

const struct smb3_vfs_ops trace_vfs_ops = {
	.name = "trace",
	.flags = SMB3_VFS_FILTER,
	.mount = trace_mount,
	.unmount = trace_unmount,
	.root = trace_root,
	.walk = trace_walk,
	.open = trace_open,
	.open_stream = trace_open_stream,
	.close = trace_close,
	.stat = trace_stat,
	.lookup = trace_lookup,
	.setattr = trace_setattr,
	.pread = trace_pread,
	.splice = trace_splice,
	.pwrite = trace_pwrite,
	.flush = trace_flush,
	.truncate = trace_truncate,
	.alloc = trace_alloc,
	.next_data = trace_next_data,
	.copy = trace_copy,
	.readdir = trace_readdir,
	.remove = trace_remove,
	.rename = trace_rename,
	.link = trace_link,
	.make = trace_make,
	.become = trace_become,
	.readlink = trace_readlink,
	.getxattr = trace_getxattr,
	.setxattr = trace_setxattr,
	.listxattr = trace_listxattr,
	.list_streams = trace_list_streams,
	.statfs = trace_statfs,
	.fd = trace_fd,
};
