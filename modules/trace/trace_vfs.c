// SPDX-License-Identifier: Apache-2.0
/*
 * trace_vfs.c: the filter "trace": passes every operation on and writes down what came of it.
 */
#include "trace.h"

/* A call that has returned: "vfs OPERATION NAME ... = RESULT 12us". */
struct call {
	struct smb3_vfs *self;
	uint64_t began; /* smb3_clock(); 0: nobody wants to know */
};

static const struct trace_conf *conf_of(const struct smb3_vfs *self)
{
	return atomic_load(&self->mod->conf);
}

static struct call begin(struct smb3_vfs *self)
{
	return (struct call){ self, conf_of(self)->durations ? smb3_clock() : 0 };
}

static bool unwanted(const struct call *call, const char *what, const char *name)
{
	const struct trace_conf *conf = conf_of(call->self);

	return (*conf->calls && !smb3_match_any(conf->calls, what)) ||
	       (*conf->names && !(name && smb3_match_any(conf->names, name)));
}

#define TOOK_SIZE 32

static const char *took(const struct call *call, char buf[TOOK_SIZE])
{
	*buf = '\0';
	if (call->began)
		snprintf(buf, TOOK_SIZE, " %lluus",
			 (unsigned long long)(smb3_clock() - call->began) / 1000);
	return buf;
}

static void trace_call(const struct call *call, const char *what, const char *name, ssize_t result)
{
	char quoted[TRACE_NAME_SIZE], number[TRACE_RESULT_SIZE], us[TOOK_SIZE];

	if (unwanted(call, what, name))
		return;
	trace_line(call->self->mod, "vfs %s %s = %s%s", what, trace_name(name, quoted),
		   trace_result(result, number), took(call, us));
}

/* With a second name. */
static void trace_call_2(const struct call *call, const char *what, const char *name,
			 const char *second, ssize_t result)
{
	char a[TRACE_NAME_SIZE], b[TRACE_NAME_SIZE], number[TRACE_RESULT_SIZE], us[TOOK_SIZE];

	if (unwanted(call, what, name) && unwanted(call, what, second))
		return;
	trace_line(call->self->mod, "vfs %s %s %s = %s%s", what, trace_name(name, a),
		   trace_name(second, b), trace_result(result, number), took(call, us));
}

/* With a range of bytes. */
static void trace_call_at(const struct call *call, const char *what, const struct smb3_handle *h,
			  uint64_t offset, uint64_t len, ssize_t result)
{
	char quoted[TRACE_NAME_SIZE], number[TRACE_RESULT_SIZE], us[TOOK_SIZE];

	if (unwanted(call, what, h->name))
		return;
	trace_line(call->self->mod, "vfs %s %s %llu at %llu = %s%s", what,
		   trace_name(h->name, quoted), (unsigned long long)len, (unsigned long long)offset,
		   trace_result(result, number), took(call, us));
}

static int trace_mount(struct smb3_vfs *self, const struct smb3_share *share)
{
	const struct call call = begin(self);

	trace_call(&call, "mount", share->name, 0);
	return 0;
}

static void trace_unmount(struct smb3_vfs *self)
{
	const struct call call = begin(self);

	trace_call(&call, "unmount", self->mount->share->name, 0);
}

static int trace_root(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	const struct call call = begin(self);
	int err = smb3_vfs_root(self->next, ctx, h);

	trace_call(&call, "root", "", err);
	return err;
}

static int trace_walk(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *path, struct smb3_handle *h)
{
	const struct call call = begin(self);
	int err = smb3_vfs_walk(self->next, ctx, dir, path, h);

	trace_call(&call, "walk", path, err);
	return err;
}

static int trace_open(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, const struct smb3_how *how, struct smb3_handle *h)
{
	const struct call call = begin(self);
	int err = smb3_vfs_open(self->next, ctx, dir, name, how, h);

	trace_call(&call, how->flags & SMB3_O_CREATE ? "create" : "open", name, err);
	return err;
}

static int trace_open_stream(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			     struct smb3_handle *base, const char *stream,
			     const struct smb3_how *how, struct smb3_handle *h)
{
	const struct call call = begin(self);
	int err = smb3_vfs_open_stream(self->next, ctx, base, stream, how, h);

	trace_call_2(&call, how->flags & SMB3_O_CREATE ? "create_stream" : "open_stream",
		     base->name, stream, err);
	return err;
}

static void trace_close(struct smb3_vfs *self, struct smb3_handle *h)
{
	const struct call call = begin(self);

	smb3_vfs_close(self->next, h);
	trace_call(&call, "close", h->name, 0);
}

static int trace_stat(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_stat *ret_stat)
{
	const struct call call = begin(self);
	int err = smb3_vfs_stat(self->next, ctx, h, ret_stat);

	trace_call(&call, "stat", h->name, err);
	return err;
}

static int trace_lookup(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_stat *ret_stat)
{
	const struct call call = begin(self);
	int err = smb3_vfs_lookup(self->next, ctx, dir, name, ret_stat);

	trace_call(&call, "lookup", name, err);
	return err;
}

static int trace_setattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 const struct smb3_setattr *set)
{
	const struct call call = begin(self);
	int err = smb3_vfs_setattr(self->next, ctx, h, set);

	trace_call(&call, "setattr", h->name, err);
	return err;
}

static ssize_t trace_pread(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   void *buf, size_t len, uint64_t offset)
{
	const struct call call = begin(self);
	ssize_t n = smb3_vfs_pread(self->next, ctx, h, buf, len, offset);

	trace_call_at(&call, "pread", h, offset, len, n);
	return n;
}

static ssize_t trace_splice(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, struct smb3_tube *tube, size_t len,
			    uint64_t offset)
{
	const struct call call = begin(self);
	ssize_t n = smb3_vfs_splice(self->next, ctx, h, tube, len, offset);

	trace_call_at(&call, "splice", h, offset, len, n);
	return n;
}

static ssize_t trace_pwrite(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			    struct smb3_handle *h, const void *buf, size_t len, uint64_t offset)
{
	const struct call call = begin(self);
	ssize_t n = smb3_vfs_pwrite(self->next, ctx, h, buf, len, offset);

	trace_call_at(&call, "pwrite", h, offset, len, n);
	return n;
}

static int trace_flush(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h)
{
	const struct call call = begin(self);
	int err = smb3_vfs_flush(self->next, ctx, h);

	trace_call(&call, "flush", h->name, err);
	return err;
}

static int trace_truncate(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  uint64_t size)
{
	const struct call call = begin(self);
	int err = smb3_vfs_truncate(self->next, ctx, h, size);

	trace_call_at(&call, "truncate", h, size, 0, err);
	return err;
}

static int trace_alloc(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		       uint64_t offset, uint64_t len, uint32_t flags)
{
	const struct call call = begin(self);
	int err = smb3_vfs_alloc(self->next, ctx, h, offset, len, flags);

	trace_call_at(&call,
		      flags & SMB3_ALLOC_PUNCH ? "punch" :
		      flags & SMB3_ALLOC_ZERO  ? "zero" :
						 "alloc",
		      h, offset, len, err);
	return err;
}

static int trace_next_data(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			   uint64_t *offset, uint64_t *len)
{
	const struct call call = begin(self);
	int err = smb3_vfs_next_data(self->next, ctx, h, offset, len);

	trace_call_at(&call, "next_data", h, *offset, err ? 0 : *len, err);
	return err;
}

static ssize_t trace_copy(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			  struct smb3_handle *from, uint64_t from_offset, struct smb3_handle *to,
			  uint64_t to_offset, size_t len, uint32_t flags)
{
	const struct call call = begin(self);
	ssize_t n = smb3_vfs_copy(self->next, ctx, from, from_offset, to, to_offset, len, flags);

	trace_call_at(&call, flags & SMB3_COPY_CLONE ? "clone" : "copy", from, from_offset, len, n);
	return n;
}

static int trace_readdir(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			 uint64_t *cookie, smb3_emit_fn emit, void *arg)
{
	const struct call call = begin(self);
	int err = smb3_vfs_readdir(self->next, ctx, h, cookie, emit, arg);

	trace_call(&call, "readdir", h->name, err);
	return err;
}

static int trace_remove(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, bool directory)
{
	const struct call call = begin(self);
	int err = smb3_vfs_remove(self->next, ctx, dir, name, directory);

	trace_call(&call, "remove", name, err);
	return err;
}

static int trace_rename(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_handle *to_dir, const char *to_name,
			uint32_t flags)
{
	const struct call call = begin(self);
	int err = smb3_vfs_rename(self->next, ctx, dir, name, to_dir, to_name, flags);

	trace_call_2(&call, "rename", name, to_name, err);
	return err;
}

static int trace_link(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
		      struct smb3_handle *to_dir, const char *to_name)
{
	const struct call call = begin(self);
	int err = smb3_vfs_link(self->next, ctx, h, to_dir, to_name);

	trace_call_2(&call, "link", h->name, to_name, err);
	return err;
}

static int trace_make(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
		      const char *name, uint32_t mode, uint64_t rdev, const char *target)
{
	const struct call call = begin(self);
	int err = smb3_vfs_make(self->next, ctx, dir, name, mode, rdev, target);

	trace_call_2(&call, "make", name, target, err);
	return err;
}

static int trace_become(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *dir,
			const char *name, struct smb3_handle *h, const char *target)
{
	const struct call call = begin(self);
	int err = smb3_vfs_become(self->next, ctx, dir, name, h, target);

	trace_call(&call, "become", name, err);
	return err;
}

static ssize_t trace_readlink(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, char *buf, size_t size)
{
	const struct call call = begin(self);
	ssize_t n = smb3_vfs_readlink(self->next, ctx, h, buf, size);

	trace_call(&call, "readlink", h->name, n);
	return n;
}

static ssize_t trace_getxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, const char *name, void *buf, size_t size)
{
	const struct call call = begin(self);
	ssize_t n = smb3_vfs_getxattr(self->next, ctx, h, name, buf, size);

	trace_call_2(&call, "getxattr", h->name, name, n);
	return n;
}

static int trace_setxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			  const char *name, const void *value, size_t len)
{
	const struct call call = begin(self);
	int err = smb3_vfs_setxattr(self->next, ctx, h, name, value, len);

	trace_call_2(&call, value ? "setxattr" : "removexattr", h->name, name, err);
	return err;
}

static ssize_t trace_listxattr(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			       struct smb3_handle *h, char *buf, size_t size)
{
	const struct call call = begin(self);
	ssize_t n = smb3_vfs_listxattr(self->next, ctx, h, buf, size);

	trace_call(&call, "listxattr", h->name, n);
	return n;
}

static int trace_list_streams(struct smb3_vfs *self, const struct smb3_ctx *ctx,
			      struct smb3_handle *h, smb3_emit_stream_fn emit, void *arg)
{
	const struct call call = begin(self);
	int err = smb3_vfs_list_streams(self->next, ctx, h, emit, arg);

	trace_call(&call, "list_streams", h->name, err);
	return err;
}

static int trace_statfs(struct smb3_vfs *self, const struct smb3_ctx *ctx, struct smb3_handle *h,
			struct smb3_fsinfo *ret_info)
{
	const struct call call = begin(self);
	int err = smb3_vfs_statfs(self->next, ctx, h, ret_info);

	trace_call(&call, "statfs", h->name, err);
	return err;
}

static int trace_fd(struct smb3_vfs *self, struct smb3_handle *h)
{
	const struct call call = begin(self);
	int fd = smb3_vfs_fd(self->next, h);

	trace_call(&call, "fd", h->name, fd < 0 ? fd : 0);
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
